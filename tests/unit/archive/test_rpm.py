"""Scriptlets of an rpm's header, and that a header that lies costs nothing else."""

from __future__ import annotations

import io
import struct

import pytest

from pkgscan.archive.member import Damage, Member
from pkgscan.archive.rpm import scriptlets

LEAD = b"\xed\xab\xee\xdb".ljust(96, b"\0")


def header(texts: dict[int, bytes]) -> bytes:
    """A header of string tags, laid out as the rpm file format says."""
    store, records = b"", b""
    for tag, text in texts.items():
        records += struct.pack(">IIII", tag, 6, len(store), 1)
        store += text + b"\0"
    return b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">II", len(texts), len(store)) + records + store


def rpm(texts: dict[int, bytes]) -> bytes:
    signature = header({1000: b"xyz"})
    return LEAD + signature + bytes(-(len(LEAD) + len(signature)) % 8) + header(texts) + b"payload"


def read(data: bytes, size: int = 10) -> tuple[dict[bytes, bytes], bytes]:
    file = io.BytesIO(data)
    generator = scriptlets(lambda: file.read(size))
    found = {}
    while True:
        try:
            member = next(generator)
        except StopIteration as end:
            replay = end.value
            break
        assert isinstance(member, Member)
        found[member.name] = b"".join(member.content)
    rest = b""
    while block := replay():
        rest += block
    return found, rest


@pytest.mark.parametrize("size", [1, 10, 100_000])
def test_scriptlets_and_then_the_payload(size: int) -> None:
    data = rpm({1000: b"name", 1024: b"systemctl restart x", 1025: b"echo bye"})
    found, rest = read(data, size)
    assert found == {b"%post": b"systemctl restart x", b"%preun": b"echo bye"}
    assert rest == b"payload"


@pytest.mark.parametrize("data", [LEAD, LEAD + b"nonsense" * 40, rpm({1024: b"x"})[:140]])
def test_what_is_no_header_is_damage(data: bytes) -> None:
    with pytest.raises(Damage, match="laid out"):
        read(data)


def test_offsets_outside_of_the_store_are_said() -> None:
    data = bytearray(rpm({1024: b"x"}))
    at = data.index(struct.pack(">II", 1024, 6)) + 8
    data[at : at + 4] = struct.pack(">I", 0xFFFFFF00)
    file = io.BytesIO(bytes(data))
    (said,) = list(scriptlets(lambda: file.read(100)))
    assert isinstance(said, Damage)
    assert "outside" in said.detail


def test_a_header_of_many_gigabytes_is_not_awaited() -> None:
    with pytest.raises(Damage, match="header"):
        read(LEAD + b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">II", 0xFFFFFFFF, 0xFFFFFFFF) + bytes(200))


def test_a_tag_is_read_once_however_often_it_comes() -> None:
    records = struct.pack(">IIII", 1024, 6, 0, 1) * 60_000
    many = b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">II", 60_000, 5) + records + b"echo\0"
    signature = header({1000: b"xyz"})
    data = LEAD + signature + bytes(-(len(LEAD) + len(signature)) % 8) + many
    found = list(scriptlets(iter((data, b"")).__next__))
    assert [item.name for item in found if isinstance(item, Member)] == [b"%post"]
    assert len(found) == 1


def test_a_tag_with_two_texts_is_said_once() -> None:
    data = rpm({1024: b"first", 1025: b"second", 1026: b"third"})
    at = data.rindex(struct.pack(">II", 1025, 6))
    data = data[:at] + struct.pack(">I", 1024) + data[at + 4 : at + 16] + struct.pack(">I", 1024) + data[at + 20 :]
    found = list(scriptlets(iter((data, b"")).__next__))
    assert [item.detail for item in found if isinstance(item, Damage)] == [
        "the header names %post twice, the first was read"
    ]
    assert [b"".join(item.content) for item in found if isinstance(item, Member)] == [b"first"]


def test_more_tags_than_rpm_takes_are_said() -> None:
    with pytest.raises(Damage, match="65536 tags"):
        read(
            LEAD
            + header({1000: b"xyz"}).ljust(40, b"\0")
            + b"\x8e\xad\xe8\x01"
            + bytes(4)
            + struct.pack(">II", 65536, 0)
        )
