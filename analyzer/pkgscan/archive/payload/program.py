"""Where a program ends in its own file, by its headers: what is behind it, the system does not load.

Sources: the ELF gABI (file header, program and section header tables) and the PE format (COFF header, optional header,
section table, attribute certificate table).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TypeAlias

import msgspec

Read: TypeAlias = Callable[[int, int], bytes]  # (place, count) -> bytes, fewer at the end of what is there

_ELF64_HEADER, _ELF32_HEADER = 64, 52
_ELF64, _LITTLE = 2, 1
_NOBITS = 8  # a section that takes no room in the file
_PE_OFFSET = 60  # where the offset of the PE header stands
_COFF = struct.Struct("<HHLLLHH")
_SECTION = struct.Struct("<8sLLLLLLHHL")
_SYMBOL = 18  # bytes of a COFF symbol
_CERTIFICATES = {0x10B: 128, 0x20B: 144}  # where the optional header has their place and size, by its magic
_MOST_SECTIONS = 96  # the loader takes no more


class Section(msgspec.Struct, frozen=True):
    """A section of a PE: its name, and its place and size in the file."""

    name: bytes
    at: int
    size: int


class Program(msgspec.Struct, frozen=True):
    """What is behind a program: where that begins (`end` of the program) and where it stops."""

    end: int
    stop: int
    sections: tuple[Section, ...] = ()


def elf(read: Read, size: int) -> Program | None:
    """An ELF file of `size` bytes; None if its header leads nowhere.

    With a `read` that hands out only the first bytes the end is a lower bound: section headers stand at the end.
    """
    head = read(0, _ELF64_HEADER)
    if len(head) < _ELF64_HEADER or not head.startswith(b"\x7fELF"):
        return None
    order, wide = "<" if head[5] == _LITTLE else ">", head[4] == _ELF64
    form, at = ("QQQLHHHHHH", 24) if wide else ("LLLLHHHHHH", 24)
    _, segments, sections, _, own, segment, count, entry, number, _ = struct.unpack_from(order + form, head, at)
    ends = [own, segments + segment * count, sections + entry * number]
    segment_form, section_form = (order + "LLQQQQQQ", order + "LLQQQQLLQQ") if wide else (order + "8L", order + "10L")
    segment_at, segment_size = (2, 5) if wide else (1, 4)
    ends += [row[segment_at] + row[segment_size] for row in _rows(read, segments, segment, count, segment_form)]
    ends += [row[4] + row[5] for row in _rows(read, sections, entry, number, section_form) if row[1] != _NOBITS]
    return Program(max((end for end in ends if end <= size), default=size), size)


def _rows(read: Read, at: int, size: int, count: int, form: str) -> list[tuple[int, ...]]:
    """The rows of a header table, at most 65,535, as their count has 16 bits; none if their size is not the form's."""
    if size != struct.calcsize(form) or not count:
        return []
    table = read(at, size * count)
    return list(struct.iter_unpack(form, table[: len(table) // size * size]))


def pe(read: Read, size: int) -> Program | None:
    """A PE file of `size` bytes, certificates and symbols taken for parts of it; None for others that begin with MZ."""
    at = int.from_bytes(read(_PE_OFFSET, 4), "little")
    head = read(at, 4 + _COFF.size)
    if len(head) < 4 + _COFF.size or not head.startswith(b"PE\0\0"):
        return None
    _, count, _, symbols, symbol_count, optional, _ = _COFF.unpack_from(head, 4)
    begin = at + 4 + _COFF.size
    table = read(begin + optional, _SECTION.size * min(count, _MOST_SECTIONS))
    rows = _SECTION.iter_unpack(table[: len(table) // _SECTION.size * _SECTION.size])
    sections = tuple(Section(row[0].rstrip(b"\0"), row[4], row[3]) for row in rows)
    ends = [section.at + section.size for section in sections if section.size]
    end = max([begin + optional + len(table), *(end for end in ends if end <= size)])
    if end <= symbols < size:
        strings = symbols + _SYMBOL * symbol_count
        length = int.from_bytes(read(strings, 4), "little")
        end = strings + length if strings + length <= size else end
    return Program(end, _certificates_at(read, begin, size, end), sections)


def _certificates_at(read: Read, begin: int, size: int, end: int) -> int:
    """Where the certificates behind the program begin, which end the file; else where the file ends."""
    place = _CERTIFICATES.get(int.from_bytes(read(begin, 2), "little"))
    if place is None:
        return size
    at, length = struct.unpack("<LL", read(begin + place, 8).ljust(8, b"\0"))
    return at if length and end <= at and at + length <= size else size
