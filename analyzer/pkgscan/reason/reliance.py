"""How a conclusion says that the package relies on something of the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pkgscan.facts.assumption import Reliance
from pkgscan.model import Span

if TYPE_CHECKING:  # most scans have no profile, and its types take their time to be made
    from pkgscan.profile.answer import Answer


def relies(kind: str, subject: str, span: Span, answer: Answer[Any]) -> Reliance:
    """The package relies at a place on something of which the target says this."""
    phrase = answer.phrase if answer.span is not None or answer.holds is not None else ""
    phrase += answer.hint if answer.near not in phrase else ""
    return Reliance(span=span, kind=kind, subject=subject, holds=answer.holds, phrase=phrase, stated=answer.span)
