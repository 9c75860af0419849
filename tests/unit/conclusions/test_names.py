"""Names that collide, and names that only seem to."""

from __future__ import annotations

from datetime import UTC, datetime

from pkgscan.circumstances import Circumstances
from pkgscan.conclusions.names import conclude
from pkgscan.facts.archive import NameCollision
from pkgscan.graph import Graph
from pkgscan.model import Entry

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def collisions(names: list[str], form: str = "zip") -> list[NameCollision]:
    holder = Entry(number=0, path="p", format=form)
    members = [Entry(number=n, path=f"p!/{name}", archive="p") for n, name in enumerate(names, 1)]
    return list(conclude(Graph([holder, *sorted(members, key=lambda entry: entry.path)], {}), Circumstances(NOW)))


def test_one_fact_speaks_for_a_directory() -> None:
    (fact,) = collisions(["d/A", "d/a", "d/B", "d/b", "e/c"])
    assert (fact.names, fact.differ_by, fact.more) == (("d/A", "d/a"), "case", 1)
    assert fact.span.path == "p!/d/a"


def test_below_directories_that_collide_nothing_more_is_said() -> None:
    for names in (["D", "D/x", "D/y/z", "d", "d/x", "d/y/z"], ["D/x", "D/y/z", "d/x", "d/y/z"]):
        (fact,) = collisions(["top/" + name for name in names])
        assert (fact.names, fact.more) == (("top/D", "top/d"), 0)
        assert fact.span.path == "p!/top/d"


def test_directories_that_collide_stand_beside_files_that_do() -> None:
    (fact,) = collisions(["A", "D/x", "a", "d/x"])
    assert (fact.names, fact.more) == (("A", "a"), 1)


def test_the_same_below_a_composed_and_a_decomposed_directory() -> None:
    (fact,) = collisions(["\u00e9/A", "e\u0301/a"], "xz")
    assert (fact.names, fact.differ_by) == (("e\u0301", "\u00e9"), "composition")


def test_composition_counts_in_every_format() -> None:
    (fact,) = collisions(["caf\u00e9", "cafe\u0301"], "xz")
    assert fact.differ_by == "composition"


def test_case_counts_in_zips_alone() -> None:
    assert collisions(["xt_MARK.h", "xt_mark.h"], "xz") == []


def test_one_name_twice_and_one_name_in_two_folders_are_other_matters() -> None:
    assert collisions(["a", "a", "d/a", "x.class", "X.class"]) == []


def test_a_letter_that_folds_to_two_collides_with_them() -> None:
    (fact,) = collisions(["stra\u00dfe", "strasse"])
    assert fact.differ_by == "case"


def test_dots_and_spaces_at_the_end_collide_in_zips_alone() -> None:
    names = ["a/x.sh", "a/x.sh.", "b./y", "b/y", "c", "c ", "d/..", "d/..."]
    found = [(fact.names, fact.differ_by, fact.more) for fact in collisions(names)]
    assert found == [(("b.", "b"), "ending", 1), (("a/x.sh", "a/x.sh."), "ending", 0)]
    assert collisions(names, "xz") == []
