"""Archives in a script's own text, as base64 or uuencoded lines: named where the first lines decode to an archive."""

from __future__ import annotations

import base64
import binascii
import re

from pkgscan.archive.formats import HEAD, detect, unread_format
from pkgscan.patterns import pattern

# What the base64 of a gzip, bzip2, xz, zstd, 7z or zip begins with, wherever a word may begin.
_MARKS = (b"H4sI", b"Qlpo", b"/Td6", b"KLUv", b"N3q8", b"UEsDB", b"\nbegin")
_WORD = pattern(rb"(?<![A-Za-z0-9+/])(?:H4sI|Qlpo|/Td6|KLUv|N3q8|UEsDB)[A-Za-z0-9+/]{52,1000}")
# Lines as base64 tools write them, enough of them for the header of a tar.
_LINES = pattern(rb"^(?:[A-Za-z0-9+/]{60,1000}={0,2}\r?\n){1,16}", re.MULTILINE)
_LINE = pattern(rb"^[A-Za-z0-9+/]{60,1000}={0,2}\r?$", re.MULTILINE)
_UU = pattern(rb"^X?begin(-base64)? [0-7]{3,4} [^\n]{1,1000}\n([^\n]{2,1000})\n", re.MULTILINE)
_END = 1024  # bytes at the end of a text that are looked at for lines of base64


def may_encode(part: bytes) -> bool:
    """Whether a part of a text may belong to an encoded archive: asked of every script, so nothing is decoded."""
    return any(mark in part for mark in _MARKS) or _LINE.search(part[-_END:]) is not None


def first_encoded(data: bytes) -> tuple[str, int] | None:
    """("base64" or "uuencode", place) of an archive in the lines of a text."""
    for found in _WORD.finditer(data):
        if _is_archive(_from_base64(found[0])):
            return "base64", found.start()
    end = -1
    for found in _LINES.finditer(data):
        if found.start() != end and _is_archive(_from_base64(found[0])):  # the start of a run of lines
            return "base64", found.start()
        end = found.end()
    for found in _UU.finditer(data):
        line = found[2].rstrip(b"\r")
        if _is_archive(_from_base64(line) if found[1] else _from_uu(line)):
            return "uuencode", found.start()
    return None


def _is_archive(decoded: bytes) -> bool:
    return bool(detect(decoded[:HEAD]) or unread_format(decoded))


def _from_base64(text: bytes) -> bytes:
    text = b"".join(text.split()).partition(b"=")[0]
    return base64.b64decode(text[: len(text) // 4 * 4])


def _from_uu(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""
