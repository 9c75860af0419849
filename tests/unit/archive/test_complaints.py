"""What libarchive says, in words that say what to do; and that no name in its words decides anything."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from packing import tar_of
from pkgscan.archive.libarchive.complaints import damage, header_damage, reason_of
from pkgscan.archive.libarchive.reader import members
from pkgscan.archive.member import Damage, Member
from pkgscan.testing import scan

HARMLESS = [  # as libarchive 3.6.2 and 3.8.10 write them
    "Pathname can't be converted from UTF-8 to current locale.",
    "Pathname cannot be converted from UTF-16LE to current locale",
    "Linkname can't be converted from UTF-8 to current locale",
    "Uname cannot be converted from UTF-8 to current locale.",
    "Symlink cannot be converted from CP437 to current locale",
    "Pathname cannot be converted from ISO-8859-1 to Unicode.",
    "Ignoring malformed pax mtime",
    "Ignoring malformed pax creationtime",
    "Ignoring unreasonably large security.selinux attribute: 999999 > 1048576",
    "Unreasonably large xattr: 70000000 > 67108864",
    "Unreasonably large ACL: 70000000 > 67108864",
    "Parse error:  SCHILY.acl.access",
    "Malformed OS X metadata entry: inconsistent size",
    "Mac metadata is too large: 99999999 > 10 MiB",
    "Mac metadata is too large: 99999999 > 4M bytes",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_leaves_name_and_content_right_is_nothing(text: str) -> None:
    assert header_damage(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "File is beyond end-of-media: acl",
        "File is beyond end-of-media: Pathname can't be converted from UTF-8 to current locale",
        "Ignoring out-of-order file (xattr mtime) 1 < 2",
        "Unsupported pax global extended header attribute 'selinux'",
        "Skipping hardlink pointing to itself: fflags",
        "Ignoring malformed pax mtime of another kind",
        "Ignoring malformed pax mtime\nand more",
        "Parse error: SUN.holesdata",
        "Ignoring malformed pax attributes: empty name found",
    ],
)
def test_any_other_warning_is_said_whatever_name_is_in_it(text: str) -> None:
    found = header_damage(text)
    assert found is not None
    assert (found.reason, found.fatal) == ("misread-header", False)
    assert text in found.detail


def test_an_access_list_for_solaris_ends_the_archive() -> None:
    found = header_damage("Malformed Solaris ACL attribute (unparsable)")
    assert found is not None
    assert (found.reason, found.fatal) == ("damaged", True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Truncated tar archive detected while reading data", "truncated"),
        ("truncated gzip input", "truncated"),
        ("Premature end-of-file", "truncated"),
        ("Lzma library error:  No progress is possible", "truncated"),
        ("Encryption is not supported", "encrypted"),
        ("The file content is encrypted, but currently not supported", "encrypted"),
        ("Damaged tar archive (bad header checksum)", "bad-checksum"),
        ("7-Zip bad CRC: 0x1 should be 0x2", "bad-checksum"),
        ("Can't allocate memory for zlib", "limit-memory"),
        ("Unsupported filter type: 0x9", "unsupported-method"),
        ("Unrecognized archive format", "damaged"),
        ("File is beyond end-of-media: encrypted.crc", "damaged"),
        ("Ignoring out-of-order file (truncated) 1 < 2", "damaged"),
        ("Skipping hardlink pointing to itself: unsupported", "damaged"),
    ],
)
def test_reasons(text: str, reason: str) -> None:
    assert reason_of(text) == reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Truncated input file", "ends too early, as a broken download or one part of several does: join the parts"),
        ("Unrecognized archive format", "is damaged, or is not what its first bytes say: get the package again"),
        ("Bad CRC", "is not what was packed, since its checksum is another: get the package again"),
        ("Encryption is not supported", "is encrypted: unpack it with its password, and scan what comes out"),
        ("Unsupported method", "is packed in a way that is not read here: unpack it, and scan what comes out"),
        ("Can't allocate memory for x", "raise it with --limit memory=N"),
    ],
)
@pytest.mark.parametrize(
    ("where", "what"), [("open", "the archive"), ("header", "the rest of the archive"), ("content", "the content")]
)
def test_what_is_broken_and_what_to_do_come_first(text: str, said: str, where: str, what: str) -> None:
    detail = damage(text, where, b"", fatal=False).detail
    assert detail.startswith(f"{what} ")
    assert said in detail
    assert detail.endswith(f" (libarchive: {text})")


def test_a_long_name_is_cut() -> None:
    detail = damage("Truncated input file", "content", b"n" * 300, fatal=False).detail
    assert detail.startswith(f"the content of {'n' * 200}... ends too early")


def pulled(data: bytes) -> Iterator[Member | object]:
    blocks = iter((data, b""))
    return members(lambda: next(blocks, b""), b"content")


def content_of(data: bytes) -> int:
    return sum(len(block) for member in pulled(data) if isinstance(member, Member) for block in member.content)


@pytest.mark.parametrize(("form", "pack"), [("xz", lzma.compress), ("gzip", gzip.compress), ("bzip2", bz2.compress)])
def test_a_cut_stream(form: str, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    whole = pack(random.Random(1).randbytes(100_000))
    path = tmp_path / "p"
    path.write_bytes(whole[: len(whole) // 2])
    (gap,) = (gap for gap in scan(str(path)).gaps if gap.effect == "unread")
    assert gap.reason == "truncated"
    assert re.match(
        rf"the (?:archive|{form} stream) ends too early, .*: join the parts, or get the package again", gap.detail
    )


def test_a_cut_tar() -> None:
    with pytest.raises(Damage, match=r"^the content of a ends too early"):
        content_of(tar_of({"a": b"x" * 100_000})[:50_000])


def test_a_tar_with_a_broken_header_in_its_middle() -> None:
    data = bytearray(tar_of({"a": b"x", "b": b"y"}))
    data[1024] ^= 1
    with pytest.raises(Damage, match=r"^the rest of the archive behind a is "):
        content_of(bytes(data))


def test_a_name_that_is_no_utf8_by_itself_is_no_damage() -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("caf\udce9"))
    assert [type(member) for member in pulled(raw.getvalue())] == [Member]
