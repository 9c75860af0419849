"""Capabilities of files, from the bytes of their attribute; getcap is asked in tests/oracles/test_capabilities.py."""

from __future__ import annotations

import base64
import struct

import pytest

from pkgscan.archive.capabilities import capabilities_text, decoded


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (struct.pack("<5L", 0x02000001, 1 << 13, 0, 0, 0), "cap_net_raw=ep"),
        (struct.pack("<5L", 0x02000000, 1 << 7 | 1 << 13, 0, 0, 0), "cap_setuid,cap_net_raw=p"),
        (struct.pack("<5L", 0x02000001, 1, 1, 0, 0), "cap_chown=eip"),
        (struct.pack("<5L", 0x02000001, 1, 2, 0, 0), "cap_chown=ep cap_dac_override=ei"),
        (struct.pack("<5L", 0x02000001, 0, 0, 1 << 8, 0), "cap_checkpoint_restore=ep"),
        (struct.pack("<5L", 0x02000001, 0, 0, 1 << 31, 0), "cap_63=ep"),
        (struct.pack("<6L", 0x03000001, 1, 0, 0, 0, 1000), "cap_chown=ep"),  # of a user namespace
        (struct.pack("<3L", 0x01000001, 1, 0), "cap_chown=ep"),
        (struct.pack("<5L", 0x02000001, 0, 0, 0, 0), ""),
        (struct.pack("<4L", 0x02000001, 1, 0, 0), "0x01000002010000000000000000000000"),  # cut off
        (b"x", "0x78"),
    ],
)
def test_capabilities_in_words(value: bytes, text: str) -> None:
    assert capabilities_text(value) == text


@pytest.mark.parametrize("size", range(5))
def test_base64_with_and_without_its_end(size: int) -> None:
    value = bytes(range(size))
    assert decoded(base64.b64encode(value)) == decoded(base64.b64encode(value).rstrip(b"=")) == value
