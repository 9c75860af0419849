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
# Folders of every host, by the Filesystem Hierarchy Standard 3.0.
FOLDERS = frozenset((
    "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv",
    "sys", "usr", "usr/bin", "usr/include", "usr/lib", "usr/lib64", "usr/local", "usr/local/bin", "usr/local/lib",
    "usr/sbin", "usr/share", "var", "var/cache", "var/lib", "var/log", "var/mail", "var/opt", "var/spool", "var/www",
))  # fmt: skip


def maybe_empty(value: Value, command: Command, script: Script, others: Sequence[Script]) -> tuple[str, ...]:
    """The variables at the start of a path that nothing is sure to fill, and without which it is a folder of the host.

    None where the path begins with a text, where one of them surely has a value, and where what is left is nothing
    of the host's: `"$X/build"`.
    """
    found: list[str] = []
    pieces = parts(value)
    if not _is_of_host("".join(part.text if isinstance(part, Literal) else "" for part in pieces)):
        return ()
    for part in pieces:
        if isinstance(part, Literal):
            break
        if isinstance(part, Unknown) or not _may_be_empty(part, command, script, others):
            return ()
        found.append(part.name)
    return tuple(found)


def _is_of_host(rest: str) -> bool:
    """Whether a path is the root of the host or one of the folders that every host has."""
    if not rest.startswith("/"):
        return False
    names = [name for name in rest.split("/") if name not in ("", ".", "*")]
    return not names or "/".join(names) in FOLDERS


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
