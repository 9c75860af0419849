"""Units that scripts stop and that nothing starts again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pkgscan.facts.needs import ServiceLeftStopped
from pkgscan.facts.uses import UnitUse
from pkgscan.model import Related

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


def left_stopped(uses: Sequence[UnitUse]) -> Iterator[ServiceLeftStopped]:
    """One fact a unit, at the first place that stops it."""
    settled = {use.unit for use in uses if use.verb in STARTS | GIVES_UP and use.kind == "action"}
    unknown = any(use.kind == "action" and not use.unit and use.verb in STARTS for use in uses)
    stops: dict[str, list[UnitUse]] = {}
    for use in uses:
        if (
            use.verb in STOPS
            and use.kind == "action"
            and use.unit
            and use.unit not in settled
            and not use.guarded("unit", use.unit)
        ):
            stops.setdefault(use.unit, []).append(use)
    for unit, found in sorted(stops.items()):
        if unknown or any(_removes(use.span.path) for use in found):
            continue
        first, *others = sorted(found, key=lambda use: use.span)
        told = tuple(Related(use.span, "stopped here too") for use in others[:USES])
        yield ServiceLeftStopped(span=first.span, text=first.text, unit=unit, uses=told)


def _removes(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return any(word in name for word in REMOVES)
