"""What fuzzing once found stays mended: each case is the least that showed it."""

from __future__ import annotations

import io
import tarfile

import msgspec

from fuzz import walk_claims
from hostile_cases import fixture
from packing import tar_of, zip_of

forge = fixture("forge")

TEXT = b"hello\n"
SCRIPT = b"#!/bin/sh\nexit 0\n"


def test_a_limit_met_during_a_second_look_leaves_nothing_open() -> None:
    data = tar_of({"etc/cron.d/a": SCRIPT + zip_of({"a/longer/name": TEXT})})
    limits = msgspec.structs.replace(walk_claims.LIMITS, paths=30)
    before = walk_claims.descriptors()
    events = walk_claims.walked(data, limits=limits)
    assert [gap.reason for gap in walk_claims.gaps_of(events)] == ["limit-paths"]
    assert walk_claims.descriptors() == before


def test_an_archive_and_what_is_in_it_are_both_found_again() -> None:
    inner = tar_of({"x": TEXT})
    found = walk_claims.fetched(zip_of({"in.tar": inner}), ["p", "p!/in.tar", "p!/in.tar!/x"])
    assert found["p!/in.tar"] | found["p!/in.tar!/x"] == {walk_claims.digest(inner), walk_claims.digest(TEXT)}
    assert "p" in found


def test_what_is_broken_costs_a_second_look_no_sibling() -> None:
    broken = bytearray(zip_of({"in.tar": tar_of({"x": TEXT, "y": TEXT * 400}), "z": TEXT}))
    checksum = broken.index(b"PK\1\2") + 16
    broken[checksum] ^= 1
    broken[14] ^= 1  # the same in the local header: the content comes whole, and its sum is wrong
    found = walk_claims.fetched(bytes(broken), ["p!/in.tar!/x", "p!/in.tar!/y", "p!/z"])
    assert found["p!/z"] == {walk_claims.digest(TEXT)}


def test_of_one_name_the_second_is_found_again_behind_a_broken_first() -> None:
    two = zip_of({"samA": TEXT * 9, "samB": zip_of({"x": TEXT})}).replace(b"samA", b"same").replace(b"samB", b"same")
    broken = bytearray(two)
    broken[30 + len("same")] = 0xFF  # a deflate block of a kind there is not
    found = walk_claims.fetched(bytes(broken), ["p!/same!/x"])
    assert found == {"p!/same!/x": {walk_claims.digest(TEXT)}}


def test_links_that_come_behind_their_target_are_counted_once_and_cut_as_it_is() -> None:
    """Together they meet the limit on commands, so that some are read in part and some not at all."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for number in range(60):
            link = tarfile.TarInfo(f"etc/cron.d/job{number}")
            link.type, link.linkname = tarfile.SYMTYPE, "../../opt/jobs"
            archive.addfile(link)
        jobs = b"* * * * * root /opt/app/bin/task --all\n" * 500
        target = tarfile.TarInfo("opt/jobs")
        target.size = len(jobs)
        archive.addfile(target, io.BytesIO(jobs))
    events = walk_claims.walked(packed.getvalue())
    walk_claims.check_events(events, packed.getvalue())
    assert "limit-commands" in {gap.reason for gap in walk_claims.gaps_of(events)}


def test_what_shows_only_when_all_is_read_is_found_again() -> None:
    """A zip's member stands behind the end of another one's data, within its packed size."""
    hidden = forge.forge([forge.Piece(name=b"evil.sh", content=SCRIPT)])[: 30 + len(b"evil.sh") + len(SCRIPT)]
    packed = forge.deflate(TEXT)
    size = {"packed": len(packed) + len(hidden)}
    shown = forge.Piece(name=b"good.txt", content=TEXT, method=8, packed=packed + hidden, central=size, local=size)
    data = forge.forge([shown])
    assert "p!/evil.sh" in {entry.path for entry in walk_claims.entries_of(walk_claims.walked(data))}
    assert walk_claims.fetched(data, ["p!/evil.sh"]) == {"p!/evil.sh": {walk_claims.digest(SCRIPT)}}
    assert walk_claims.fetched(data, ["p!/gone"]) == {}
