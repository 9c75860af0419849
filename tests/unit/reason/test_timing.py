"""Times of timers in words."""

import pytest

from pkgscan.facts.systemd import UnitTimer
from pkgscan.model import Span
from pkgscan.reason.timing import timer_delay


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("43200", "12 h"),
        ("5400", "1 h 30 min"),
        ("90061", "1 d 1 h 1 min 1 s"),
        ("1h 30min", "1h 30min"),
        ("0", ""),
        ("0s", ""),
        ("", ""),
        ("9" * 5000, "9" * 5000),  # Python refuses to make a number of it
    ],
)
def test_a_bare_number_counts_seconds(written, expected):
    timer = UnitTimer(span=Span("x.timer", 1, 1), unit="x.timer", starts="x.service", randomized_delay=written)
    assert timer_delay(timer) == expected
