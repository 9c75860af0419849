"""Where a walk starts, and where it stands: an input, an archive's place, a member's path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import msgspec

from pkgscan.archive.member import Damage, Member, Window

# An archive's path, its depth, and its bytes where they can be sought.
Place: TypeAlias = "tuple[str, int, Window | None]"


class Root(msgspec.Struct, frozen=True):
    """One input: a file, or a directory. `members` starts anew at each call: a file is its own single member."""

    name: str
    members: Callable[[], Iterable[Member | Damage]]
    window: Window | None = None
    is_directory: bool = False

    @property
    def place(self) -> Place:
        """Where its members stand."""
        return (self.name, 0, None) if self.is_directory else ("", -1, self.window)


def in_place(member: Member, window: Window | None) -> Window | None:
    """A member that is stored as it is, in its archive's own bytes."""
    return None if window is None or member.stored_at is None else window.part(*member.stored_at)
