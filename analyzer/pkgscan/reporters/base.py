"""What all formats share: their options, and how gaps of one cause are told together."""

from __future__ import annotations

import msgspec

from pkgscan.conclusion import Part
from pkgscan.model import MEMBER, Effect, Gap

# From what exits the run to what merely informs.
EFFECTS: tuple[Effect, ...] = ("unread", "partial", "not-judged")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How to render. Each format heeds what concerns it.

    `parts` describes the rows of `Report.parts`, as the loaded conclusions declare them. `width` is in columns, 0 for
    lines as long as they come. `label` is the stem of SARIF paths; empty: made from the package's name.
    """

    parts: tuple[Part, ...] = ()
    width: int = 100
    color: bool = False
    verbose: bool = False
    label: str = ""


class GapGroup(msgspec.Struct, frozen=True):
    """The gaps of one effect, reason and archive, in the order of the report. `archive` is empty for the run itself."""

    effect: Effect
    reason: str
    archive: str
    gaps: tuple[Gap, ...]


def merge_gaps(gaps: tuple[Gap, ...]) -> tuple[GapGroup, ...]:
    """Gaps together by effect, archive and reason: many encrypted members of one archive are one thing to mend."""
    groups: dict[tuple[Effect, str, str], list[Gap]] = {}
    for gap in gaps:
        groups.setdefault((gap.effect, _archive(gap), gap.reason), []).append(gap)
    merged = [GapGroup(effect, reason, archive, tuple(found)) for (effect, archive, reason), found in groups.items()]
    return tuple(sorted(merged, key=lambda group: (EFFECTS.index(group.effect), group.archive, group.reason)))


def _archive(gap: Gap) -> str:
    if gap.span is None:
        return ""
    return gap.span.path.rpartition(MEMBER)[0] or gap.span.path
