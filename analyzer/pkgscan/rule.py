"""What a rule is made of. A rule module needs this, the facts it looks at, and nothing else.

A rule looks at one type of fact and yields a `Problem` for each that is wrong. It never opens, decodes or parses
anything and never reads the clock: it asks `scan`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import msgspec

from pkgscan.graph import Graph, InstallPath, Trigger
from pkgscan.model import Category, Confidence, Entry, Related, Severity, Span
from pkgscan.report import RuleInfo

DEFECT: Category = "defect"
ASSUMPTION: Category = "assumption"
CONTRADICTION: Category = "contradiction"
INFO: Severity = "info"
LOW: Severity = "low"
MEDIUM: Severity = "medium"
HIGH: Severity = "high"

F = TypeVar("F")
Grade = tuple[Category, Severity]
RuleStage = Literal["preview", "stable", "deprecated"]

__all__ = [
    "ASSUMPTION", "CONTRADICTION", "DEFECT", "HIGH", "INFO", "LOW", "MEDIUM",
    "Grade", "Problem", "Related", "Rule", "Scan", "rule",
]  # fmt: skip


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong, where, and by what evidence.

    `message` is lower case without a full stop and names the thing. `evidence` is what identifies the problem from one
    release to the next: names and values, never a line number, never the message. `grade` picks one of the rule's
    declared pairs; None means its first.
    """

    span: Span
    message: str
    evidence: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    confidence: Confidence = "high"
    grade: Grade | None = None
    remedy: str = ""  # only where the rule's own remedy does not fit


class Scan:
    """The read-only questions a rule may ask of the whole scan."""

    def __init__(self, graph: Graph, now: datetime) -> None:
        self._graph = graph
        self.now = now  # with time zone; from --now, never the clock

    def entries(self) -> tuple[Entry, ...]:
        """Every entry seen, in a fixed order."""
        return self._graph.entries()

    def entry(self, path: str) -> Entry | None:
        """The entry at a path of the package."""
        return self._graph.entry(path)

    def facts(self, kind: type[F]) -> tuple[F, ...]:
        """Every fact of a type, conclusions' values included, in a fixed order."""
        return self._graph.facts(kind)

    def facts_in(self, kind: type[F], span: Span) -> Iterator[F]:
        """The facts of a type on the lines of a span."""
        return self._graph.facts_in(kind, span)

    def install_paths(self, entry_path: str) -> tuple[InstallPath, ...]:
        """Where an entry would lie on the host."""
        return self._graph.install_paths(entry_path)

    def resolve(self, path: str, origin: str) -> str | None:
        """The entry that a host path names, seen from the entry at `origin`."""
        return self._graph.resolve(path, origin)

    def candidates(self, path: str, origin: str) -> tuple[str, ...]:
        """Every entry that a host path may name; several where the package holds variants of it."""
        return self._graph.candidates(path, origin)

    def in_own_tree(self, path: str) -> bool:
        """Whether a host path lies under a directory that belongs to this package alone."""
        return self._graph.in_own_tree(path)

    def triggers(self, entry_path: str) -> tuple[Trigger, ...]:
        """What starts an entry by itself."""
        return self._graph.triggers(entry_path)


Check = Callable[[F, Scan], Iterator[Problem]]


class Rule(Generic[F]):
    """A rule as declared by `@rule`: its grades, its texts, and the function that checks."""

    def __init__(  # noqa: PLR0913  # a declaration has as many parts as it has
        self,
        check: Check[F],
        *,
        id: str,  # noqa: A002  # the field's own word
        title: str,
        grades: tuple[Grade, ...],
        looks_at: type[F],
        since: str,
        remedy: str,
        stage: RuleStage,
        integrity: bool,
        formerly: tuple[str, ...],
        doc: str,
    ) -> None:
        self.check = check
        self.id = id
        self.title = title
        self.grades = grades
        self.looks_at = looks_at
        self.since = since
        self.remedy = remedy
        self.stage = stage
        self.integrity = integrity
        self.formerly = formerly
        self.doc = doc
        self.family = check.__module__.split(".")[-2] if "." in check.__module__ else ""

    @property
    def category(self) -> Category:
        """The class of its first grade."""
        return self.grades[0][0]

    @property
    def severity(self) -> Severity:
        """The severity of its first grade."""
        return self.grades[0][1]

    def info(self) -> RuleInfo:
        """The rule as reporters need it."""
        return RuleInfo(
            id=self.id,
            title=self.title,
            summary=self.summary,
            doc=self.doc,
            remedy=self.remedy,
            category=self.category,
            severity=self.severity,
            grades=self.grades,
            family=self.family,
            stage=self.stage,
            since=self.since,
            integrity=self.integrity,
            formerly=self.formerly,
        )

    @property
    def summary(self) -> str:
        """The rule in a sentence: the first paragraph of its module's docstring."""
        return " ".join(self.doc.split("\n\n")[0].split())


def rule(  # noqa: PLR0913  # a declaration has as many parts as it has
    *,
    title: str,
    category: Category,
    severity: Severity,
    looks_at: type[F],
    since: str,
    remedy: str,
    may_be: tuple[Grade, ...] = (),
    stage: RuleStage = "preview",
    integrity: bool = False,
    formerly: tuple[str, ...] = (),
    vendor: str = "",
) -> Callable[[Check[F]], Rule[F]]:
    """Declare a rule. Its id is the module's name with hyphens; a third party's is `vendor/name`.

    `may_be` lists further (category, severity) pairs a problem may pick. `integrity` rules can be neither accepted
    nor lowered. `formerly` keeps old ids working.
    """

    def declare(check: Check[F]) -> Rule[F]:
        module: Any = __import__("sys").modules[check.__module__]
        name = check.__module__.rpartition(".")[2].replace("_", "-")
        return Rule(
            check,
            id=f"{vendor}/{name}" if vendor else name,
            title=title,
            grades=((category, severity), *may_be),
            looks_at=looks_at,
            since=since,
            remedy=remedy,
            stage=stage,
            integrity=integrity,
            formerly=formerly,
            doc=(module.__doc__ or "").strip(),
        )

    return declare
