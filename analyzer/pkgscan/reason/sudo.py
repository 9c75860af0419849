"""Uses of sudo that ask the host for a right."""

from __future__ import annotations

from collections.abc import Iterable

from pkgscan.facts.uses import PrivilegeUse
from pkgscan.values import literal

PROGRAMS = frozenset(("sudo", "doas"))


def words_of(use: PrivilegeUse) -> tuple[str, ...]:
    """The words of the command that is run; none where not all of them are known."""
    words = tuple(literal(word) or "" for word in use.command)
    return words if all(words) else ()


def asking(uses: Iterable[PrivilegeUse]) -> list[PrivilegeUse]:
    """The uses that need a right of the account at hand: on this host, not as root, and not asked after before."""
    return [use for use in uses if use.program in PROGRAMS and not use.queries and not use.where and not _covered(use)]


def _covered(use: PrivilegeUse) -> bool:
    """Whether a test before it has found that the account is root, or that sudo lets it."""
    return use.guarded("root") is not None or use.guarded("privilege") is not None
