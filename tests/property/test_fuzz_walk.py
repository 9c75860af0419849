"""Whatever is done to an archive: every promise of the walk holds, and what is read is what others read."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import other_claims, run_claims, seeds, walk_claims
from fuzz.mutations import mutate
from packing import tar_of
from pkgscan.model import Entry, Fact

FORMATS = seeds.archives()
PACKAGES = list(seeds.packages().values())
randoms = st.integers(0, 2**32).map(Random)


@pytest.mark.parametrize("name", FORMATS)
@given(random=randoms)
@settings(max_examples=20, deadline=None)
def test_every_format(name: str, random: Random) -> None:
    walk_claims.check_walk(mutate(FORMATS[name], PACKAGES, random))


@given(st.sampled_from(PACKAGES), randoms)
@settings(max_examples=100, deadline=None)
def test_packages(data: bytes, random: Random) -> None:
    walk_claims.check_walk(mutate(data, PACKAGES, random))


@given(st.sampled_from(PACKAGES), randoms)
@settings(max_examples=100, deadline=None)
def test_low_limits(data: bytes, random: Random) -> None:
    walk_claims.check_limits(mutate(data, PACKAGES, random))


@given(st.sampled_from(list(seeds.zips().values())), randoms)
@settings(max_examples=150, deadline=None)
def test_zips(data: bytes, random: Random) -> None:
    walk_claims.check_zip(mutate(data, PACKAGES, random))


@given(st.sampled_from(list(seeds.tars().values())), randoms)
@settings(max_examples=100, deadline=None)
def test_tars(data: bytes, random: Random) -> None:
    other_claims.check_tar(mutate(data, PACKAGES, random))


@given(st.sampled_from(list(seeds.compressed().values())), randoms)
@settings(max_examples=100, deadline=None)
def test_compressed(data: bytes, random: Random) -> None:
    other_claims.check_compressed(mutate(data, PACKAGES, random))


@given(st.sampled_from(PACKAGES), randoms)
@settings(max_examples=40, deadline=None)
def test_whole_scans(data: bytes, random: Random) -> None:
    run_claims.check_package(mutate(data, PACKAGES, random))


@given(st.sampled_from(list(seeds.trees().values())), randoms)
@settings(max_examples=40, deadline=None)
def test_trees_of_files(data: bytes, random: Random) -> None:
    run_claims.check_tree_of_files(mutate(data, list(seeds.texts().values()), random))


@pytest.mark.parametrize("name", FORMATS)
@given(random=randoms)
@settings(max_examples=12, deadline=None)
def test_what_is_broken_within_costs_no_sibling(name: str, random: Random) -> None:
    walk_claims.check_nested(mutate(FORMATS[name], PACKAGES, random))


@given(st.sampled_from(PACKAGES), randoms)
@settings(max_examples=60, deadline=None)
def test_second_looks(data: bytes, random: Random) -> None:
    walk_claims.check_second_look(mutate(data, PACKAGES, random))


def by_tar(data: bytes) -> set[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = [member for member in archive if member.isfile()]
        return {walk_claims.digest(archive.extractfile(member).read()) for member in members}  # type: ignore[union-attr]


def by_zip(data: bytes) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {walk_claims.digest(archive.read(info)) for info in archive.infolist() if not info.is_dir()}


CHECKED: dict[str, tuple[bytes, Callable[[bytes], set[str]]]] = {
    "zip": (FORMATS["zip"], by_zip),
    "gzip": (FORMATS["gzip"], lambda data: {walk_claims.digest(gzip.decompress(data))}),
    "bzip2": (FORMATS["bzip2"], lambda data: {walk_claims.digest(bz2.decompress(data))}),
    "xz": (FORMATS["xz"], lambda data: {walk_claims.digest(lzma.decompress(data))}),
    "tar.gz": (tar_of(seeds.FILES, "w:gz"), by_tar),
    "tar.xz": (tar_of(seeds.FILES, "w:xz"), by_tar),
    "tar.bz2": (tar_of(seeds.FILES, "w:bz2"), by_tar),
}


@pytest.mark.parametrize("name", CHECKED)
@given(share=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_a_changed_byte_is_said_or_changes_nothing(name: str, share: float, change: int) -> None:
    """Formats with checksums: without a word of ours, what we saw is what was there, and what Python's reader sees."""
    whole, other_reader = CHECKED[name]
    changed = bytearray(whole)
    changed[int(share * len(whole))] ^= change
    events = walk_claims.walked(bytes(changed))
    entries = walk_claims.entries_of(events)
    if walk_claims.gaps_of(events) or any(isinstance(event, Fact) for event in events) or not entries[-1].format:
        return  # said, or no longer begins as its format does
    seen = contents(entries)
    assert seen == contents(walk_claims.entries_of(walk_claims.walked(whole)))
    try:
        theirs = other_reader(bytes(changed))
    except Exception:  # noqa: BLE001  # theirs may refuse what ours reads in full
        return
    assert theirs - {walk_claims.digest(b"")} == seen


def contents(entries: list[Entry]) -> set[str]:
    """What files hold, but for nothing: by one bit of its attributes an empty file is a directory."""
    return {entry.sha256 for entry in entries if entry.type == "file" and not entry.format and entry.size}
