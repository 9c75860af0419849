"""A command runs more often than once a minute.

Runs overlap as soon as one of them takes longer than the pause.
"""

from __future__ import annotations

from collections.abc import Iterator

from acme_beat.facts import Beat
from pkgscan.rule import DEFECT, HIGH, Problem, Scan, rule

SHORTEST = 60  # seconds; what Acme's operators agreed on


@rule(
    title="Beats too fast",
    category=DEFECT,
    severity=HIGH,
    looks_at=Beat,
    since="1.0",
    stage="stable",
    vendor="acme",
    remedy="Run it once a minute at most.",
)
def check(beat: Beat, scan: Scan) -> Iterator[Problem]:
    """A problem for each beat below the shortest pause."""
    del scan
    if beat.seconds < SHORTEST:
        yield Problem(beat.span, f"{beat.command} runs every {beat.seconds} seconds", evidence=(beat.command,))
