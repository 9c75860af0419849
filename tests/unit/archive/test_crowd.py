"""Many gaps of one kind: some are told one by one, the rest are counted."""

from __future__ import annotations

from pkgscan.archive.crowd import Crowd
from pkgscan.archive.events import gap

MOST = 3


def test_the_rest_is_counted_by_archive_and_reason() -> None:
    crowd = Crowd(MOST)
    told = [
        one
        for number in range(5)
        for archive in ("p.zip!/a.zip", "p.zip!/b.zip")
        for reason in ("encrypted", "truncated")[: 1 + (archive == "p.zip!/a.zip")]
        if crowd.admits(one := gap(f"{archive}!/{number}", reason, "why"))
    ]
    assert len(told) == MOST * 3
    rest = list(crowd.rest())
    assert [(one.span.path if one.span else "", one.reason, one.effect) for one in rest] == [
        ("p.zip!/a.zip", "encrypted", "unread"),
        ("p.zip!/a.zip", "truncated", "unread"),
        ("p.zip!/b.zip", "encrypted", "unread"),
    ]
    assert all(one.detail.startswith("and 2 more") and "--limit gaps=N" in one.detail for one in rest)


def test_nothing_is_added_where_all_are_told() -> None:
    crowd = Crowd(MOST)
    assert all(crowd.admits(gap("p.zip", "encrypted", "why")) for _ in range(MOST))
    assert not list(crowd.rest())
