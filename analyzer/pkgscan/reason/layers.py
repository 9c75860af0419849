"""A command and the commands it runs in turn: `sudo -u app nice curl URL` is sudo, nice and curl."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from pkgscan.reason.invocation import PEELS, WRAPPERS, base_name, inside
from pkgscan.reason.programs.elsewhere import READERS, elsewhere
from pkgscan.reason.programs.privileges import privilege_call
from pkgscan.reason.unknown_prefix import may_run
from pkgscan.values import Value

ELSEWHERE = frozenset(READERS)  # the programs that run a command on another host or in a container
PRIVILEGED = frozenset(("sudo", "doas", "runuser", "pkexec", "setpriv", "gosu", "su-exec", "setuidgid", "su"))


class Layer(msgspec.Struct, frozen=True):
    """One command of a chain: its name, its words, and where it runs, empty for where the outermost does.

    `sure`: what stands before it does run it, as far as the tables know.
    """

    name: str
    words: tuple[Value, ...]
    where: str = ""
    sure: bool = True


def layers(words: Sequence[Value], wrappers: Mapping[str, int], where: str = "") -> Iterator[Layer]:
    """The commands of a line, the outermost first.

    `wrappers` are functions of the script that run their arguments, with the number of those they take for themselves.
    """
    inner, sure = tuple(words), True
    for _ in range(PEELS):
        if not inner:
            return
        name = base_name(inner[0])
        yield Layer(name, inner, where, sure)
        following, there = _next(name, inner, wrappers)
        if not following and not is_known(name, wrappers):
            following, sure = may_run(inner), False
        if there:
            where = where or there
        if following == inner:
            return
        inner = following


def is_known(name: str, wrappers: Mapping[str, int]) -> bool:
    """Whether the tables say what a program runs."""
    return name in wrappers or name in ELSEWHERE or name in PRIVILEGED or name in WRAPPERS


def destination(words: Sequence[Value], wrappers: Mapping[str, int]) -> str:
    """Where a line would have the text run that it is given: `ssh host <<EOF`; empty for where the line runs."""
    found = (elsewhere(layer.name, layer.words) for layer in layers(words, wrappers) if layer.name in ELSEWHERE)
    return next((one.where for one in found if one is not None), "")


def _next(name: str, words: tuple[Value, ...], wrappers: Mapping[str, int]) -> tuple[tuple[Value, ...], str]:
    """The command that one runs, and where if it is elsewhere; no words where it runs none."""
    if name in wrappers:
        return words[1 + wrappers[name] :], ""
    if name in ELSEWHERE:
        found = elsewhere(name, words)
        return (found.command, found.where) if found else ((), "")
    if name in PRIVILEGED:
        call = privilege_call(name, words)
        return (call.command, "") if call else ((), "")
    wrapper = WRAPPERS.get(name)
    return (inside(words, wrapper), "") if wrapper else ((), "")
