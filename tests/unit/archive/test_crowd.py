"""Many gaps of one kind: some are told one by one, the rest are counted."""

from __future__ import annotations

from pkgscan.archive.crowd import MOST_FACTS, Crowd
from pkgscan.archive.events import Closed, gap
from pkgscan.facts.archive import Disagreement
from pkgscan.model import Gap, Span

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
    rest = [one for one in crowd.rest() if isinstance(one, Gap)]
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


def test_disagreements_are_counted_by_archive_and_kind() -> None:
    crowd = Crowd(MOST)
    facts = [
        Disagreement(span=Span(path), text="twice", disagreement=kind, one_reading="a")
        for path in ("a.deb", "a.deb!/b.deb")
        for kind in ("duplicate-name", "size-differs")
        for _ in range(MOST_FACTS + (5 if path == "a.deb" and kind == "duplicate-name" else 0))
    ]
    assert sum(map(crowd.admits, facts)) == 4 * MOST_FACTS
    text = "and 5 more like it, not told one by one"
    assert list(crowd.rest()) == [Disagreement(span=Span("a.deb"), text=text, disagreement="duplicate-name")]


def test_other_events_are_told() -> None:
    crowd = Crowd(1)
    assert all(crowd.admits(Closed("a.deb")) for _ in range(MOST_FACTS + 5))
    assert not list(crowd.rest())
