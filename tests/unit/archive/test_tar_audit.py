"""Members of tars that readers differ on: what the audit sees, and that it sees it wherever blocks end."""

from __future__ import annotations

import io
import tarfile

import pytest

from packing import tar_of
from pkgscan.archive.tar.audit import TarAudit


def two_sizes(at: int, stated: int, plain: int) -> tuple[str, str]:
    """What is told of the member `second` with two sizes."""
    text = f"has {stated} bytes by its pax record, {plain} by its header, and not all unpackers heed the record"
    return "size-differs", f"second, at byte {at} of the tar, {text}; have it packed again"


def header(name: bytes, kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo(name.decode())
    info.type, info.size = kind, size
    return info.tobuf(tarfile.USTAR_FORMAT)


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


def smuggling(stated: bytes, plain: int, filler: int = 0) -> bytes:
    """A tar in which a member has two sizes, behind `filler` bytes of another."""
    comment = b"30 comment=" + b"c" * 18 + b"\n"
    record = b" size=" + stated + b"\n"
    length = len(record) + 2
    records = comment + f"{length}".encode() + record
    start = header(b"first", tarfile.REGTYPE, filler) + padded(b" size=" * (filler // 6) + b" " * (filler % 6))
    pax = header(b"PaxHeaders/x", tarfile.XHDTYPE, len(records)) + padded(records)
    return start + pax + header(b"second", tarfile.REGTYPE, plain) + padded(b"x" * plain) + bytes(1024)


def audited(data: bytes, block: int) -> list[tuple[str, str]]:
    file = io.BytesIO(data)
    audit = TarAudit(lambda: file.read(block))
    assert b"".join(iter(audit.pull, b"")) == data
    return audit.differences


@pytest.mark.parametrize("block", [100, 512, 700, 10_240, 65_536, 300_000])
@pytest.mark.parametrize("filler", [0, 700, 65_000, 200_000])
def test_two_sizes_are_seen(block: int, filler: int) -> None:
    data = smuggling(b"1024", 5, filler)
    assert audited(data, block) == [two_sizes(data.index(b"second"), 1024, 5)]


@pytest.mark.parametrize(("stated", "plain"), [(b"5", 5), (b"8589934592", 0), (b"9" * 30, 5)])
def test_what_agrees_or_needs_the_record_is_none(stated: bytes, plain: int) -> None:
    assert not audited(smuggling(stated, plain), 512)


def test_contents_that_speak_of_sizes_are_none() -> None:
    page = b'<img src="a" size="3"> 12 size=9\n' * 5000
    assert not audited(tar_of({"page.html": page, "again.html": page}), 10_240)


def test_a_tar_of_the_standard_library_with_pax_headers() -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for size in (0, 5, 700):
            info = tarfile.TarInfo("ünï" * 60)
            info.size, info.mtime = size, 1.5  # type: ignore[assignment]  # it takes fractions
            archive.addfile(info, io.BytesIO(b"y" * size))
    assert not audited(raw.getvalue(), 512)


def records(kind: bytes, text: bytes) -> bytes:
    """A pax header with these records."""
    return header(b"PaxHeaders/x", kind, len(text)) + padded(text)


SIZE = b"13 size=1024\n"
SECOND = header(b"second", tarfile.REGTYPE, 5) + padded(b"x" * 5)
LONG_NAME = header(b"././@LongLink", tarfile.GNUTYPE_LONGNAME, 7) + padded(b"second\0")


@pytest.mark.parametrize("block", [1, 511, 10_240, 262_144])
def test_a_record_behind_a_long_comment(block: int) -> None:
    text = b"300017 comment=" + b"c" * 300_001 + b"\n" + SIZE
    data = records(tarfile.XHDTYPE, text) + SECOND + bytes(2048)
    assert audited(data, block) == [two_sizes(data.index(b"second"), 1024, 5)]


@pytest.mark.parametrize("block", [1, 511, 10_240])
def test_a_tar_in_a_tar_is_not_its_own(block: int) -> None:
    inner = smuggling(b"1024", 5)
    assert not audited(tar_of({"inner.tar": inner, "plain": b"x"}), block)


@pytest.mark.parametrize("between", [LONG_NAME, header(b"label", b"V", 0), header(b"l", b"K", 3) + padded(b"abc")])
def test_a_record_is_of_the_member_behind_other_headers(between: bytes) -> None:
    pax = records(tarfile.XHDTYPE, b"10 size=5\n")
    assert not audited(pax + between + SECOND + bytes(1024), 700)
    told = records(tarfile.XHDTYPE, SIZE) + between + SECOND + bytes(2048)
    assert audited(told, 700) == [two_sizes(told.rindex(b"second", 0, -3000), 1024, 5)]


def test_a_record_for_all_is_held_against_each() -> None:
    data = records(tarfile.XGLTYPE, SIZE) + LONG_NAME + SECOND * 2 + bytes(1024)
    assert audited(data, 512) == [two_sizes(at, 1024, 5) for at in (2048, 3072)]


def test_records_behind_every_kind_of_member_are_found() -> None:
    base_256 = bytearray(header(b"large", tarfile.REGTYPE, 0))
    base_256[124:136] = b"\x80" + bytes(9) + b"\x02\x00"
    sparse = bytearray(header(b"disk", tarfile.GNUTYPE_SPARSE, 700))
    sparse[257:265], sparse[482] = b"ustar  \0", 1
    before = (
        bytes(base_256) + bytes(512)
        + bytes(sparse) + bytes(504) + b"\1" + bytes(7) + bytes(512) + bytes(1024)
        + header(b"rest", b"M", 600) + bytes(1024)
        + header(b"link", tarfile.SYMTYPE, 900) + header(b"directory", tarfile.DIRTYPE, 900)
        + header(b"hard", tarfile.LNKTYPE, 900)
        + header(b"hard", tarfile.LNKTYPE, 900) + b"d" * 1024
    )  # fmt: skip
    first = header(b"first", tarfile.REGTYPE, 0)
    data = first + before + records(tarfile.XHDTYPE, SIZE) + SECOND + bytes(2048)
    for block in (1, 513, 65_536):
        assert audited(data, block)[1:] == [two_sizes(data.index(b"second"), 1024, 5)]
        assert audited(data, block)[0][1].startswith(
            "link, at byte 5632 of the tar, is a symbolic link with a size of 900"
        )


def test_what_is_no_tar_is_not_followed() -> None:
    assert not audited(b"x" * 512 + smuggling(b"1024", 5), 512)


INNER = header(b"inner", tarfile.REGTYPE, 3) + padded(b"abc")
AGAIN = "; have it packed again"


def odd(head: bytes, *before: bytes) -> bytes:
    """A tar with this header between two plain members, `before` and a member as its data around it."""
    return SECOND + b"".join(before) + head + INNER + SECOND + bytes(1024)


def summed(head: bytes, **fields: bytes) -> bytes:
    """A header with other fields, each named by `at` and its first byte."""
    changed = bytearray(head)
    for place, field in fields.items():
        changed[int(place[2:]) : int(place[2:]) + len(field)] = field
    changed[148:156] = b" " * 8
    changed[148:156] = b"%06o\0 " % sum(changed)
    return bytes(changed)


def told_at(head: bytes, *before: bytes, block: int = 700) -> list[tuple[str, str]]:
    """What is told of a header, its offset cut out of the texts."""
    at = f", at byte {1024 + sum(map(len, before))} of the tar, "
    found = audited(odd(head, *before), block)
    assert all(at in text and text.endswith(AGAIN) for _, text in found)
    return [(kind, text.replace(at, " ").removesuffix(AGAIN)) for kind, text in found]


@pytest.mark.parametrize(
    ("kind", "what"), [(b"2", "a symbolic link"), (b"3", "a device"), (b"4", "a device"), (b"6", "a fifo")]
)
@pytest.mark.parametrize("block", [1, 511, 65_536])
def test_a_size_of_what_has_no_content(kind: bytes, what: str, block: int) -> None:
    text = f"odd is {what} with a size of 1024 bytes: some unpackers pass over them, others read members there"
    assert told_at(header(b"odd", kind, 1024), block=block) == [("size-differs", text)]
    assert not told_at(header(b"odd", kind, 0))


def test_a_size_of_what_has_no_content_that_its_record_repeats() -> None:
    found = told_at(header(b"odd", b"2", 1024), records(tarfile.XHDTYPE, SIZE))
    assert [kind for kind, _ in found] == ["size-differs"]


def test_directories_with_a_size_are_read_alike() -> None:
    assert not told_at(header(b"odd", b"5", 1024))
    assert not told_at(header(b"odd/", b"5", 1024))
    assert not told_at(header(b"odd/", b"D", 1024))  # GNU tar's, with the names in it


def test_a_hard_link_with_content_is_one_where_records_allow_it() -> None:
    text = "odd is a hard link with a size of 1024 bytes: some unpackers pass over them, others read members there"
    comment = records(tarfile.XHDTYPE, b"12 comment=\n")
    assert told_at(header(b"odd", b"1", 1024), comment) == [("size-differs", text)]
    assert not told_at(header(b"odd", b"1", 1024))


@pytest.mark.parametrize("kind", [b"0", b"\0", b"7", b"Z"])
def test_a_file_that_is_a_directory_by_its_name(kind: bytes) -> None:
    text = " is a directory by its name and holds 1024 bytes: some unpackers write a file, some read members"
    assert told_at(summed(header(b"odd/", b"0", 1024), at156=kind)) == [("type-differs", f"odd/{text}")]
    by_prefix = summed(header(b"", b"0", 1024), at156=kind, at345=b"over")
    assert told_at(by_prefix) == [("type-differs", f"over/{text}")]
    long = b"n" * 99 + b"/"
    assert told_at(summed(header(b"", b"0", 1024), at0=long, at156=kind)) == [
        ("type-differs", f"{long.decode()}{text}")
    ]
    assert not told_at(header(b"odd/", b"0", 0))
    assert not audited(SECOND + summed(header(b"odd", b"0", 1024), at4=b"/") + INNER + bytes(1024), 512)


def test_a_directory_by_a_long_name_alone() -> None:
    text = "odd/ is a directory by its name and holds 1024 bytes: some unpackers write a file, some read members"
    for said in (records(tarfile.XHDTYPE, b"13 path=odd/\n"), header(b"l", b"L", 5) + padded(b"odd/\0")):
        assert told_at(header(b"odd", b"0", 1024), said) == [("type-differs", text)]
    assert not told_at(header(b"odd/", b"0", 1024), records(tarfile.XHDTYPE, b"12 path=odd\n"))


def test_what_follows_a_directory_with_content_is_read_on() -> None:
    hidden = header(b"odd/", b"0", 1024) + header(b"two/", b"0", 700)
    assert [kind for kind, _ in audited(SECOND + hidden + bytes(1024), 512)] == ["type-differs"] * 2


@pytest.mark.parametrize("block", [1, 513, 65_536])
def test_two_long_names(block: int) -> None:
    pax, gnu = records(tarfile.XHDTYPE, b"15 path=by-pax\n"), header(b"l", b"L", 7) + padded(b"by-gnu\0")
    text = "by-pax is called 'by-pax' by its pax record and 'by-gnu' by a GNU long name"
    for before in ((pax, gnu), (gnu, pax)):
        assert told_at(header(b"odd", b"0", 1024), *before, block=block) == [("name-differs", text)]
    assert not told_at(header(b"odd", b"0", 1024), gnu)
    assert not told_at(header(b"odd", b"0", 1024), pax)
    assert not told_at(header(b"odd", b"0", 1024), records(tarfile.XHDTYPE, b"15 path=by-gnu\n"), gnu)


def test_two_long_links() -> None:
    pax, gnu = records(tarfile.XHDTYPE, b"19 linkpath=by-pax\n"), header(b"l", b"K", 7) + padded(b"by-gnu\0")
    found = [("name-differs", "odd leads to 'by-pax' by its pax record and 'by-gnu' by a GNU long name")]
    assert told_at(header(b"odd", b"2", 0), pax, gnu) == told_at(header(b"odd", b"1", 0), gnu, pax) == found
    assert not told_at(header(b"odd", b"0", 1024), pax, gnu)  # no link


def test_long_names_are_of_one_member() -> None:
    pax, gnu = records(tarfile.XHDTYPE, b"15 path=by-pax\n"), header(b"l", b"L", 7) + padded(b"by-gnu\0")
    assert not audited(gnu + SECOND + pax + SECOND + SECOND + gnu + SECOND + bytes(1024), 700)


def test_a_zero_byte_in_the_name_of_a_record() -> None:
    text = "good has a zero byte in the name that its pax record gives, where some cut it"
    record = records(tarfile.XHDTYPE, b"18 path=good\0evil\n")
    assert told_at(header(b"odd", b"0", 1024), record) == [("nul-in-name", text)]


@pytest.mark.parametrize(
    ("field", "shown", "taken"),
    [
        (b"0o2000", "'0o2000'", 0), (b"00000002_000", "'00000002_000'", 2), (b"2000 0000000", "'2000 0000000'", 1024),
        (b"12 34", "'12 34'", 10), (b"+0000002000", "'+0000002000'", 0),
        (b"\0" + b"0000002000", "'\\x000000002000'", 0),
        (b"2008", "'2008'", 128), (b"2000z", "'2000z'", 1024), (b"\x0b2000", "'\\x0b2000'", 0),
    ],
)  # fmt: skip
def test_a_size_that_is_no_plain_number(field: bytes, shown: str, taken: int) -> None:
    head = summed(header(b"odd", b"0", 0), at124=field.ljust(12, b"\0"))
    found = audited(SECOND + head + bytes(1024), 512)
    text = f"has its size written as {shown}, which is {taken} to some unpackers and not to others"
    assert found == [("size-differs", f"odd, at byte 1024 of the tar, {text}; have it packed again")]


@pytest.mark.parametrize(
    "field",
    [
        b"2000", b"00000002000\0", b"00000002000 ", b"000000002000", b"       2000 ", b"2000        ",
        b"2000\0rubbish", b"\0" * 12, b" " * 12, b"\x80" + bytes(9) + b"\x04\0",
    ],
)  # fmt: skip
def test_sizes_that_all_read_alike(field: bytes) -> None:
    assert not told_at(summed(header(b"odd", b"0", 0), at124=field.ljust(12, b"\0")))


@pytest.mark.parametrize("value", [b"1_024", b"+1024", b" 1024", b"1024x", b"-1", b"", b"1024.5"])
def test_a_record_whose_size_is_no_plain_number(value: bytes) -> None:
    record = b" size=" + value + b"\n"
    length = len(record) + (1 if len(record) < 9 else 2)
    found = told_at(header(b"odd", b"0", 1024), records(tarfile.XHDTYPE, f"{length}".encode() + record))
    text = f"odd has the size {value.decode()!r} by its pax record, which is no plain number, and 1024 by its header"
    assert ("size-differs", text) in found


def test_a_label_with_content() -> None:
    text = "odd is a label to some unpackers, and to others a file of 1024 bytes"
    assert told_at(header(b"odd", b"V", 1024)) == [("type-differs", text)]
    assert not told_at(header(b"odd", b"V", 0))


def test_what_has_no_sum_of_a_header_is_none() -> None:
    broken = header(b"odd", b"2", 1024).replace(b"odd", b"bad", 1)
    assert not audited(odd(broken), 700)


def test_differences_told_are_bounded() -> None:
    assert len(audited(header(b"odd", b"2", 1) * 150 + bytes(1024), 65_536)) == 100


def test_many_sizes_are_followed_as_few_are() -> None:
    tars = b"".join(header(b"n", b"0", size) + padded(b"x" * size) for size in range(5000) if size % 17 == 0)
    assert audited(tars * 2 + smuggling(b"1024", 5), 65_536)[0][0] == "size-differs"


def placed(magic: bytes, prefix: bytes) -> bytes:
    head = bytearray(header(b"x", b"0", 0))
    head[257:265], head[345 : 345 + len(prefix)] = magic, prefix
    return summed(bytes(head))


@pytest.mark.parametrize("magic", [b"ustar  \0", bytes(8)])
@pytest.mark.parametrize("prefix", [b"etc/cron.d", b"123456789012/etc/cron.d", b"\x80/../etc/cron.d"])
def test_a_prefix_where_only_some_readers_look_for_one(magic: bytes, prefix: bytes) -> None:
    shown = ascii(prefix.decode("utf-8", "backslashreplace"))
    text = f"x has {shown} in a place that some unpackers take for folders before its name"
    assert told_at(placed(magic, prefix)) == [("name-differs", text)]


@pytest.mark.parametrize("prefix", [b"", b"15301204143\x0015301204143\0", b"\x80" + bytes(7) + b"1234", b"7 "])
def test_times_of_gnu_tar_are_no_prefix(prefix: bytes) -> None:
    assert told_at(placed(b"ustar  \0", prefix)) == []
    assert told_at(placed(b"ustar\x0000", b"etc/cron.d")) == []
