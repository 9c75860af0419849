"""Of each item of a parsed text, the frames it stands in, from the constructs around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pkgscan.facts.shell import FRAME_WORDS, FRAMES, Area, Frame
from pkgscan.readers.shell.parsed import Construct, Parsed, Place, Redirected

GROUP_REDIRECTS = 8  # of the groups around a command, the innermost; people write one or two
Around = tuple[tuple[Frame, ...], tuple[Redirected, ...]]


def around(parsed: Parsed, outer: tuple[Frame, ...], area: Callable[[Place], Area]) -> Iterator[Around]:
    """For each item in order its frames, `outer` before them, and the redirects of the groups around it."""
    waiting = parsed.constructs[::-1]
    waiting.sort(key=_order)  # stable: of two over the same items, what was closed last is the outer
    following = 0
    stack: list[Construct] = []
    frames = list(outer)
    redirects: list[Redirected] = []
    now: Around = (outer[-FRAMES:], ())
    for at in range(len(parsed.items)):
        changed = False
        while stack and stack[-1].end <= at:
            redirects = redirects[: len(redirects) - len(stack.pop().redirects)]
            frames.pop()
            changed = True
        while following < len(waiting) and waiting[following].first == at:
            made = waiting[following]
            stack.append(made)
            frames.append(_frame(made, area))
            redirects = [*redirects, *made.redirects]
            following += 1
            changed = True
        if changed:
            now = tuple(frames[-FRAMES:]), tuple(redirects[-GROUP_REDIRECTS:])
        yield now


def _order(made: Construct) -> tuple[int, int]:
    return made.first, -made.end


def _frame(made: Construct, area: Callable[[Place], Area]) -> Frame:
    areas = made.areas
    if made.inside is not None and made.inside.firsts:
        areas = ((made.inside.firsts[0], made.inside.ends[-1]),)
    places = tuple([area(place) for place in areas])
    if not (made.words or made.count):
        return Frame(made.kind, made.name, places, made.negated)
    return Frame(made.kind, made.name, places, made.negated, made.words[:FRAME_WORDS], made.position, made.count)
