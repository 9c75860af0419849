"""What was read in the drawn scripts by eye: the labels of README.md, and how far two readings agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
KINDS = ("privilege", "unit", "unit-query", "network", "cron")
CERTAINTIES = ("sure", "may")
SIXTY = range(1, 61)  # those drawn by kind of fact; the scripts behind them were drawn for what they do to cron
UNIT_LESS = "-"  # the subject of `systemctl daemon-reload` and its like

Place = tuple[int, int, str]  # script, line, kind


@dataclass(frozen=True, order=True)
class Label:
    """One fact that a reader saw in a script."""

    script: int
    line: int
    kind: str
    word: str
    subject: str
    certainty: str = "sure"
    note: str = ""

    @property
    def place(self) -> Place:
        return self.script, self.line, self.kind

    @property
    def counts(self) -> bool:
        """Whether a reader that misses it has missed something."""
        return self.certainty == "sure" and self.subject != UNIT_LESS


def parse(row: str) -> Label:
    """`SCRIPT | LINE | KIND | WORD | SUBJECT | CERTAINTY | NOTE`, without the note where there is none."""
    script, line, kind, word, subject, certainty, *note = (part.strip() for part in row.split(" | "))
    assert kind in KINDS, row
    assert certainty in CERTAINTIES, row
    return Label(int(script), int(line), kind, word, subject, certainty, " | ".join(note))


def read(name: str) -> list[Label]:
    """A reading: `first`, `second`, or `settled`."""
    rows = (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [parse(row) for row in rows if row and not row.startswith("#")]


def places(labels: Iterable[Label]) -> Counter[Place]:
    return Counter(label.place for label in labels)


def common(ours: Counter[Place], theirs: Counter[Place]) -> int:
    return (ours & theirs).total()


def kappa(first: Counter[Place], second: Counter[Place], cells: int) -> float:
    """Cohen's kappa over the lines of all scripts, once for each kind: agreement beyond what chance brings."""
    both = len(first.keys() & second.keys())
    observed = (both + cells - len(first.keys() | second.keys())) / cells
    yes = len(first) * len(second) / cells**2
    no = (1 - len(first) / cells) * (1 - len(second) / cells)
    return (observed - yes - no) / (1 - yes - no)
