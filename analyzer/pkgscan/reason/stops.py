"""Units that scripts stop, and what starts them again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pkgscan.facts.needs import ServiceStop
from pkgscan.facts.uses import UnitUse
from pkgscan.model import Related, Span

STOPS = frozenset(("stop", "kill"))
# What leaves a unit running, or gives it up for good.
STARTS = frozenset((
    "start", "restart", "reload", "try-restart", "reload-or-restart", "try-reload-or-restart", "force-reload",
    "condrestart", "isolate", "reload-or-try-restart", "",
))  # fmt: skip
GIVES_UP = frozenset(("disable", "mask", "purge", "remove", "del", "off"))
# Names of scripts that take a product away: stopping is what they are for.
REMOVES = ("prerm", "postrm", "%preun", "%postun", "uninstall", "remove", "stop", "purge", "deinstall", "shutdown")
USES = 8  # places told of one unit


def stops(uses: Sequence[UnitUse]) -> Iterator[ServiceStop]:
    """One fact a unit that scripts stop, unless removing the product is what they are for."""
    acts = [use for use in uses if use.kind == "action"]
    if any(not use.unit and use.verb in STARTS for use in acts):
        return  # may be the one that is started
    stopped: dict[str, list[UnitUse]] = {}
    for use in sorted(acts, key=lambda use: use.span):
        if use.verb in STOPS and use.unit and not use.guarded("unit", use.unit) and not _removes(use.span.path):
            stopped.setdefault(use.unit, []).append(use)
    for unit, (first, *others) in sorted(stopped.items()):
        same = [use for use in acts if use.unit == unit]
        yield ServiceStop(
            span=first.span,
            text=first.text,
            unit=unit,
            starts=_started(first.span, [use.span for use in same if use.verb in STARTS]),
            uses=tuple(Related(use.span, "stopped here too") for use in others[:USES]),
            given_up=any(use.verb in GIVES_UP for use in same),
        )


def _started(stop: Span, starts: list[Span]) -> tuple[Span, ...]:
    """The places that start a unit, those behind the stop in its own script first."""
    return tuple(sorted(starts, key=lambda span: (span.path != stop.path or span < stop, span))[:USES])


def _removes(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return any(word in name for word in REMOVES)
