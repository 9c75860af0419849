"""What pkgscan states of the drawn scripts, in the words of the labels, and how that compares with what was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from labels.reading import UNIT_LESS, Label, Place

from pkgscan.inline import run
from pkgscan.inputs import open_input
from pkgscan.link import link
from pkgscan.plan import Plan
from pkgscan.registry import load
from pkgscan.scanning import Options
from pkgscan.testing import Member, pack_members

NOW = datetime(2026, 1, 1, tzinfo=UTC)
UNKNOWN = {"unknown", "unresolved"}
FACTS = ("PrivilegeUse", "UnitUse", "NetworkUse", "CronWrite")
SHELL = "ShellScript"  # what a reader of shell states once for each text; the others follow from its facts
Stated = dict[Place, set[str]]  # the subjects that are stated at a place, empty where one is not known


@dataclass
class Score:
    """One kind, or several: what was found, missed, and stated without being so; and where the subject is another."""

    found: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # in the right place, of another subject

    @property
    def recall(self) -> float:
        return self.found / ((self.found + len(self.missed)) or 1)

    @property
    def precision(self) -> float:
        return self.found / ((self.found + len(self.false)) or 1)

    def add(self, other: Score) -> None:
        self.found += other.found
        self.missed += other.missed
        self.false += other.false
        self.wrong += other.wrong

    def __str__(self) -> str:
        labels = self.found + len(self.missed)
        figures = f"recall {self.recall:.1%} of {labels}, precision {self.precision:.1%} ({len(self.false)} false)"
        return f"{figures}, {len(self.wrong)} with another subject"


@cache
def fact_types() -> dict[str, type[Any]]:
    """The facts of FACTS that some conclusion or reader states, by name."""
    registry = load()
    kinds = [kind for one in registry.conclusions for kind in one.concludes]
    kinds += [kind for reader in registry.readers for kind in reader.facts]
    return {kind.__name__: kind for kind in kinds if kind.__name__ in FACTS}


def unstated() -> set[str]:
    """What neither a reader nor a conclusion states, of what the labels are compared with."""
    read = {kind.__name__ for reader in load().readers for kind in reader.facts}
    return {SHELL, *FACTS} - read - fact_types().keys()


def facts_of(member: str, content: bytes, folder: Path) -> dict[str, tuple[Any, ...]]:
    """The facts about one script, alone in a package under its own path. An error in pkgscan is raised."""
    package = folder / "package.tar"
    pack_members([Member(member, content, mode=0o755)], str(package))
    registry, options = load(), Options(now=NOW)
    source = open_input(str(package))
    try:
        engine = run(registry, (source,), Plan(judging=options.judging(registry)))
        faults = [gap.detail for gap in engine.judge().gaps if gap.traceback]
        assert not faults, faults
        graph, _ = engine._conclude(link(engine.entries(), engine.facts()))
    finally:
        source.close()
    return {name: graph.facts(kind) for name, kind in fact_types().items()}


def stated(script: int, facts: Mapping[str, tuple[Any, ...]]) -> Stated:
    """The facts in the words of the labels."""
    found: Stated = defaultdict(set)
    for name, each in facts.items():
        for fact in each:
            kind = kind_of(name, fact)
            if kind:
                found[script, fact.span.first_line, kind].add(normal(subject_of(name, fact)))
    return found


def kind_of(name: str, fact: Any) -> str:
    """The kind of label, empty for what the labels leave out: `sudo -l`, and what takes jobs away from cron."""
    if name == "UnitUse":
        return "unit-query" if fact.kind == "query" else "unit"
    if name == "PrivilegeUse":
        return "" if fact.queries else "privilege"
    return "network" if name == "NetworkUse" else "" if fact.removes else "cron"


def subject_of(name: str, fact: Any) -> str:
    if name == "UnitUse":
        return UNIT_LESS if fact.written is None else str(fact.unit)
    if name == "PrivilegeUse":
        return str(fact.user)
    return str(fact.host) if name == "NetworkUse" else fact.file or f"crontab:{fact.user}"


def normal(subject: str) -> str:
    """`mysql` and `mysql.service` are one unit, and what is not known is empty."""
    return "" if subject in UNKNOWN else subject.removesuffix(".service").lower()


def compare(labels: Iterable[Label], facts: Stated, kind: str) -> Score:
    """Labels and facts of one kind, place by place."""
    score = Score()
    by_place: dict[Place, list[Label]] = defaultdict(list)
    for label in labels:
        if label.kind == kind:
            by_place[label.place].append(label)
    for place in sorted(by_place.keys() | {place for place in facts if place[2] == kind}):
        score.add(at_place(place, by_place.get(place, []), facts.get(place, set())))
    return score


def at_place(place: Place, labels: list[Label], facts: set[str]) -> Score:
    """One line: as many facts as labels are found, those above what the labels allow are false."""
    score, where = Score(), f"{place[0]:02}:{place[1]} {place[2]}"
    counting = [label for label in labels if label.counts]
    allowed = {normal(one) for label in labels for one in label.subject.split("|")}
    score.found = min(len(counting), len(facts))
    score.missed = [f"{where} {label.word} {label.subject}" for label in counting[score.found :]]
    likely = sorted(facts, key=lambda subject: (subject not in allowed, subject))
    room = len(facts) if "" in allowed else len(allowed)  # each of `a|b` may be told, or of what a reader does not know
    score.false = [f"{where} {subject or 'unknown'}" for subject in likely[room:]]
    if score.found and not facts & allowed and allowed != {""}:
        score.wrong = [f"{where} {', '.join(sorted(facts))} instead of {', '.join(sorted(allowed))}"]
    return score


def scores(labels: list[Label], facts: Stated, kinds: Iterable[str]) -> Iterator[tuple[str, Score]]:
    return ((kind, compare(labels, facts, kind)) for kind in kinds)
