"""What the outcome of a test proves: `command -v X`, `[ -x X ]`, `[ "$(id -u)" -ne 0 ]`, `systemctl cat X` and more.

Only the subject that a test names: `[ -d /run/systemd/system ]` proves that systemd runs, and no unit.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from pkgscan.facts.uses import Subject
from pkgscan.reason.programs.units import unit_calls, unit_name
from pkgscan.reason.words import head, holed, variables
from pkgscan.values import Value, literal, shown

Proof = tuple[Subject, str]

TESTS = frozenset(("[", "test", "[["))
LOOK_UPS = frozenset(("command", "which", "type", "hash"))
FILE_FLAGS = frozenset(("-a", "-d", "-e", "-f", "-h", "-L", "-r", "-s", "-w", "-x"))
UNIT_FOLDERS = (
    "/etc/init.d/", "/etc/systemd/system/", "/lib/systemd/system/", "/usr/lib/systemd/system/", "/run/systemd/system/",
)  # fmt: skip
SYSTEMD = ("/run/systemd/system", "/run/systemd")
EQUAL, UNEQUAL = frozenset(("-eq", "=", "==")), frozenset(("-ne", "!=", "-gt"))
USER_IDS = frozenset(("EUID", "UID", "USER", "LOGNAME", "USERID", "USER_ID", "uid", "userid"))
LISTS_UNITS = frozenset(("list-unit-files", "list-units"))
ACCOUNTS = frozenset(("passwd", "group", "shadow"))
# Queries of systemd that fail for a unit that is not there. `status` fails for one that is stopped, too.
ASKS_UNIT = frozenset((
    "cat", "is-active", "is-enabled", "status", "list-unit-files", "list-units", "was-enabled", "debian-installed",
    "show",
))  # fmt: skip


def proofs(words: Sequence[Value], printed: Sequence[Sequence[Value]], *, succeeded: bool) -> Iterator[Proof]:
    """What is so where a command has succeeded, or failed. `printed` are the commands whose output stands in it."""
    name = (literal(words[0]) or "").rpartition("/")[2] if words else ""
    if name in TESTS:
        yield from _tested(words[1:], printed, succeeded=succeeded)
    elif succeeded:
        yield from _asked(name, words)


def piped(first: Sequence[Value], last: Sequence[Value]) -> Iterator[Proof]:
    """What is so where `systemctl list-unit-files | grep X`, `id -nG | grep X` and their like have succeeded."""
    if literal(last[0]) not in ("grep", "egrep", "fgrep") or not first:
        return
    pattern = next((literal(word) or "" for word in last[1:] if not head(word).startswith("-")), "")
    bare = pattern.strip("^$\\b<> ").replace("\\", "")
    if (literal(first[0]) or "").rpartition("/")[2] == "systemctl" and any(literal(w) in LISTS_UNITS for w in first):
        yield "unit", unit_name_of(bare)
    elif literal(first[0]) in ("getent", "cat") and bare:
        yield "user", bare.rstrip(":")


def unit_name_of(text: str) -> str:
    """The unit that a file name or pattern names."""
    name = text.rpartition("/")[2]
    return name if "." in name else f"{name}.service"


def _asked(name: str, words: Sequence[Value]) -> Iterator[Proof]:
    """What commands say by succeeding."""
    if name in LOOK_UPS:
        yield from _looked_up(name, words)
    elif name == "id" or (name == "getent" and len(words) > 2 and literal(words[1]) in ACCOUNTS):  # noqa: PLR2004  # a database and a key
        account = literal(words[-1]) or ""
        if account and not account.startswith("-") and len(words) > 1:
            yield "user", account
    elif name == "sudo" and any(literal(word) in ("-n", "-v", "-l", "-nv", "-ln") for word in words[1:]):
        yield "privilege", "sudo"
    else:
        queried = (call for call in unit_calls(name, words) if call.kind == "query" and call.verb in ASKS_UNIT)
        yield from (("unit", unit_name(call.unit)) for call in queried if call.unit is not None)


def _looked_up(name: str, words: Sequence[Value]) -> Iterator[Proof]:
    if name != "command" or any(head(word).startswith(("-v", "-V")) for word in words[1:]):
        for word in words[1:]:
            if not head(word).startswith("-"):
                yield from _tool(word)


def _tool(word: Value) -> Iterator[Proof]:
    text = literal(word) or ""
    if text:
        yield "tool", text.rpartition("/")[2]
        if "/" in text:
            yield from _file(text)


def _file(path: str) -> Iterator[Proof]:
    yield "file", path
    if path.rstrip("/") in SYSTEMD:
        yield "systemd", ""
        return
    folder = next((folder for folder in UNIT_FOLDERS if path.startswith(folder)), "")
    if folder and path[len(folder) :]:
        yield "unit", unit_name_of(path)


def _tested(words: Sequence[Value], printed: Sequence[Sequence[Value]], *, succeeded: bool) -> Iterator[Proof]:
    """What `[ ... ]` proves: each of its parts where they are joined by `-a`, none surely where by `-o`."""
    texts = [holed(word) for word in words]
    joint = "and" if succeeded else "or"
    wrong = ("-o", "||") if succeeded else ("-a", "&&")
    if any(text in wrong for text in texts):
        return
    if joint == "or" and len(_clauses(words, texts)) > 1 and not any(text in ("-o", "||") for text in texts):
        return
    for clause in _clauses(words, texts):
        yield from _clause(clause, printed, succeeded=succeeded)


def _clauses(words: Sequence[Value], texts: Sequence[str]) -> list[list[Value]]:
    found: list[list[Value]] = [[]]
    for word, text in zip(words, texts, strict=True):
        if text in ("-a", "&&", "-o", "||") and found[-1]:
            found.append([])
        elif text not in ("]", "]]", "(", ")"):
            found[-1].append(word)
    return [clause for clause in found if clause]


def _clause(words: list[Value], printed: Sequence[Sequence[Value]], *, succeeded: bool) -> Iterator[Proof]:
    """What one comparison proves."""
    while words and literal(words[0]) == "!":
        words, succeeded = words[1:], not succeeded
    if len(words) == 3:  # noqa: PLR2004  # a comparison
        yield from _compared(words, printed, succeeded=succeeded)
    elif len(words) == 2:  # noqa: PLR2004  # a flag and what it asks of
        yield from _flagged(literal(words[0]) or "", words[1], printed, succeeded=succeeded)
    elif len(words) == 1 and succeeded:
        yield from _filled(words[0], printed)


def _flagged(flag: str, word: Value, printed: Sequence[Sequence[Value]], *, succeeded: bool) -> Iterator[Proof]:
    if flag in FILE_FLAGS and not succeeded:
        yield "absent", shown(word)
    elif flag in FILE_FLAGS and succeeded:
        path = literal(word) or ""
        if path:
            yield from _file(path)
        if flag == "-x":
            yield from _tool(word) if path else _found(printed)
    elif flag == "-t" and succeeded:
        yield "terminal", ""
    elif (flag == "-n" and succeeded) or (flag == "-z" and not succeeded):
        yield from _filled(word, printed)


def _filled(word: Value, printed: Sequence[Sequence[Value]]) -> Iterator[Proof]:
    """What is so where a word is not empty: its variables are set, the commands in it printed something."""
    for name in variables(word):
        yield "set", name
    yield from _found(printed)


def _found(printed: Sequence[Sequence[Value]]) -> Iterator[Proof]:
    for words in printed:
        yield from _asked((literal(words[0]) or "").rpartition("/")[2], words) if words else ()


def _compared(words: Sequence[Value], printed: Sequence[Sequence[Value]], *, succeeded: bool) -> Iterator[Proof]:
    left, operator, right = words[0], literal(words[1]) or "", words[2]
    if operator not in EQUAL | UNEQUAL:
        return
    same = (operator in EQUAL) == succeeded
    value = next((text for text in (literal(right), literal(left)) if text is not None), None)
    if value is not None and _is_user_id((left, right), printed):
        if value in ("0", "root"):
            yield ("root" if same else "not root"), ""
        return
    if (same and value) or (not same and value == ""):
        for name in itertools.chain(variables(left), variables(right)):
            yield "set", name


def _is_user_id(words: Sequence[Value], printed: Sequence[Sequence[Value]]) -> bool:
    if any(name in USER_IDS for word in words for name in variables(word)):
        return True
    return any(command and literal(command[0]) in ("id", "whoami") for command in printed)
