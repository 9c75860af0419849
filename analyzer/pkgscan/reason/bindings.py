"""Which assignments may have set a variable where it is used: the nearest that surely ran, and those since.

Order counts in straight lines: `X=a; use $X; X=b; use $X` sees a, then b. What a function sees from outside depends on
when it is called, so every assignment outside it counts. Loops come round, so what follows in one counts too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import msgspec

from pkgscan.facts.shell import Assignment, Frame
from pkgscan.model import Span
from pkgscan.reason.scripts import LOOPS, conditions, function_at

# Assignments of one name that are looked at for one use, the nearest before it; people write three.
LOOKED_AT = 64
LOCAL = frozenset(("local", "declare", "typeset"))


class Sightings(msgspec.Struct, frozen=True):
    """The assignments that may be in force; `sure` where one of them must be, so that nothing from outside counts."""

    assignments: tuple[Assignment, ...]
    sure: bool


def in_force(own: Sequence[Assignment], span: Span, context: Sequence[Frame]) -> Sightings:
    """What of a script's assignments of one variable may have set it at a place."""
    place = (span.first_line, span.first_column)
    at = bisect_left(own, place, key=_place)
    before, after = own[max(0, at - LOOKED_AT) : at], own[at : at + LOOKED_AT]
    around, here = conditions(context), function_at(context)
    found: list[Assignment] = []
    for assignment in reversed(before):
        if not _is_seen(assignment, here):
            continue
        found.append(assignment)
        if _surely_ran(assignment, around, here):
            return Sightings((*found, *_round_the_loop(after, around)), sure=True)
    late = [one for one in after if _is_seen(one, here)] if here is not None else _round_the_loop(after, around)
    found += late
    unconditional = here is not None and any(not conditions(one.context) for one in found)
    return Sightings(tuple(found), sure=unconditional)


def _place(assignment: Assignment) -> tuple[int, int]:
    return assignment.span.first_line, assignment.span.first_column


def _is_seen(assignment: Assignment, here: Frame | None) -> bool:
    """Whether a function's local variable is meant, or one that is seen from everywhere."""
    return assignment.by not in LOCAL or (there := function_at(assignment.context)) is None or there == here


def _surely_ran(assignment: Assignment, around: Sequence[Frame], here: Frame | None) -> bool:
    if assignment.appends or assignment.by == ":=" or function_at(assignment.context) != here:
        return False
    needed = conditions(assignment.context)
    if assignment.by in ("for", "select"):
        return tuple(around[: len(needed)]) == needed and _in_loop_of(assignment, around)
    return tuple(around[: len(needed)]) == needed


def _in_loop_of(assignment: Assignment, around: Sequence[Frame]) -> bool:
    """Whether a use stands in the loop whose variable it is; behind the loop only the last value is left."""
    return any(frame.kind in ("for", "select") and frame.name == assignment.name for frame in around)


def _round_the_loop(after: Sequence[Assignment], around: Sequence[Frame]) -> list[Assignment]:
    """Later assignments in a loop that the use stands in."""
    loops = [frame for frame in around if frame.kind in LOOPS]
    if not loops:
        return []
    return [one for one in after if any(frame in loops for frame in one.context)]
