"""The header of an rpm as values: strings, lists of strings and of numbers, by tag; and the triggers that it holds.

Layout and tags: the rpm file format, version 4; triggers: rpm's manual on triggers and on file triggers.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from pkgscan.archive.member import Damage

_INTRO, _RECORD = 16, 16
_NUMBERS = {3: ">H", 4: ">I"}  # types of numbers that are asked for
_STRING, _TEXTS = 6, frozenset({6, 8, 9})  # string, string array, translated string: rpm runs the first string of any
_MOST_VALUES = 0xFFFF  # of a list; a package has a few triggers, of a few names each

# Tags of the scripts, of their interpreters, and of the names, versions, flags and script numbers of their conditions.
_FAMILIES = (
    ("", (1065, 1092, 1066, 1067, 1068, 1069)),
    ("file", (5066, 5067, 5069, 5071, 5072, 5070)),
    ("transfile", (5076, 5077, 5079, 5081, 5082, 5080)),
)
_WHEN = ((1 << 16, "triggerin"), (1 << 17, "triggerun"), (1 << 18, "triggerpostun"), (1 << 25, "triggerprein"))
_SENSES = ((2, "<"), (4, ">"), (8, "="))


class Header:
    """One header: its index, and the values that the index leads to."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._base = _INTRO + struct.unpack(">I", data[8:12])[0] * _RECORD
        self._found: dict[int, tuple[int, int, int]] = {}
        self.twice: list[int] = []  # tags that name a second value
        for tag, kind, offset, count in struct.iter_unpack(">IIII", memoryview(data)[_INTRO : self._base]):
            first = self._found.setdefault(tag, (kind, offset, count))
            if first[1] != offset and tag not in self.twice[-1:]:
                self.twice.append(tag)

    def has(self, tag: int) -> bool:
        """Whether there is a text of this tag."""
        return tag in self._found and self._found[tag][0] in _TEXTS

    def has_any(self, tags: frozenset[int]) -> bool:
        """Whether there is a value of one of some tags."""
        return not tags.isdisjoint(self._found)

    def first_texts(self, tag: int, most: int) -> list[bytes]:
        """The first strings of a tag, up to `most`; fewer where the header ends first."""
        return self._strings(tag, most, min)

    def texts(self, tag: int, most: int = _MOST_VALUES) -> list[bytes]:
        """The strings of a tag; fewer where the header ends first. Raises Damage, as of more than `most`."""
        return self._strings(tag, most, _checked)

    def _strings(self, tag: int, most: int, bounded: Callable[[int, int], int]) -> list[bytes]:
        kind, offset, count = self._found.get(tag, (0, 0, 0))
        if kind not in _TEXTS:
            return []
        at, values = self._base + offset, []
        for _ in range(1 if kind == _STRING else bounded(count, most)):
            end = self._data.find(b"\0", at)
            if end < 0:
                break
            values.append(self._data[at:end])
            at = end + 1
        return values

    def numbers(self, tag: int, most: int = _MOST_VALUES) -> list[int]:
        """The numbers of 16 or 32 bits of a tag, as many as are there. Raises Damage, as of more than `most`."""
        kind, offset, count = self._found.get(tag, (0, 0, 0))
        if kind not in _NUMBERS:
            return []
        at, size = self._base + offset, struct.calcsize(_NUMBERS[kind])
        data = self._data[at : at + size * _checked(count, most)]
        return [number for (number,) in struct.iter_unpack(_NUMBERS[kind], data[: len(data) // size * size])]


def _checked(count: int, most: int) -> int:
    if count > most:
        raise Damage("damaged", f"an rpm header with a list of {count} values, over the {most} of any package")
    return count


def triggers(header: Header) -> Iterator[tuple[bytes, bytes, bytes] | Damage]:
    """(kind, such as %triggerin; interpreter; script) of each trigger; the script says in its first line for what.

    A trigger whose conditions are not there is called %trigger.
    """
    for family, tags in _FAMILIES:
        try:
            yield from _family(header, family, tags)
        except Damage as damage:
            yield damage


def _family(header: Header, family: str, tags: tuple[int, ...]) -> Iterator[tuple[bytes, bytes, bytes] | Damage]:
    scripts, programs = header.texts(tags[0]), header.texts(tags[1])
    flags, numbers = header.numbers(tags[4]), header.numbers(tags[5])
    conditions: dict[int, tuple[int, list[bytes]]] = {}
    for name, version, flag, number in zip(header.texts(tags[2]), header.texts(tags[3]), flags, numbers, strict=False):
        sense = "".join(sign for bit, sign in _SENSES if flag & bit).encode()
        text = b"%s %s %s" % (name, sense, version) if sense and version else name
        conditions.setdefault(number, (flag, []))[1].append(text)
    if header.has(tags[0]) and not scripts:
        yield Damage("damaged", f"the scripts of its {family}triggers lie outside of the header")
    for number in range(max(len(scripts), len(programs))):
        flag, names = conditions.get(number, (0, []))
        kind = f"%{family}{next((word for bit, word in _WHEN if flag & bit), 'trigger')}".encode()
        script = scripts[number] if number < len(scripts) else b""
        program = programs[number] if number < len(programs) else b""
        yield kind, program, b"# %s -- %s\n" % (kind, b", ".join(names)) + script
