"""How long work takes for a table of a size; that it does is for `make bench`."""

from __future__ import annotations

import pytest

from pkgscan.profile.model import Rates
from pkgscan.reason.work_time import BRIEF, MARGIN, POSTGRESQL, Work, calibrated, default_rates, work_of, work_time

RATES = Rates(
    scan=(100, 200), rewrite=(10, 20), rewrite_indexed=(5, 10), index=(1000, 9000), check_key=(50, 100), update=(1, 2)
)


@pytest.mark.parametrize(
    ("form", "effects", "work"),
    [
        ("alter-type-rewrite", "rewrite scan index", "rewrite"),
        ("create-index", "scan index", "index"),
        ("add-check", "scan", "scan"),
        ("add-foreign-key", "scan", "check_key"),
        ("add-column-references-default", "scan", "check_key"),
        ("update-all", "scan", "update"),
        ("add-column", "", None),
    ],
)
def test_the_work_of_a_form(form: str, effects: str, work: Work | None) -> None:
    assert work_of(form, **{name: name in effects.split() for name in ("rewrite", "scan", "index")}) == work


def test_writing_anew_takes_by_all_bytes_and_longer_with_several_indexes() -> None:
    assert work_time("rewrite", RATES, size=1000, indexes=1) == (50, BRIEF[1] + 100)
    assert work_time("rewrite", RATES, size=1000, indexes=3) == (100, BRIEF[1] + 200)
    assert work_time("rewrite", RATES, size=1000) == (50, BRIEF[1] + 200)


def test_reading_takes_by_the_bytes_without_indexes() -> None:
    whole = work_time("scan", RATES, size=10_000)
    known = work_time("scan", RATES, size=10_000, rows=50, indexes=2)
    assert whole == (0.3 * 10_000 / 200, BRIEF[1] + 100)
    assert known == ((10_000 - 50 * 2 * 64) / 200, BRIEF[1] + (10_000 - 50 * 2 * 16) / 100)


@pytest.mark.parametrize("work", ["index", "check_key", "update"])
def test_what_is_done_by_rows_says_nothing_without_rows(work: Work) -> None:
    assert work_time(work, RATES, size=10_000) is None
    assert work_time(work, RATES, rows=1000) is not None


@pytest.mark.parametrize("work", ["scan", "rewrite"])
def test_what_is_done_by_bytes_says_nothing_without_bytes(work: Work) -> None:
    assert work_time(work, RATES, rows=10_000) is None


def test_a_calibration_has_a_margin_each_way() -> None:
    assert calibrated(RATES).scan == (100 / MARGIN, 200 * MARGIN)


def test_rates_of_engines_that_nobody_measured_are_not_known() -> None:
    assert default_rates("postgresql") is POSTGRESQL
    assert default_rates("oracle") is None
