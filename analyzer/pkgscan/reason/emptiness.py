"""Which variables in a word may be empty where it is used: `rm -rf "$X/"` deletes everything then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pkgscan.facts.shell import Assignment, Command
from pkgscan.reason.bindings import in_force
from pkgscan.reason.scripts import Script
from pkgscan.reason.words import parts
from pkgscan.values import Literal, Unknown, Value, VariableRef

# Set by the login, the shell or the package tool; of the last, empty is what is meant on the host itself.
GIVEN = frozenset((
    "HOME", "USER", "LOGNAME", "PWD", "OLDPWD", "SHELL", "PATH", "HOSTNAME", "RANDOM", "UID", "EUID", "PPID", "BASHPID",
    "DPKG_ROOT", "DPKG_MAINTSCRIPT_PACKAGE", "DPKG_MAINTSCRIPT_NAME", "RPM_INSTALL_PREFIX", "BASH_SOURCE",
))  # fmt: skip


def maybe_empty(value: Value, command: Command, script: Script, others: Sequence[Script]) -> tuple[str, ...]:
    """The variables at the start of a word that nothing is sure to fill, where all of them are empty at once.

    Empty where the word begins with a text, or where one of them surely has a value.
    """
    found: list[str] = []
    for part in parts(value):
        if isinstance(part, Literal):
            break
        if isinstance(part, Unknown) or not _may_be_empty(part, command, script, others):
            return ()
        found.append(part.name)
    return tuple(found)


def _may_be_empty(ref: VariableRef, command: Command, script: Script, others: Sequence[Script]) -> bool:
    if ref.use in ("?", "+") or ref.name in GIVEN or not (ref.name.isidentifier() and ref.name.isascii()):
        return False
    if ref.use in ("-", "="):
        return ref.otherwise is None or ref.otherwise == Literal("")
    place = (command.span.first_line, command.span.first_column)
    if any((span.first_line, span.first_column) < place for span in script.stops_at_unset):
        return False
    seen = in_force(script.by_name.get(ref.name, ()), command.span, command.context)
    elsewhere = [assignment for other in others for assignment in other.by_name.get(ref.name, ())]
    return (not seen.assignments and not elsewhere) or any(_empties(one) for one in _all(seen.assignments, elsewhere))


def _all(seen: Sequence[Assignment], elsewhere: Sequence[Assignment]) -> Iterator[Assignment]:
    yield from seen
    if not seen:
        yield from elsewhere


def _empties(assignment: Assignment) -> bool:
    """Whether an assignment gives nothing: `X=`, `X=""`."""
    return assignment.values == (Literal(""),) and not assignment.appends
