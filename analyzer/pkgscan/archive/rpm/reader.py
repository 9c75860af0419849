"""The scriptlets and triggers in an rpm's header, each a member of its own, and where the payload begins.

Layout (rpm file format, version 3 and 4): a lead of 96 bytes, the signature header padded to 8, the main header, then
the compressed cpio. A header is magic, two counts, an index of 16-byte records (tag, type, offset, count), a store.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Generator, Iterator

from pkgscan.archive.member import Charge, Damage, Member
from pkgscan.archive.rpm.files import HeaderFiles
from pkgscan.archive.rpm.header import Header, triggers

_LEAD = 96
_MAGIC = b"\x8e\xad\xe8\x01"
_INTRO = 16
_RECORD = 16
_MOST_RECORDS = 0xFFFF  # rpm's own HEADER_TAGS_MAX: it refuses a header with more

# Tags of the script and of its interpreter.
_SCRIPTLETS = {
    b"%pre": (1023, 1085),
    b"%post": (1024, 1086),
    b"%preun": (1025, 1087),
    b"%postun": (1026, 1088),
    b"%pretrans": (1151, 1153),
    b"%posttrans": (1152, 1154),
    b"%preuntrans": (5103, 5105),
    b"%postuntrans": (5104, 5106),
    b"%verifyscript": (1079, 1091),
}
_SIGNATURES = frozenset({267, 268, 278, 1002, 1005})  # tags of OpenPGP signatures, in the header of signatures
_ARGUMENTS = 100  # of an interpreter, with itself; real ones have one or two
_SHELL = b"/bin/sh"  # what runs a script unless its package says otherwise

Pull = Callable[[], bytes]


def scriptlets(pull: Pull, charge: Charge) -> Generator[Member | Damage, None, tuple[Pull, HeaderFiles]]:
    """The scriptlets as members called `%post` and so on; returns a pull that hands out the payload, and its files.

    Before them the header of the signatures as a member called `%signature`, if it has one.

    Triggers are called `trigger 1/%triggerin`, and begin with a line that says for what they are. Where another program
    than the shell runs a script, it begins with a line that names the program.

    Raises fatal Damage where the headers are not as they should be.
    """
    ahead = _Ahead(pull, charge)
    try:
        start = ahead.header_end(_LEAD)
        about = ahead.bytes(_LEAD, start)
        start += -start % 8
        end = ahead.header_end(start)
        header = Header(ahead.bytes(start, end))
    except _NotRpmError:
        raise Damage("damaged", "its headers are not laid out as an rpm's", fatal=True) from None
    if Header(about).has_any(_SIGNATURES):
        yield Member(name=b"%signature", content=iter((about,)), size=len(about), has_mode=False)
    for text in _texts(header):
        if isinstance(text, Damage):
            yield text
            continue
        name, script = text
        yield Member(name=name, content=iter((script,)), size=len(script), mode=0o755, uid=0, gid=0, user="root")
    files = HeaderFiles(header)
    if files.damage is not None:
        yield files.damage
    return ahead.rest(end), files


class _NotRpmError(Exception):
    """The headers are not as they should be."""


class _Ahead:
    """Bytes read ahead of where the reading goes on."""

    def __init__(self, pull: Pull, charge: Charge) -> None:
        self._pull = pull
        self._charge = charge
        self._charged = 0
        self._have = bytearray()

    def bytes(self, start: int, end: int) -> bytes:
        self._charge(max(0, end - self._charged))
        self._charged = max(self._charged, end)
        while len(self._have) < end:
            block = self._pull()
            if not block:
                raise _NotRpmError
            self._have += block
        return bytes(self._have[start:end])

    def header_end(self, start: int) -> int:
        intro = self.bytes(start, start + _INTRO)
        if intro[:4] != _MAGIC:
            raise _NotRpmError
        records, store = struct.unpack(">II", intro[8:16])
        if records > _MOST_RECORDS:
            raise Damage("damaged", f"an rpm header of {records} tags, over the {_MOST_RECORDS} of rpm", fatal=True)
        return int(start + _INTRO + records * _RECORD + store)

    def rest(self, start: int) -> Pull:
        ready = [bytes(self._have[start:])] if len(self._have) > start else []
        self._have = bytearray()
        return lambda: ready.pop() if ready else self._pull()


def _texts(header: Header) -> Iterator[tuple[bytes, bytes] | Damage]:
    """Each scriptlet and trigger of a header, once; where a tag names another text as well, that it does."""
    names = {tag: name for name, tags in _SCRIPTLETS.items() for tag in tags}
    for tag in sorted({*header.twice} & {*names}):
        yield Damage("damaged", f"the header names {names[tag].decode()} twice, the first was read")
    for name, (tag, program_tag) in _SCRIPTLETS.items():
        script = header.first_texts(tag, 1)
        if header.has(tag) and not script:
            yield Damage("damaged", f"{name.decode()} lies outside of the header")
        elif script or header.has(program_tag):
            yield name, _with_program(b" ".join(header.first_texts(program_tag, _ARGUMENTS)), b"".join(script))
    for number, found in enumerate(triggers(header), 1):
        if isinstance(found, Damage):
            yield found
        else:
            yield b"trigger %d/%s" % (number, found[0]), _with_program(found[1], found[2])


def _with_program(program: bytes, script: bytes) -> bytes:
    return script if program in {b"", _SHELL} else b"#!" + program + b"\n" + script
