"""What the user accepts: findings and gaps named in a suppressions file, or already in a report of before.

Nothing is accepted for ever or by nobody: a reason, an owner and a last day are required. A broken integrity, a
crash or an ambiguous archive cannot be accepted at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from itertools import accumulate
from operator import or_
from typing import Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from pkgscan.fingerprint import below_package
from pkgscan.model import Finding, Gap, Span, Suppressed

# Gaps nobody may accept: after each of these, what the rest of the report says cannot be relied on.
NEVER_ACCEPTED = frozenset({
    "internal-error", "decoder-crash", "analyser-crash",  # a process of ours died
    "bad-frame", "no-root",  # one of them is not to be trusted
    "open-error", "walk-error", "read-error", "link-error", "conclude-error", "judge-error",  # a part of ours raised
    "timeout",  # what was seen by then differs from run to run
    "shared-header", "no-local-header",  # unpackers disagree, and not all readings of the archive were read
})  # fmt: skip
NEVER_ACCEPTED_STEMS = ("crash-", "sandbox-", "ambiguous-")  # third parties' readers add reasons of their own

LIST_HINT = "`pkgscan rules` lists them"  # of the rules, for who names one there is not

T = TypeVar("T", Finding, Gap)


class KnownRule(Protocol):
    """What must be known of a rule to accept its findings, such as its `RuleInfo`."""

    @property
    def id(self) -> str: ...  # noqa: D102  # as in Rule
    @property
    def formerly(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def integrity(self) -> bool: ...  # noqa: D102


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """One `[[accept]]`: a fingerprint, or a rule and a glob over paths inside the package; it holds up to `expires`."""

    fingerprint: str = ""
    rule: str = ""
    path: str = ""
    reason: str
    owner: str
    expires: date  # the last day it holds

    @property
    def title(self) -> str:
        """How a note names it."""
        return self.fingerprint or f"{self.rule} at {self.path}"


class Baseline(msgspec.Struct, frozen=True):
    """The fingerprints of a report of before."""

    findings: frozenset[str] = frozenset()
    gaps: frozenset[str] = frozenset()


class Accepted(msgspec.Struct, frozen=True):
    """All that the user accepts in this run."""

    acceptances: tuple[Acceptance, ...] = ()
    baseline: Baseline = Baseline()


class Applied(msgspec.Struct, frozen=True):
    """Findings and gaps with what was accepted marked, in their old order, and what the user should hear about it.

    `unused` notes name acceptances that match nothing; they mean nothing when only some of the rules ran.
    """

    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]
    unused: tuple[str, ...]


def may_accept_gap(gap: Gap) -> bool:
    """Whether a user may accept a gap at all."""
    return gap.reason not in NEVER_ACCEPTED and not gap.reason.startswith(NEVER_ACCEPTED_STEMS)


def apply_suppressions(
    findings: Sequence[Finding],
    gaps: Sequence[Gap],
    accepted: Accepted,
    today: date,
    rules: Iterable[KnownRule],
) -> Applied:
    """Mark what is accepted. Findings and gaps carry fingerprints; `today` is the run's, `rules` all installed.

    An expired acceptance accepts nothing, and what it named is not accepted by the baseline either: it comes back.
    """
    bench = _Bench(accepted, today, tuple(rules))
    marked = tuple(bench.judge_finding(finding) for finding in findings)
    seen = tuple(bench.judge_gap(gap) for gap in gaps)
    return Applied(marked, seen, tuple(bench.notes()), tuple(bench.unused()))


class _Bench:
    """Applies acceptances one by one and keeps what became of each."""

    def __init__(self, accepted: Accepted, today: date, rules: tuple[KnownRule, ...]) -> None:
        self._today = today
        self._baseline = accepted.baseline
        self._acceptances = accepted.acceptances
        self._names = {name: rule.id for rule in rules for name in (*rule.formerly, rule.id)}
        self._integrity = frozenset(rule.id for rule in rules if rule.integrity)
        self._by_fingerprint = {a.fingerprint: a for a in accepted.acceptances if a.fingerprint}
        self._by_rule: dict[str, list[Acceptance]] = {}
        for acceptance in accepted.acceptances:
            if acceptance.rule:
                name = self._names.get(acceptance.rule, acceptance.rule)
                self._by_rule.setdefault(name, []).append(acceptance)
        self._used: set[Acceptance] = set()
        self._refused: dict[str, None] = {}  # notes, in order, each once

    def judge_finding(self, finding: Finding) -> Finding:
        """The finding, marked if it is accepted."""
        found = [*self._named(finding.fingerprint), *self._by_path(finding)]
        known = finding.fingerprint in self._baseline.findings
        return self._judge(finding, found, known, finding.rule, finding.rule not in self._integrity)

    def judge_gap(self, gap: Gap) -> Gap:
        """The gap, marked if it is accepted."""
        found = list(self._named(gap.fingerprint))
        known = gap.fingerprint in self._baseline.gaps
        return self._judge(gap, found, known, f"the gap {gap.reason}", may_accept_gap(gap))

    def notes(self) -> Iterator[str]:
        """What the user should hear in any case: what cannot be accepted, and what has expired."""
        yield from self._refused
        for acceptance in self._acceptances:
            if acceptance in self._used and acceptance.expires < self._today:
                yield (
                    f"suppression of {acceptance.title} expired on {acceptance.expires}, owner {acceptance.owner}: "
                    "what it accepted counts again"
                )

    def unused(self) -> Iterator[str]:
        """The acceptances that match nothing."""
        for acceptance in self._acceptances:
            if acceptance not in self._used:
                yield f"suppression of {acceptance.title} matches nothing in this package"

    def _judge(self, item: T, found: list[Acceptance], known: bool, title: str, acceptable: bool) -> T:  # noqa: FBT001  # the verdict on the item, not a switch
        self._used.update(found)
        valid = [acceptance for acceptance in found if acceptance.expires >= self._today]
        if not acceptable:
            for by in [f"suppression of {acceptance.title}" for acceptance in valid] + ["baseline"] * known:
                self._refused[f"{title} cannot be accepted; the {by} is ignored"] = None
            return item
        if valid:
            first = valid[0]
            mark = Suppressed("suppressions", first.reason, first.owner, first.expires.isoformat())
            return replace(item, suppressed=mark)
        if known and not found:
            return replace(item, suppressed=Suppressed("baseline", "already in the baseline report", "", ""))
        return item

    def _named(self, fingerprint: str) -> Iterator[Acceptance]:
        acceptance = self._by_fingerprint.get(fingerprint)
        if acceptance is not None:
            yield acceptance

    def _by_path(self, finding: Finding) -> Iterator[Acceptance]:
        for acceptance in self._by_rule.get(finding.rule, ()):
            if matches_path(acceptance.path, finding.span):
                yield acceptance


def matches_path(glob: str, span: Span | None) -> bool:
    """Whether a glob fits a path below the package: `*` stays within a component, `**` is any number of them."""
    components = below_package(span.path).split("/") if span is not None else [""]
    # reached[n]: the pattern so far fits the first n components. One row a pattern component keeps the time bounded.
    reached = [True] + [False] * len(components)
    for part in glob.split("/"):
        if part == "**":
            reached = list(accumulate(reached, or_))
        else:
            fits = (before and fnmatchcase(name, part) for before, name in zip(reached, components, strict=False))
            reached = [False, *fits]
    return reached[-1]
