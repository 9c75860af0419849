"""The parts of a deb: each there, and each opened."""

from __future__ import annotations

import gzip

import pytest

from pkgscan.archive.deb import parts
from pkgscan.archive.member import Damage, Member
from pkgscan.facts.archive import Disagreement

TAR = gzip.compress(b"tar")
WHOLE = {b"debian-binary": b"2.0\n", b"control.tar.gz": TAR, b"data.tar": bytes(10240)}


def said(members: dict[bytes, bytes]) -> list[str]:
    damage = []
    given = (Member(name=name, content=iter((content[:3], content[3:]))) for name, content in members.items())
    for item in parts(given, "a.deb"):
        if isinstance(item, Damage):
            damage.append(item.detail)
        elif isinstance(item, Member):
            assert b"".join(item.content) == members[item.name]
    return damage


def test_a_whole_one_is_silent() -> None:
    assert said(WHOLE) == []


@pytest.mark.parametrize("name", [b"data.tar.new", b"control.tar.xz"])
def test_a_part_in_no_known_format_is_said(name: bytes) -> None:
    assert said(WHOLE | {name: b"something else"}) == [f"{name.decode()} is in no format that is read"]


@pytest.mark.parametrize("part", ["control", "data"])
def test_a_part_that_is_not_there_is_said(part: str) -> None:
    members = {name: content for name, content in WHOLE.items() if not name.startswith(part.encode())}
    assert said(members) == [f"the deb has no {part} part"]


@pytest.mark.parametrize("part", ["control", "data"])
def test_two_of_a_part_are_said(part: str) -> None:
    names = [*WHOLE, f"{part}.tar.xz".encode()]
    given = (Member(name=name, content=iter((TAR,))) for name in names)
    (fact,) = [item for item in parts(given, "a.deb") if isinstance(item, Disagreement)]
    assert (fact.disagreement, fact.span.path) == ("duplicate-name", "a.deb")
    assert f"{part}.tar.xz" in fact.text
