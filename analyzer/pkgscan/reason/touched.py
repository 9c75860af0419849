"""Which differences between two hosts matter to a package: those in things that it takes for granted."""

from __future__ import annotations

from collections.abc import Iterable

from pkgscan.facts.assumption import Assumption
from pkgscan.reason.differences import Difference
from pkgscan.reason.part_name import part_name

_ALWAYS = frozenset({"system"})  # what a package does depends on the system, whatever it is


def touches(difference: Difference, assumptions: Iterable[Assumption], package: str, *, has_jobs: bool) -> bool:
    """Whether a package, by its file name and what it takes for granted, meets a difference."""
    kind, subject = difference.kind, difference.subject
    if kind == "installed":
        return subject == part_name(package)
    if kind == "time zone":
        return has_jobs
    subjects = {one.subject for one in assumptions if one.kind == ("right" if kind == "prompts" else kind)}
    if kind in {"right", "prompts", "database"}:
        return bool(subjects) or (kind == "database" and any(one.kind == "table" for one in assumptions))
    return kind in _ALWAYS or any(_is_same(kind, subject, other) for other in subjects)


def _is_same(kind: str, subject: str, assumed: str) -> bool:
    if kind == "host":
        return _host(subject) == _host(assumed)
    if kind == "table":
        one, other = subject.casefold(), assumed.casefold()
        return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
    return assumed.endswith(f" below {subject}") if kind == "disk" else subject == assumed


def _host(endpoint: str) -> str:
    name, colon, port = endpoint.rpartition(":")
    return (name if colon and port.isdecimal() else endpoint).casefold()
