"""What a profile says to one question: yes, no, or that it does not know; and on which line."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from pkgscan.model import Related, Span

T = TypeVar("T")


class Answer(msgspec.Struct, Generic[T], frozen=True):
    """`holds` is True or False where the profile is certain, and None where it is not.

    `phrase` says it in words that follow the name of what was asked about: "is a unit of the host", "is not among the
    4 units this profile knows". `span` is the line that says so: the item's, or that of the list which lacks it; None
    where the profile does not speak of such things at all. `note` reads at that line: "renamed here". `value` is what
    the profile knows of it, `near` the nearest name that it knows.
    """

    holds: bool | None
    phrase: str
    span: Span | None = None
    note: str = ""
    value: T | None = None
    near: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the profile speaks of such things, and what it says of them is only a part."""
        return self.holds is None and self.span is not None

    @property
    def related(self) -> tuple[Related, ...]:
        """The line that says so, to lay beside that of the package."""
        return (Related(self.span, self.note),) if self.span is not None else ()

    @property
    def hint(self) -> str:
        """The nearest name as a phrase to end a message with; empty if there is none."""
        return f"; the nearest name is {self.near}" if self.near else ""
