"""What a rule is made of. A rule module needs this, the facts it looks at, and nothing else.

A rule looks at one type of fact and yields a `Problem` for each that is wrong. It never opens, decodes or parses
anything and never reads the clock: it asks `scan`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast

import msgspec

from pkgscan.circumstances import Circumstances
from pkgscan.facts.container import Image
from pkgscan.graph import Graph, InstallPath, Start, Trigger
from pkgscan.model import Category, Confidence, Entry, Related, Severity, Span
from pkgscan.reason.overlay import Removal
from pkgscan.report import RuleInfo

if TYPE_CHECKING:
    from pkgscan.profile.model import Profile
    from pkgscan.profile.target import Target

DEFECT: Category = "defect"
ASSUMPTION: Category = "assumption"
CONTRADICTION: Category = "contradiction"
INFO: Severity = "info"
LOW: Severity = "low"
MEDIUM: Severity = "medium"
HIGH: Severity = "high"

LAST_LINE = sys.maxsize
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

    def __init__(self, graph: Graph, circumstances: Circumstances) -> None:
        self._graph = graph
        self._circumstances = circumstances
        self.now = circumstances.now  # with time zone; from --now, never the clock
        self._firsts: dict[tuple[Any, Any], Any] = {}  # fact type and question, to fact

    @property
    def profile(self) -> Profile:
        """The host that the package is meant for; one of which nothing is known where no profile was named."""
        return self._circumstances.profile

    @property
    def target(self) -> Target:
        """The same host, to be asked: has it this unit, may that user run this with sudo."""
        return self._circumstances.target

    def entries(self) -> tuple[Entry, ...]:
        """Every entry seen, in a fixed order."""
        return self._graph.entries()

    def entry(self, path: str) -> Entry | None:
        """The entry at a path of the package."""
        return self._graph.entry(path)

    def facts(self, kind: type[F]) -> tuple[F, ...]:
        """Every fact of a type, conclusions' values included, in a fixed order."""
        return self._graph.facts(kind)

    def first(self, kind: type[F], holds: Callable[[F], bool]) -> F | None:
        """The first fact of which something holds, for what is said once: every fact may ask, it is looked for once.

        `holds` is a function of a module: another function is another question.
        """
        key = (kind, holds)
        if key not in self._firsts:
            self._firsts[key] = next(filter(holds, self.facts(kind)), None)
        return cast("F | None", self._firsts[key])

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

    def removal(self, entry_path: str) -> Removal | None:
        """What takes an entry of a container image away, so that no container has it; None for all that counts."""
        return self._graph.removal(entry_path)

    def images_of(self, entry_path: str) -> tuple[Image, ...]:
        """The container images in whose layers an entry lies; none for what would lie on the host."""
        return self._graph.images_of(entry_path)

    def in_own_tree(self, path: str) -> bool:
        """Whether a host path lies under a directory that belongs to this package alone."""
        return self._graph.in_own_tree(path)

    def facts_of(self, kind: type[F], entry_path: str) -> Iterator[F]:
        """The facts of a type in one entry, in their order."""
        return self._graph.facts_in(kind, Span(entry_path, 0, LAST_LINE))

    def starts(self, entry_path: str) -> tuple[Start, ...]:
        """How what starts by itself comes to run an entry, through scripts that run or source each other."""
        return self._graph.starts(entry_path)

    def started_by(self, span: Span) -> tuple[Start, ...]:
        """How what starts by itself comes to a command: the job whose own line it stands in, else that of its entry."""
        return self._graph.started_by(span)

    def triggers(self, entry_path: str) -> tuple[Trigger, ...]:
        """What starts an entry by itself."""
        return self._graph.triggers(entry_path)


Check = Callable[[F, Scan], Iterator[Problem]]


class Rule(msgspec.Struct, Generic[F], frozen=True):
    """A rule as declared by `@rule`: the function that checks, the type of fact it looks at, and what else it is."""

    check: Check[F]
    looks_at: type[F]
    info: RuleInfo

    @property
    def id(self) -> str:
        """What people call it."""
        return self.info.id


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
    asks: str = "",
) -> Callable[[Check[F]], Rule[F]]:
    """Declare a rule. Its id is the module's name with hyphens; a third party's is `vendor/name`.

    `may_be` lists further (category, severity) pairs a problem may pick. `integrity` rules can be neither accepted
    nor lowered. `formerly` keeps old ids working. `asks` names the table of a
    profile without which there is nothing to judge by: the rule does not run then, and the report says so.
    """

    def declare(check: Check[F]) -> Rule[F]:
        parts = check.__module__.split(".")
        name = parts[-1].replace("_", "-")
        doc = (sys.modules[check.__module__].__doc__ or "").strip()
        info = RuleInfo(
            id=f"{vendor}/{name}" if vendor else name,
            title=title,
            summary=" ".join(doc.split("\n\n")[0].split()),
            doc=doc,
            remedy=remedy,
            category=category,
            severity=severity,
            grades=((category, severity), *may_be),
            family=parts[-2] if len(parts) > 1 else "",
            stage=stage,
            since=since,
            integrity=integrity,
            formerly=formerly,
            asks=asks,
        )
        return Rule(check, looks_at, info)

    return declare
