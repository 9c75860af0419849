"""Reads tar, cpio, ar, deb, rpm, lha, 7z, rar, cab, ISO 9660 and compressed files through libarchive.

Content comes by `archive_read_data_block`; every return code is handled here.
"""

from __future__ import annotations

import ctypes
import stat
from collections.abc import Iterator
from itertools import chain

from pkgscan.archive.blocks import SMALL, together, zeros
from pkgscan.archive.cpio.audit import LinkAudit
from pkgscan.archive.cpio.links import CpioLinks
from pkgscan.archive.cpio.sums import CpioSums
from pkgscan.archive.ends import Lz4Sizes
from pkgscan.archive.libarchive.binding import ALONE, FORMATS, PLAIN, refusal
from pkgscan.archive.libarchive.handle import EOF, OK, Handle, Pull, text_of
from pkgscan.archive.member import TYPE_BITS, UNIX_TYPES, Damage, Member, Window
from pkgscan.model import EntryType, Fact

# Of archive_format(): the family, and those whose members end with their declared size.
_FAMILY, _RAW, _TAR, _CPIO, _RAR5 = 0xFF0000, 0x090000, 0x030000, 0x010000, 0x100000
_NO_MODES = frozenset({0x0C0000})  # cab: the library makes them up
_SIZED = frozenset({_CPIO, _TAR, 0x070000})  # cpio, tar, ar

_ENDING = frozenset({_CPIO, _TAR})  # cpio and tar end with a mark, and not with the file
_BEHIND = b"<data after the archive>"  # the name of what follows that mark


def members(
    pull: Pull,
    name: bytes,
    behind: Fact | None = None,
    sums: CpioSums | None = None,
    audit: LinkAudit | None = None,
) -> Iterator[Member | Fact | Damage]:
    """Members of the archive whose bytes `pull()` hands out (empty at the end), in their order.

    A single compressed file has one member, called `name`. Before data that follows the end mark comes the fact
    `behind`, if one is given. `sums` are those of a cpio, through which its bytes come, and `audit` sees its members
    pass. Raises `Damage`; a member's content must be consumed before the next member is asked for.
    """
    reader = _Reader(pull, FORMATS)
    try:
        yield from reader.members(name, behind, sums, audit)
    finally:
        reader.close()


def members_alone(
    form: str, pull: Pull = bytes, window: Window | None = None, without: tuple[str, ...] = ()
) -> Iterator[Member | Fact | Damage]:
    """Members of an archive in one of the formats that are read each by itself, `ALONE`; by seeking in `window`.

    `without` names extensions of the format to pass over. Raises `Damage`, fatal where the library is not fit for it.
    """
    if reason := refusal(form):
        raise Damage("unsupported-format", reason, fatal=True)
    reader = _Reader(pull, ALONE[form], window=window)
    for extension in without:
        reader.disable(form, extension)
    try:
        yield from reader.members(b"")
    finally:
        reader.close()


def decompressed(form: str, pull: Pull, leftover: list[bytes]) -> Iterator[bytes]:
    """The content behind a stream in one of `FILTERS`, block by block, whatever it is. Raises `Damage`.

    What follows the last stream and is no padding goes to `leftover`, its first bytes that is.
    """
    sizes = Lz4Sizes(pull) if form == "lz4" else None
    # A frame to be skipped, which may stand first, is the same in both.
    reader = _Reader(sizes.pull if sizes else pull, PLAIN, ("zstd", "lz4") if form == "zstd" else (form,))
    try:
        for member in reader.members(b"content"):
            if not reader.is_filtered:
                raise Damage("damaged", f"{form} by its first bytes, and no such stream to libarchive", fatal=True)
            if isinstance(member, Member):
                yield from sizes.compared(member.content) if sizes else member.content
        leftover.append(next(reader.unread(-1), b""))
    finally:
        reader.close()


class _Reader(Handle):
    """One open archive, as members."""

    def __init__(
        self, pull: Pull, formats: tuple[str, ...], filters: tuple[str, ...] = (), window: Window | None = None
    ) -> None:
        super().__init__(pull, formats, filters, window)
        self._name = b""  # of the one member of what is no archive
        self._sized = self._modes = False
        self._latin = "lha" in formats  # and never anything else, so that the bytes can be had back
        self._nameless = 0
        self._names = (self.lib.pathname, self.lib.symlink, self.lib.hardlink)
        self._buffer, self._count, self._offset = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_int64()
        self._references = ctypes.byref(self._buffer), ctypes.byref(self._count), ctypes.byref(self._offset)

    def members(
        self,
        name: bytes,
        behind: Fact | None = None,
        sums: CpioSums | None = None,
        audit: LinkAudit | None = None,
    ) -> Iterator[Member | Fact | Damage]:
        lib, handle = self.lib, self.handle
        self.open()
        pointer = ctypes.c_void_p()
        reference = ctypes.byref(pointer)
        next_header, family, links = lib.next_header, -1, CpioLinks()
        while (code := next_header(handle, reference)) != EOF:
            if code != OK and (damage := self.header_damage(code)) is not None:
                yield damage
            if family < 0:
                family = lib.format(handle) & _FAMILY
                self._name = name if _is_raw(family, name) else b""
                if family == _RAR5:  # its names are said to be UTF-8: as they are, whether they can be converted or not
                    self._names = lib.utf8_names
                self._sized, self._modes = family in _SIZED, family not in {_RAW, *_NO_MODES}
            if family == _CPIO:
                member, names = self._member(pointer), lib.nlink(pointer)
                if audit:
                    member = audit.seen(member, (lib.device(pointer), lib.inode(pointer)), names)
                yield from links.put(sums.checked(member) if sums else member, names)
            else:
                yield self._member(pointer)
        yield from links.rest()
        yield from self._end(family, behind)

    def _end(self, family: int, behind: Fact | None) -> Iterator[Member | Fact]:
        if self.failure is not None:
            raise self.failure
        if family < 0 and self.lib.format(self.handle) & _FAMILY == _TAR:
            raise Damage("damaged", "it begins with zeros, as only the end of a tar does", fatal=True)
        if family in _ENDING:
            yield from self._behind(behind)

    def _behind(self, fact: Fact | None) -> Iterator[Member | Fact]:
        """What follows the end mark, if it is more than padding: other unpackers may go on there."""
        rest = self.unread(0)
        if found := next(rest, b""):
            if fact is not None:
                yield fact
            yield Member(name=_BEHIND, content=chain((found,), rest), has_mode=False)

    def _member(self, entry: ctypes.c_void_p) -> Member:
        """One member. Each call into the library costs as much as ten lines of Python, so none is made in vain."""
        lib = self.lib
        pathname, symlink, hardlink = self._names
        path = self._name or pathname(entry) or self._odd_name(lib.wide_pathname(entry))
        if self._latin:
            path = path.decode("utf-8", "surrogateescape").encode("latin-1", "replace")
        self.member = b"" if self._name else path
        mode = lib.mode(entry)
        kind: EntryType = UNIX_TYPES.get(mode & TYPE_BITS, "file")
        size = lib.size(entry)
        target = (symlink(entry) if kind == "symlink" else hardlink(entry)) or b""
        if target and kind == "file" and not size:
            kind = "hardlink"
        user = text_of(lib.uname(entry))
        gid, group = (lib.gid(entry), text_of(lib.gname(entry))) if mode & stat.S_ISGID else (0, "")
        data: bytes | None = None
        if not self._sized and lib.is_locked(entry):  # the library hands out the encrypted bytes of a stored rar member
            content = _locked()
        elif not self._sized or size > SMALL:
            content = together(self._content(size if self._sized else -1))
            if self._latin:
                content = _of_size(content, size)
        elif size:
            content, data = self._small(size)
        else:
            content, data = iter(()), b""
        # By position, in the order of the fields: by name it takes several times as long.
        uid = lib.uid(entry)
        return Member(path, kind, size, mode & ~TYPE_BITS, self._modes, uid, gid, user, group, target, content, data)

    def _odd_name(self, name: str | None) -> bytes:
        """A name of UTF-16 that is none, such as half a surrogate pair; or one that the library makes nothing of."""
        self._nameless += not name
        return (name or f"<name {self._nameless} that cannot be read>").encode("utf-8", "surrogatepass")

    def _small(self, size: int) -> tuple[Iterator[bytes], bytes | None]:
        """A small content, taken at once: most come in one block, and no generator has to be made for them."""
        code = self.lib.read_block(self.handle, *self._references)
        if code == OK and self._count.value == size and not self._offset.value:
            data = ctypes.string_at(self._buffer, size)
            return iter((data,)), data
        return together(self._content(size, code)), None

    def _content(self, size: int, code: int | None = None) -> Iterator[bytes]:
        """The blocks of the current member; with its size known, the call that would say "no more" is spared.

        `code` is that of a block already asked for.
        """
        lib, handle = self.lib, self.handle
        read, buffer, count, offset = lib.read_block, self._buffer, self._count, self._offset
        at = 0
        while at != size:
            code = read(handle, *self._references) if code is None else code
            if code != OK:
                if code == EOF and self.failure is None:
                    yield from zeros(offset.value - at)
                    return
                self.check(code, "content")
            if offset.value > at:
                yield from zeros(offset.value - at)  # a hole of a sparse file
            at = offset.value + count.value
            if count.value:
                yield ctypes.string_at(buffer, count.value)
            code = None


def _locked() -> Iterator[bytes]:
    """The content of an encrypted member."""
    raise Damage("encrypted", "encrypted, not readable without its password")
    yield b""


def _of_size(blocks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The content of an lha's member: of a stored one, the library compares the checksum alone."""
    passed = 0
    for block in blocks:
        passed += len(block)
        yield block
    if passed != size:
        raise Damage("wrong-size", f"{passed} bytes came out, its header states {size}")


def _is_raw(family: int, name: bytes) -> bool:
    """Whether a content is no archive to libarchive, as it may be where a name for it is given."""
    if family == _RAW and not name:
        raise Damage("damaged", "it is an archive by its first bytes, and libarchive reads none", fatal=True)
    return family == _RAW
