"""The commands of real scripts are those of shfmt's tree: every (line, command word), and no other.

Where the two differ is printed. Each difference was read; those that stay are shfmt's: in a script for sh it takes
`!(test -x a)` for an extended pattern, which dash and bash run as a negated subshell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from shell_commands import Commands, Script, reference, scripts, sensitive

from pkgscan.facts.shell import Command
from pkgscan.model import Entry, Gap
from pkgscan.readers.base import Source
from pkgscan.readers.shell import ShellReader

FEWEST = 1500  # scripts that the figures are about
COMPOUND = ("[[", "((")  # which shfmt does not count among the commands


@dataclass(frozen=True)
class Compared:
    """One script in both readings; `gaps` are what we said of it that we do not understand."""

    script: Script
    theirs: Commands
    ours: Commands
    gaps: tuple[Gap, ...]


def commands(script: Script) -> tuple[Commands, tuple[Gap, ...]]:
    found = list(ShellReader().read(Source(Entry(path=f"p.deb!/{script.name}"), "shell", script.content)))
    ours: Commands = Counter()
    for fact in found:
        if isinstance(fact, Command) and not fact.text.startswith(COMPOUND):
            word = fact.name_span
            lines = script.text.split("\n")[word.first_line - 1 : word.last_line]
            lines[-1] = lines[-1][: word.last_column]
            lines[0] = lines[0][word.first_column - 1 :]
            ours[word.first_line, "\n".join(lines)] += 1
    return ours, tuple(gap for gap in found if isinstance(gap, Gap))


@pytest.fixture(scope="module")
def compared(deb: Callable[..., Path]) -> list[Compared]:
    every = list(scripts(deb))
    with ThreadPoolExecutor(2) as pool:
        references = list(pool.map(reference, every))
    pairs = zip(every, references, strict=True)
    return [Compared(script, theirs, *commands(script)) for script, theirs in pairs if theirs is not None]


def rates(pairs: list[tuple[Commands, Commands]]) -> tuple[float, float, int]:
    """Recall, precision, and how many commands the reference has."""
    both = sum((theirs & ours).total() for theirs, ours in pairs)
    wanted, found = (sum(pair[side].total() for pair in pairs) for side in (0, 1))
    return both / wanted, both / found, wanted


def test_commands_are_those_of_shfmt(compared: list[Compared]) -> None:
    assert len(compared) >= FEWEST
    everything = rates([(one.theirs, one.ours) for one in compared])
    delicate = rates([(sensitive(one.theirs), sensitive(one.ours)) for one in compared])
    for one in compared:
        if one.theirs != one.ours:
            missed, more = sorted((one.theirs - one.ours).elements()), sorted((one.ours - one.theirs).elements())
            print(f"{one.script.name}: only shfmt {missed}, only pkgscan {more}")
    print(f"{len(compared)} scripts; recall, precision, commands: all {everything}, sensitive {delicate}")
    assert min(everything[:2]) >= 0.995
    assert min(delicate[:2]) >= 0.999


def test_scripts_that_shfmt_reads_are_read_whole(compared: list[Compared]) -> None:
    assert {one.script.name: one.gaps for one in compared if one.gaps} == {}
