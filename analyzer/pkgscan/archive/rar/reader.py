"""Reads RAR archives: the block headers by a walk of our own, packed contents through libarchive.

libarchive checks no stored content, gives the copies of a file as empty ones, and takes an archive that is cut between
two members for a whole one. So the blocks lead here: what is stored is read in place, what is packed comes from
libarchive's member at the same place in the order, and each is held against its header. A member that libarchive does
not come to is listed all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from pkgscan.archive.libarchive.reader import members_alone
from pkgscan.archive.member import Charge, Damage, Member, Window
from pkgscan.archive.names import name_text
from pkgscan.archive.rar import rar4 as rar4_blocks
from pkgscan.archive.rar import rar5 as rar5_blocks
from pkgscan.archive.rar.block import FILE_COPY, HARD_LINK, LEAST, SOFT_LINKS, Block
from pkgscan.archive.rar.content import checked, stored, unread
from pkgscan.archive.rar.names import misleads
from pkgscan.facts.archive import Disagreement, DisagreementKind
from pkgscan.model import Fact, Span

BEHIND = b"<data after the archive>"
_STREAM = b"STM"  # a service block with another data stream of the file before it, of NTFS
_NAMELESS, _NAMELESS_END = b"<name ", b" that cannot be read>"  # the name of a member that libarchive has none for
_MODE = 0o7777
_MOST_NAME = 65_535  # bytes of a link's target that stands in the data: no system takes as many

Item: TypeAlias = "Member | Fact | Damage"


def read_rar(window: Window, path: str, charge: Charge) -> Iterator[Item]:
    """Members of the RAR archive that `window` holds, `path` being its entry path.

    Raises fatal `Damage` where the headers are encrypted.
    """
    yield from _Reading(window, path, charge).items()


class _Library:
    """libarchive's members, one for each file block; none from where it gives up."""

    def __init__(self, window: Window) -> None:
        self._members = members_alone("rar", window=window)
        self._returned: Member | None = None
        self.failure: Damage | None = None

    def give_back(self, member: Member) -> None:
        """Have a member come again: libarchive passes over some that began in an earlier volume."""
        self._returned = member

    def next(self) -> Iterator[Item]:
        """What it says of the next member, and that member last; without one where it has no more."""
        if self._returned is not None:
            member, self._returned = self._returned, None
            yield member
            return
        try:
            for item in self._members:
                yield item
                if isinstance(item, Member):
                    return
        except Damage as damage:
            self.failure = damage

    def why(self) -> tuple[str, str]:
        """Why a member is not there: reason and detail."""
        if self.failure is None:
            return "damaged", "libarchive finds no such member in the rar"
        return self.failure.reason, f"libarchive ends before it: {self.failure.detail}"


def _named(member: Member, block: Block) -> Member:
    """Of a name that comes twice on end libarchive takes the second for a part of the first, and says nothing of it."""
    if member.name.startswith(_NAMELESS) and member.name.endswith(_NAMELESS_END):
        member.name = block.name
        member.has_mode, member.mode = block.mode >= 0, max(block.mode, 0) & _MODE
    return member


class _Reading:
    """One pass over one archive."""

    def __init__(self, window: Window, path: str, charge: Charge) -> None:
        self._window = window
        self._charge = charge
        self._span = Span(path)
        self._library = _Library(window)
        self._names: set[int] = set()  # hashes of the names of files so far: the entry limit bounds them
        self._file = b""  # the last file, to which service blocks belong

    def _bounded(self, blocks: Iterator[Block | Damage]) -> Iterator[Block | Damage]:
        """The blocks, as long as their headers stay within the limit."""
        try:
            for block in blocks:
                if isinstance(block, Block):
                    self._charge(max(LEAST, block.data - block.at))
                yield block
        except Damage as damage:
            yield damage

    def items(self) -> Iterator[Item]:
        """Everything there is to see and to say."""
        is_new = self._window.read(0, len(rar5_blocks.MARK)) == rar5_blocks.MARK
        modern = files = whole = said = False
        last = 0
        for block in self._bounded((rar5_blocks if is_new else rar4_blocks).blocks(self._window)):
            if isinstance(block, Damage):
                said = True
                yield block
                break
            yield from self._of(block)
            modern, files = modern or block.modern, files or block.kind == "file"
            whole, last = block.kind == "end", block.end
        yield from self._rest(said=said)
        # RAR 1.5 and 2 wrote no end: of what only they may have written, a cut between two members cannot be told.
        if not whole and not said and (modern or not files):
            yield Damage("truncated", "the rar has no end block: members that followed are missing")
        if whole:
            yield from self._behind(last)

    def _of(self, block: Block) -> Iterator[Item]:
        """The items that a block comes to."""
        where = f"the block at byte {block.at} of the rar"
        if block.kind == "locked":
            raise Damage("encrypted", "the headers are encrypted, not readable without the password", fatal=True)
        if not block.sound:
            yield Damage("bad-checksum", f"{where} has another checksum than it states")
        if block.kind == "file":
            yield from self._member(block)
        elif block.kind == "service":
            yield from self._service(block)
        elif block.kind == "unknown":
            yield Damage("unsupported-format", f"{where} is of a kind that is not known")
        elif block.volume:
            yield Damage("multi-volume", "this is one part of a split rar, the other parts are not here")

    def _member(self, block: Block) -> Iterator[Item]:
        member: Member | None = None
        for item in self._library.next():
            if isinstance(item, Member):
                member = _named(item, block)
            else:
                yield item
        name = name_text(block.name)
        differ = member is not None and member.name.rstrip(b"/") != block.name.rstrip(b"/")
        if member is not None and differ and block.split:
            self._library.give_back(member)
            member = None
        if member is None:
            member = Member(name=block.name, has_mode=block.mode >= 0, mode=max(block.mode, 0) & _MODE)
            member.content = unread(*self._library.why())
        elif differ:
            other = name_text(member.name)
            yield self._differs("name-differs", f"{name} is {other} to libarchive", name, other)
        if misleads(block.name, block.old_name):
            other = name_text(block.old_name)
            yield self._differs("name-differs", f"{name} is {other} to readers of the old name", name, other)
        yield from self._duplicate(block, name)
        if block.redirection:
            yield from self._link(block, member)
        else:
            yield from self._plain(block, member)
        self._file = block.name

    def _duplicate(self, block: Block, name: str) -> Iterator[Item]:
        key = hash(block.name)
        if key in self._names and not (block.directory or block.split):
            yield self._differs("duplicate-name", f"{name} stands in the rar twice")
        if not block.directory:
            self._names.add(key)

    def _plain(self, block: Block, member: Member) -> Iterator[Item]:
        """A file or a directory, as the block has it."""
        if block.directory:
            member.type, member.link_target, member.content = "directory", b"", iter(())
            yield member
            yield from self._hidden(block)
            return
        if member.type in {"file", "hardlink", "symlink", "directory"} or block.packed:
            member.type, member.link_target = "file", b""
        member.size = block.size
        member.content = self._content(block, member.content)
        if block.stored and not (block.locked or block.split) and block.end <= self._window.size:
            member.stored_at = (block.data, block.packed)
        yield member

    def _content(self, block: Block, packed: Iterator[bytes]) -> Iterator[bytes]:
        """The content of a file; `packed` is libarchive's."""
        if block.locked:
            return unread("encrypted", "encrypted, not readable without its password")
        if block.split:
            return unread("multi-volume", "only a part of it is in this volume of a split rar")
        if block.stored:
            return stored(block, self._window)
        if block.outdated:
            return unread("unsupported-method", "packed in the way of RAR 1.5 or 2, which is not read")
        return checked(packed, block)

    def _link(self, block: Block, member: Member) -> Iterator[Item]:
        """A link, or a copy of another file: that is a hard link to whoever asks for the content."""
        member.content, member.size, target = iter(()), 0, block.target
        if block.redirection in SOFT_LINKS:
            member.type = "symlink"
            if not target:
                yield from self._read_target(block, member)
                return
        elif block.redirection in {HARD_LINK, FILE_COPY}:
            member.type = "hardlink"
            if hash(target) not in self._names:
                detail = f"{name_text(block.name)} is a copy of {name_text(target)}, which does not stand before it"
                yield Damage("damaged", detail)
        else:
            member.type, member.content = "file", unread("unsupported-method", "a link of a kind that is not known")
        member.link_target = target.replace(b"\\", b"/")
        yield member
        yield from self._hidden(block)

    def _read_target(self, block: Block, member: Member) -> Iterator[Item]:
        """RAR 4 has the target of a link as its content."""
        name = name_text(block.name)
        if block.packed > _MOST_NAME:
            yield Damage("corrupt", f"the target of the link {name} takes {block.packed} bytes")
        elif not block.stored or block.locked or block.split:
            yield Damage("unsupported-method", f"the target of the link {name} is packed or encrypted")
        else:
            try:
                member.link_target = b"".join(stored(block, self._window))
            except Damage as damage:
                yield Damage(damage.reason, f"the target of the link {name}: {damage.detail}")
        yield member

    def _hidden(self, block: Block) -> Iterator[Item]:
        """Data of what can have none: others may unpack them as a file."""
        if not block.packed:
            return
        name = name_text(block.name)
        yield self._differs("type-differs", f"{name} is a directory or a link, with data as a file has")
        yield Member(name=block.name, size=block.size, content=self._raw(block), has_mode=False)

    def _raw(self, block: Block) -> Iterator[bytes]:
        """The data of a block that is none of libarchive's members."""
        if block.stored or block.locked or block.split:
            return self._content(block, iter(()))
        return unread("unsupported-method", "packed data where a rar has none")

    def _service(self, block: Block) -> Iterator[Item]:
        """Of what belongs to the archive or to a file before, another stream of a file is content, too."""
        if block.name == _STREAM and block.packed:
            yield Member(name=self._file + b":<stream>", size=block.size, content=self._raw(block), has_mode=False)

    def _rest(self, *, said: bool) -> Iterator[Item]:
        """What libarchive has more than the blocks; `said`: that the blocks broke off."""
        while items := list(self._library.next()):
            for item in items:
                if isinstance(item, Member) and not said:
                    name = name_text(item.name)
                    yield self._differs("local-only", f"{name} is found by libarchive only", "", name)
                yield item

    def _behind(self, end: int) -> Iterator[Item]:
        """What follows the end block, if it is more than padding."""
        rest = self._window.part(end, self._window.size - end)
        if any(block.strip(b"\0") for block in rest.blocks()):
            text = f"{rest.size} bytes stand behind the end of the archive"
            yield self._differs("data-after-end", text)
            yield Member(name=BEHIND, size=rest.size, content=rest.blocks(), has_mode=False, stored_at=(end, rest.size))

    def _differs(self, kind: DisagreementKind, text: str, here: str = "", there: str = "") -> Disagreement:
        return Disagreement(span=self._span, text=text, disagreement=kind, one_reading=here, other_reading=there)
