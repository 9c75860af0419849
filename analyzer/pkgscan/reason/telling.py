"""How findings of several uses are told: their places, a few of them, and how sure they are."""

from __future__ import annotations

from collections.abc import Sequence

from pkgscan.facts.uses import Use
from pkgscan.model import Confidence, Related
from pkgscan.safe import shortened

PLACES = 10  # told beside a finding; a person reads three
LINE = 70  # characters of a command in a phrase


def places(uses: Sequence[Use]) -> tuple[Related, ...]:
    """Where else it is so, each with the command there; of many the first ones, and how many more there are."""
    told = [Related(use.span, shortened(" ".join(use.text.split()), LINE)) for use in uses[:PLACES]]
    if len(uses) > PLACES:
        last = told[-1]
        told[-1] = Related(last.span, f"{last.message}, and {len(uses) - PLACES} more in this file")
    return tuple(told)


def confidence(uses: Sequence[Use]) -> Confidence:
    """High where any use hangs on no variable that may have another value, else medium."""
    return "high" if any(use.certainty == "must" for use in uses) else "medium"


def commands(count: int) -> str:
    """How many commands, in words."""
    return "a command" if count == 1 else f"{count} commands"
