"""Scriptlets of an rpm's header, and that a header that lies costs nothing else."""

from __future__ import annotations

import gzip
import io
import struct

import pytest

from charging import charge
from pkgscan.archive.budget import Budget
from pkgscan.archive.limits import Limits
from pkgscan.archive.member import Damage, Member
from pkgscan.archive.opening import opened
from pkgscan.archive.rpm.files import HeaderFiles
from pkgscan.archive.rpm.header import Header
from pkgscan.archive.rpm.reader import scriptlets
from pkgscan.archive.spool import Spool
from pkgscan.facts.archive import Disagreement

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
    generator = scriptlets(lambda: file.read(size), charge())
    found = {}
    while True:
        try:
            member = next(generator)
        except StopIteration as end:
            replay, _ = end.value
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


def stated(*files: Member, texts: dict[int, bytes], mode: int) -> list[object]:
    """What becomes of the payload's members, of whose one file the header says this."""
    index = header(texts)
    count, size = struct.unpack(">II", index[8:16])
    record = struct.pack(">IIII", 1030, 3, size, 1)
    at = 16 + count * 16
    index = index[:8] + struct.pack(">II", count + 1, size + 2) + index[16:at] + record + index[at:]
    return list(HeaderFiles(Header(index + struct.pack(">H", mode))).stated(iter(files), "p"))


def test_the_header_says_mode_and_owner() -> None:
    payload = [Member(b"./usr/bin/a", mode=0o755, uid=7), Member(b"./usr/bin/b", mode=0o755)]
    first, second, said = stated(*payload, texts={1027: b"/usr/bin/a", 1039: b"app", 1040: b"adm"}, mode=0o104755)
    assert isinstance(first, Member)
    assert (first.mode, first.user, first.group, first.type) == (0o4755, "app", "adm", "file")
    assert second is payload[1]
    assert isinstance(said, Disagreement)
    assert (said.disagreement, said.one_reading, said.other_reading) == ("mode-differs", "4755", "0755")


def test_what_the_header_makes_a_link_is_one_as_well() -> None:
    payload = Member(b"./opt/a", mode=0o777, content=iter((b"x",)))
    first, second, said = stated(payload, texts={1027: b"/opt/a", 1036: b"/etc/shadow"}, mode=0o120777)
    assert isinstance(first, Member)
    assert isinstance(second, Member)
    assert (first.type, second.type, second.link_target) == ("file", "symlink", b"/etc/shadow")
    assert isinstance(said, Disagreement)
    assert said.disagreement == "type-differs"


def test_a_link_that_leads_elsewhere_by_the_header() -> None:
    payload = Member(b"./opt/a", type="symlink", mode=0o777, link_target=b"b")
    first, second, said = stated(payload, texts={1027: b"/opt/a", 1036: b"/etc/shadow"}, mode=0o120777)
    assert isinstance(first, Member)
    assert isinstance(second, Member)
    assert (first.link_target, second.link_target) == (b"b", b"/etc/shadow")
    assert isinstance(said, Disagreement)
    assert said.disagreement == "link-differs"


def test_a_header_of_one_mind_with_its_payload_is_no_news() -> None:
    payload = Member(b"./opt/a", mode=0o644)
    assert stated(payload, texts={1027: b"/opt/a", 1036: b""}, mode=0o100644) == [payload]


@pytest.mark.parametrize("data", [LEAD, LEAD + b"nonsense" * 40, rpm({1024: b"x"})[:140]])
def test_what_is_no_header_is_damage(data: bytes) -> None:
    with pytest.raises(Damage, match="laid out"):
        read(data)


def test_offsets_outside_of_the_store_are_said() -> None:
    data = bytearray(rpm({1024: b"x"}))
    at = data.index(struct.pack(">II", 1024, 6)) + 8
    data[at : at + 4] = struct.pack(">I", 0xFFFFFF00)
    file = io.BytesIO(bytes(data))
    (said,) = list(scriptlets(lambda: file.read(100), charge()))
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
    found = list(scriptlets(iter((data, b"")).__next__, charge()))
    assert [item.name for item in found if isinstance(item, Member)] == [b"%post"]
    assert len(found) == 1


def test_a_tag_with_two_texts_is_said_once() -> None:
    data = rpm({1024: b"first", 1025: b"second", 1026: b"third"})
    at = data.rindex(struct.pack(">II", 1025, 6))
    data = data[:at] + struct.pack(">I", 1024) + data[at + 4 : at + 16] + struct.pack(">I", 1024) + data[at + 20 :]
    found = list(scriptlets(iter((data, b"")).__next__, charge()))
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


TAGGED = {
    5103: b"echo preuntrans", 5104: b"echo postuntrans", 5105: b"/usr/bin/perl", 1079: b"echo verify",
    1088: b"/sbin/ldconfig", 1086: b"/bin/sh", 1024: b"echo post",
}  # fmt: skip


def test_interpreters_and_scripts_of_every_kind() -> None:
    found, _ = read(rpm(TAGGED))
    assert found == {
        b"%post": b"echo post",
        b"%postun": b"#!/sbin/ldconfig\n",
        b"%preuntrans": b"#!/usr/bin/perl\necho preuntrans",
        b"%postuntrans": b"echo postuntrans",
        b"%verifyscript": b"echo verify",
    }


def lists(values: dict[int, list[bytes] | list[int]], counts: dict[int, int] | None = None) -> bytes:
    """An rpm with lists of strings and of numbers; `counts` are lies."""
    store, records = b"", b""
    for tag, items in values.items():
        kind = 8 if isinstance(items[0], bytes) else 4
        store += bytes(-len(store) % 4)
        records += struct.pack(">IIII", tag, kind, len(store), (counts or {}).get(tag, len(items)))
        store += b"".join(item + b"\0" if isinstance(item, bytes) else struct.pack(">I", item) for item in items)
    main = b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">II", len(values), len(store)) + records + store
    signature = header({1000: b"xyz"})
    return LEAD + signature + bytes(-(len(LEAD) + len(signature)) % 8) + main + b"payload"


TRIGGERS: dict[int, list[bytes] | list[int]] = {
    1065: [b"echo in", b"echo un"], 1092: [b"/usr/bin/perl", b"/bin/sh"], 1066: [b"b", b"a", b"c"],
    1067: [b"2", b"", b""], 1068: [4 | 1 << 16, 1 << 16, 1 << 17], 1069: [0, 0, 1],
}  # fmt: skip


def test_triggers() -> None:
    found, rest = read(lists(TRIGGERS | {5066: [b"echo file"], 5067: [b"/bin/sh"]}))
    assert found == {
        b"trigger 1/%triggerin": b"#!/usr/bin/perl\n# %triggerin -- b > 2, a\necho in",
        b"trigger 2/%triggerun": b"# %triggerun -- c\necho un",
        b"trigger 3/%filetrigger": b"# %filetrigger -- \necho file",  # its conditions are not there
    }
    assert rest == b"payload"


@pytest.mark.parametrize("tag", TRIGGERS)
def test_a_list_that_is_longer_than_any_is_said(tag: int) -> None:
    data = lists(TRIGGERS, {tag: 0xFFFFFFFF})
    said = [item for item in scriptlets(iter((data, b"")).__next__, charge()) if isinstance(item, Damage)]
    assert [item.reason for item in said] == ["damaged"]
    assert not any(item.fatal for item in said)


@pytest.mark.parametrize("payload", [b"07070X00000000" + bytes(600), b"a text\n" * 100, b""])
def test_a_payload_that_is_no_cpio(payload: bytes) -> None:
    signature = header({1000: b"xyz"})
    data = LEAD + signature + bytes(-(len(LEAD) + len(signature)) % 8) + header({1000: b"a"}) + gzip.compress(payload)
    file, limits = io.BytesIO(data), Limits()
    budget = Budget(limits).archive()
    with (
        opened("rpm", lambda: file.read(100), None, "a.rpm", budget, Spool(limits, -1)) as (members, _),
        pytest.raises(Damage, match="payload of the rpm") as damage,
    ):
        list(members)
    assert damage.value.reason == "unsupported-format"
