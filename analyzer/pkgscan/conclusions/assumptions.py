"""What the package takes for granted of the host, each thing once, and whether the target profile meets it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion, Part
from pkgscan.facts.assumption import Assumption, Reliance, Verdict
from pkgscan.graph import Graph
from pkgscan.model import MEMBER, Span
from pkgscan.safe import shortened

USES = 10  # places that are named of one assumption; how many there are is told beside
COLUMN = 60  # characters of a subject in the terminal; the JSON report has it whole
# What a scan without a profile names first is what a host most often lacks.
ORDER = ("system", "right", "unit", "host", "database", "table", "user", "command", "disk")


def conclude(graph: Graph, circumstances: Circumstances) -> Iterator[Assumption]:
    """One fact a thing that is relied upon, by its kind and name."""
    unspoken = "is nothing this profile speaks of" if circumstances.stated is not None else ""
    for (kind, subject), group in groupby(sorted(graph.facts(Reliance), key=_order), key=_thing):
        uses = list(group)
        worst = min(uses, key=_doubt)
        yield Assumption(
            span=uses[0].span,
            text=uses[0].text,
            kind=kind,
            subject=subject,
            verdict=_verdict(worst),
            phrase=worst.phrase or unspoken,
            stated=worst.stated,
            uses=tuple(dict.fromkeys(use.span for use in uses))[:USES],
            count=len(uses),
        )


def _thing(use: Reliance) -> tuple[str, str]:
    return use.kind, use.subject


def _order(use: Reliance) -> tuple[int, str, str, Span]:
    return _rank(use.kind), use.kind, use.subject, use.span


def _rank(kind: str) -> int:
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def _doubt(use: Reliance) -> int:
    """Of several answers about one thing the worst counts: that it is not so, then that it is not known."""
    return {False: 0, None: 1, True: 2}[use.holds]


def _verdict(use: Reliance) -> Verdict:
    if use.holds is None:
        return "not known"
    return "met" if use.holds else "not met"


def _line(row: Assumption) -> tuple[str, ...]:
    """The columns of the terminal: verdict, kind, what, why, and where it is first relied upon."""
    place = row.span.path.rpartition(MEMBER)[2] + (f":{row.span.first_line}" if row.span.first_line else "")
    more = f" and {row.count - 1} more" if row.count > 1 else ""
    told = ("", row.kind) if row.verdict == "not known" and not row.phrase else (row.verdict, row.kind)
    return *told, shortened(row.subject, COLUMN), row.phrase, place + more


ASSUMPTIONS = Conclusion(
    name="assumptions",
    concludes=(Assumption,),
    conclude=conclude,
    collects=(Reliance,),
    part=Part(key="assumptions", title="Takes for granted", row=Assumption, line=_line),
)
