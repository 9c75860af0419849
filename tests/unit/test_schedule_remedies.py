"""Each odd schedule is told with the remedy that mends it."""

from typing import get_args

import pytest

from pkgscan.circumstances import Circumstances
from pkgscan.facts.schedule import CronJob
from pkgscan.graph import Graph
from pkgscan.model import Span
from pkgscan.reason.calendar import OddityKind
from pkgscan.rule import Scan
from pkgscan.testing import NOW
from pkgscan_rules.schedule.suspicious_cron_schedule import GRADES, REMEDIES, check


def remedies(expression):
    job = CronJob(span=Span("x", 1, 1), dialect="system", expression=expression, user="root", command="x")
    return [problem.remedy for problem in check.check(job, Scan(Graph((), {}), Circumstances(NOW)))]


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        ("0 0 31 2 *", "date"),
        ("0 22-2 * * *", "22-2"),
        ("*/61 * * * *", "step"),
        ("0 6 * * 5#2", "`#`"),
        ("0 4 13 * 5", "both days"),
        ("* 3 * * *", "once an hour"),
    ],
)
def test_a_remedy_speaks_of_its_own_oddity(expression, word):
    assert [word in remedy for remedy in remedies(expression)] == [True]


def test_hours_are_listed_only_for_hours_that_run_backwards():
    assert [kind for kind, remedy in REMEDIES.items() if "22-2" in remedy] == ["reversed-range"]


def test_every_oddity_has_a_grade_and_a_remedy():
    assert set(GRADES) == set(REMEDIES) == set(get_args(OddityKind))
