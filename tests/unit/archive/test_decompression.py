"""What follows a compressed stream, held against the tools that unpack it."""

from __future__ import annotations

import bz2
import gzip
import io
import subprocess
from collections.abc import Callable

import pytest

from pkgscan.archive.decompression import decompressed

PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress}
BLOCK = 1000


def read(form: str, data: bytes) -> tuple[bytes, bytes]:
    """(content, first bytes of what is left over)"""
    file = io.BytesIO(data)
    leftover: list[bytes] = []
    content = b"".join(decompressed(form, lambda: file.read(BLOCK), leftover))
    return content, b"".join(leftover)


def unpacked(form: str, data: bytes) -> bytes:
    """What the tool makes of it, whether or not it complains of the rest."""
    return subprocess.run([form, "-dc"], input=data, capture_output=True, check=False).stdout


@pytest.mark.parametrize("zeros", [1, BLOCK, 50 * BLOCK])
@pytest.mark.parametrize("form", PACK)
def test_a_stream_behind_zeros_is_left_over(form: str, zeros: int) -> None:
    second = PACK[form](b"two")
    data = PACK[form](b"one") + bytes(zeros) + second
    content, left = read(form, data)
    assert content == unpacked(form, data) == b"one"
    assert left
    assert second.startswith(left)


@pytest.mark.parametrize("zeros", [0, 1, BLOCK, 50 * BLOCK])
@pytest.mark.parametrize("form", PACK)
def test_padding_alone_is_nothing(form: str, zeros: int) -> None:
    data = PACK[form](b"one") + bytes(zeros)
    assert read(form, data) == (unpacked(form, data), b"") == (b"one", b"")


@pytest.mark.parametrize("form", PACK)
def test_streams_end_to_end_are_one_content(form: str) -> None:
    data = PACK[form](b"one") + PACK[form](b"two")
    assert read(form, data) == (unpacked(form, data), b"") == (b"onetwo", b"")


@pytest.mark.parametrize("form", PACK)
def test_anything_else_behind_is_left_over(form: str) -> None:
    assert read(form, PACK[form](b"one") + bytes(BLOCK) + b"x") == (b"one", b"x")
