"""Reads a zip the way every kind of unzipper would, and says where they would see different files.

Most readers go by the directory at the end; streaming readers and some others go by the local headers before each
member's data. Here the directory leads, every local header is compared with it, and what only one side knows is
read as well. Bytes before and behind the archive come out as members of their own, so that a second archive in
them, or the program of a self-extracting one, is read like anything else.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import TypeAlias

from pkgscan.archive.member import Damage, Member, Window
from pkgscan.archive.names import name_text
from pkgscan.archive.zip.audit import (
    DESCRIPTOR_SIZE,
    Notes,
    apk_signature,
    descriptor_difference,
    differences,
    same,
    unicode_name_misleads,
)
from pkgscan.archive.zip.content import Packed
from pkgscan.archive.zip.directory import (
    Directory,
    Index,
    central_records,
    find_directory,
    index_records,
)
from pkgscan.archive.zip.local import SMALLEST, local_entries, read_local
from pkgscan.archive.zip.member import directory_member, link_member, local_member, stated_type, stretch_member
from pkgscan.archive.zip.mode import who_links
from pkgscan.archive.zip.record import (
    AES,
    CENTRAL,
    CENTRAL_FORM,
    DESCRIPTOR,
    ENCRYPTED,
    FULL16,
    LOCAL,
    STREAMED,
    Central,
    Local,
    entry_type,
    unicode_path,
    utf8_name,
)
from pkgscan.archive.zip.salvage import salvage
from pkgscan.facts.archive import Disagreement
from pkgscan.facts.signing import Signature

BEFORE, AFTER = b"<data before the archive>", b"<data after the archive>"
SPANNING_MARKS = (DESCRIPTOR, b"PK00")  # four bytes that splitting tools leave at the start; they mean nothing
READ_AHEAD = 64 << 10  # bytes; smaller members come in one read together with their header
EXTRA_ROOM = 64  # bytes by which a local header is usually longer than its name
FIRST_AGAIN = 2  # the reading at which sharing a header is said
SHARED_READINGS = 16  # how often the bytes of one local header are read; the same bytes are the same bytes

Item: TypeAlias = "Member | Disagreement | Signature | Damage"


def read_zip(window: Window, path: str, entries: int, *, all_read: bool = True) -> Iterator[Item]:
    """Every member of the zip that `window` holds, with what readers would disagree on.

    `path` is the entry path of the archive, `entries` how many its reader takes; `all_read`: small members are unpacked
    at once, since all of them will be read. Damage that costs no single member is yielded as a value; fatal Damage is
    raised. Consume, or leave, a member's content before you ask for the next item.
    """
    directory = find_directory(window)
    if directory is None:
        yield from salvage(window)
        return
    if directory.spanned:
        yield Damage("multi-volume", "this is one part of a split archive, the other parts are not here")
    index = index_records(window, directory, entries)
    yield from _Reading(window, path, directory, index, all_read=all_read).items()


class _Reading:
    """One pass over one archive."""

    def __init__(self, window: Window, path: str, directory: Directory, index: Index, *, all_read: bool) -> None:
        self.all_read = all_read
        self.window = window
        self.path = path
        self.directory = directory
        self.index = index
        self.notes = Notes(path)
        self.first_of_name: dict[bytes, tuple[int, int]] = {}
        self.readings: dict[int, int] = {}  # of shared headers

    def items(self) -> Iterator[Item]:
        yield from self._before()
        directory = self.directory
        for record in central_records(self.window, directory.start, directory.stop):
            yield from self._entry(record)
        yield from self._counts()
        yield from apk_signature(self.window, directory.start, self.path)
        yield from self._hidden(self.index.end, directory.stop)
        for start, base in directory.others:
            yield from self._other_directory(start, base)
        yield from self._after()
        yield from self.notes.rest()

    def _entry(self, record: Central) -> Iterator[Item]:
        start = max(0, record.offset + self.directory.base)
        ahead = record.packed if self.all_read and record.packed < READ_AHEAD else 0
        local, head = read_local(self.window, start, 30 + len(record.name) + EXTRA_ROOM + ahead + DESCRIPTOR_SIZE)
        name = utf8_name(record.name, record.flags)
        other_name = unicode_path(record.name, record.extra)
        source = self._source(record, local, head, start)
        first = start not in self.readings
        yield from self._names(record, name, other_name)
        if start in self.index.shared:
            yield from self._shared(start, name, source)
        member = directory_member(record, other_name or name, source, at_once=self.all_read)
        kind = member.type
        yield member
        if kind == "file" and (stated := stated_type(record)) not in {kind, "fifo"}:  # one is what came by a pipe
            text = f"{name_text(name)} is a {stated} by its attributes and holds data: some unpackers write a file"
            yield from self.notes.say("type-differs", text, name, directory=stated)
        if kind == "file" and (who := who_links(record)) and (link := link_member(record, name, source)):
            text = f"{who} makes {name_text(name)} a link to {name_text(link.link_target)}, others make it a file"
            yield from self.notes.say("type-differs", text, name, directory="symlink")
            yield link
        if other_name is not None and unicode_name_misleads(record.name, other_name):
            yield directory_member(record, name, source)
        if local is None and not self.directory.spanned:
            text = f"the directory lists {name_text(name)}, but no local header is where it points"
            yield from self.notes.say("directory-only", text, name, directory=name_text(name))
            yield from self._hidden(start, self._following(start))
        elif local is not None and first:
            yield from self._beside(record, local, name, source, start)

    def _source(self, record: Central, local: Local | None, head: bytes, start: int) -> Packed:
        flags, at = record.flags, start
        refusal = None
        if local is None and self.directory.spanned:
            refusal = Damage("multi-volume", "lies in another part of a split archive")
        elif local is None:
            refusal = Damage("no-local-header", f"no local header is at byte {start}, where the directory points")
        elif record.disk not in {0, FULL16}:
            refusal = Damage("multi-volume", f"lies in part {record.disk + 1} of a split archive")
        if local is not None:
            at = local.data
            flags &= local.flags | ~ENCRYPTED  # bytes are read as plain if one side says so; the checksum judges
            head = head[at - start : at - start + record.packed]
        source = Packed(self.window, at, record.packed, record.size, record.crc, record.method, flags, head, refusal)
        if flags & ENCRYPTED or record.method == AES:
            source.extra = record.extra
        return source

    def _names(self, record: Central, name: bytes, other_name: bytes | None) -> Iterator[Item]:
        if b"\0" in name:
            cut = name_text(name[: name.index(b"\0")])
            text = f"the name holds a NUL byte: some readers see {cut!r}"
            yield from self.notes.say("nul-in-name", text, name, directory=name_text(name))
        if other_name is not None and unicode_name_misleads(record.name, other_name):
            here, there = name_text(name), name_text(other_name)
            text = f"the entry is called {here}, its unicode path field calls it {there}"
            yield from self.notes.say("unicode-name-differs", text, name, directory=here)
        if self.index.repeated and hash(record.name) in self.index.repeated:
            yield from self._repeated(record, name)

    def _repeated(self, record: Central, name: bytes) -> Iterator[Item]:
        known = self.first_of_name.get(name)
        if known is None:
            self.first_of_name[name] = (record.crc, record.size)
        elif name[-1:] != b"/":
            alike = known == (record.crc, record.size)
            text = f"the directory lists {name_text(name)} twice, with " + (
                "the same content" if alike else "other content"
            )
            yield from self.notes.say("duplicate-copy" if alike else "duplicate-name", text, name)

    def _shared(self, start: int, name: bytes, source: Packed) -> Iterator[Item]:
        count = self.readings.get(start, 0) + 1
        self.readings[start] = count
        total = self.index.shared[start]
        if count == FIRST_AGAIN:
            text = f"{total} entries of the directory point to one local header"
            yield from self.notes.say("shared-header", text, name, directory=name_text(name))
        if count > SHARED_READINGS:
            detail = f"shares its bytes with {total - 1} other entries, of which {SHARED_READINGS} were read"
            source.refusal = Damage("shared-header", detail)

    def _beside(self, record: Central, local: Local, name: bytes, source: Packed, start: int) -> Iterator[Item]:
        """What stands around the data of a member: its header, its descriptor, and what lies up to the next one."""
        end, following = local.data + record.packed, self._following(start)
        if not same(record, local):
            yield from self._differing(record, local, name)
        if local.flags & STREAMED:
            tail = self.window.read(end, DESCRIPTOR_SIZE)
            difference = descriptor_difference(record, tail)
            if difference is not None:
                text = f"directory says {difference.directory}, the descriptor behind the data {difference.local}"
                yield from self.notes.say(difference.kind, text, name, difference.directory, difference.local)
        if 0 <= source.used < source.packed:
            text = f"the packed data of {name_text(name)} ends {source.packed - source.used} bytes early"
            yield from self.notes.say("size-differs", text, name)
            yield from self._hidden(source.at + source.used, min(end, following))
        if end > following and self.window.read(following, 4) in {LOCAL, CENTRAL}:
            text = f"the data of {name_text(name)} runs {end - following} bytes into what follows"
            yield from self.notes.say("overlap", text, name)
        yield from self._hidden(end, following)

    def _following(self, start: int) -> int:
        """Where the next thing begins that the directory speaks of."""
        starts = self.index.starts
        place = bisect_right(starts, start)
        return starts[place] if place < len(starts) else self.directory.end_record

    def _differing(self, record: Central, local: Local, name: bytes) -> Iterator[Item]:
        kinds = set()
        for difference in differences(record, local):
            kinds.add(difference.kind)
            text = f"directory says {difference.directory}"
            text += f", local header says {difference.local}" if difference.local else ""
            yield from self.notes.say(difference.kind, text, name, difference.directory, difference.local)
        if kinds & {"name-differs", "method-differs", "size-differs"}:
            yield self._as_local(record, local)

    def _as_local(self, record: Central, local: Local) -> Member:
        """The member as a reader of local headers gets it."""
        follow = local.sizes_follow
        packed, size, crc = (
            (record.packed, record.size, record.crc) if follow else (local.packed, local.size, local.crc)
        )
        source = Packed(self.window, local.data, packed, size, crc, local.method, record.flags & local.flags)
        return local_member(local, source, entry_type(local.name, record.host, record.attributes, size))

    def _hidden(self, start: int, stop: int) -> Iterator[Item]:
        """Members in a stretch that the directory does not speak of."""
        if stop - start < SMALLEST:
            return
        for found in local_entries(self.window, start, stop):
            member = local_member(found.local, found.source)
            text = f"{name_text(member.name)} stands in a local header only: readers of the directory do not see it"
            yield from self.notes.say("local-only", text, member.name, local=name_text(member.name))
            yield member

    def _counts(self) -> Iterator[Item]:
        count, declared = self.index.count, self.directory.count
        if count & 0xFFFF == declared & 0xFFFF and (count == declared or declared <= FULL16):
            return  # old writers count modulo 65,536
        if count < declared and self.directory.stop - self.index.end >= CENTRAL_FORM.size:
            yield Damage("corrupt", f"the zip directory breaks off after {count} of {declared} entries")
        else:
            text = f"the end record counts {declared}, the directory holds {count}"
            yield from self.notes.say("count-differs", text, None, f"{declared} entries", f"{count} entries")

    def _other_directory(self, start: int, base: int) -> Iterator[Item]:
        directory = self.directory
        records = central_records(self.window, directory.start, directory.stop)
        known = {hash((record.name, record.offset + directory.base)) for record in records}
        text = f"another directory is at byte {start}, which some readers take instead"
        yield from self.notes.say("second-directory", text)
        for record in central_records(self.window, start, directory.stop):
            at = max(0, record.offset + base)
            if hash((record.name, at)) not in known:
                local, head = read_local(self.window, at, 30 + len(record.name) + EXTRA_ROOM)
                name = utf8_name(record.name, record.flags)
                yield from self.notes.say(
                    "second-directory", f"{name_text(name)} stands in the other directory only", name
                )
                yield directory_member(record, name, self._source(record, local, head, at))

    def _before(self) -> Iterator[Item]:
        first = self.index.starts[0]
        head = self.window.read(0, min(first, 4))
        if first <= len(head):  # the mark of a split archive, or of a format that is a zip behind its own magic
            return
        earlier = find_directory(self.window, first)
        if earlier is not None and earlier.start < earlier.stop:
            around = int.from_bytes(self.window.read(earlier.end_record + 20, 2), "little")
            if earlier.end_record + 22 + around > first:
                text = "this zip stands in the comment of another one: some readers see the other"
                yield from self.notes.say("archive-in-comment", text)
            else:
                yield from self.notes.say("second-archive", "another whole zip stands before this one")
        elif head == LOCAL or head in SPANNING_MARKS:
            yield from self._hidden(0, first)
            return
        yield stretch_member(self.window, BEFORE, 0, first)

    def _after(self) -> Iterator[Item]:
        end, size = self.directory.end, self.window.size
        rest = self.window.part(end, size - end)
        if any(block.strip(b"\0") for block in rest.blocks()):  # padding with zeros harms nobody
            yield from self.notes.say("data-after-end", f"{size - end} bytes stand behind the end of the archive")
            yield stretch_member(self.window, AFTER, end, size)
