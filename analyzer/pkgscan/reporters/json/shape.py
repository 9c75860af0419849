"""The shape of `pkgscan-report/1`. The schema is made from these types; keys may be added, never renamed or removed."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from pkgscan.model import Category, Confidence, Effect, Finding, Gap, Related, Severity, Span, Stage, Suppressed
from pkgscan.report import Coverage, Gate, PackageInfo, ProfileInfo, Report, RuleInfo, Tool

SCHEMA: Literal["pkgscan-report/1"] = "pkgscan-report/1"


class Place(msgspec.Struct, frozen=True):
    """A place. Lines and columns count from 1, bytes from 0, the last ones are inclusive; null where unknown."""

    path: str
    first_line: int | None
    last_line: int | None
    first_column: int | None
    last_column: int | None
    first_byte: int | None
    last_byte: int | None

    @classmethod
    def known(cls, path: str, **numbers: int | None) -> Place:
        """The place with what is unknown (0 for lines and columns, -1 for bytes) as None."""
        return cls(path, **{key: _known(key, number) for key, number in numbers.items()})


SPAN_KEYS = frozenset(Place.__struct_fields__)


class RelatedPlace(msgspec.Struct, frozen=True):
    """Another place that makes a finding matter, with a phrase that says why."""

    message: str
    span: Place


class FindingRow(msgspec.Struct, frozen=True):
    """A rule's problem. `evidence` identifies it from one release of the package to the next."""

    rule: str
    category: Category
    severity: Severity
    confidence: Confidence
    message: str
    span: Place | None
    related: tuple[RelatedPlace, ...]
    remedy: str
    fingerprint: str
    suppressed: Suppressed | None
    evidence: tuple[str, ...]


class GapRow(msgspec.Struct, frozen=True):
    """Something that was not seen. `sha256` is of the content concerned, `traceback` of our own fault."""

    effect: Effect
    stage: Stage
    reason: str
    detail: str
    span: Place | None
    fingerprint: str
    sha256: str
    traceback: str
    suppressed: Suppressed | None


class Document(msgspec.Struct, frozen=True):
    """The report of one package. Further top-level keys are the rows of conclusions, such as `schedule`."""

    schema: Literal["pkgscan-report/1"]
    tool: Tool
    now: str
    sandbox: tuple[str, ...]
    package: PackageInfo
    profile: ProfileInfo | None
    gate: Gate
    findings: tuple[FindingRow, ...]
    gaps: tuple[GapRow, ...]
    coverage: Coverage
    rules: tuple[RuleInfo, ...]
    notes: tuple[str, ...]


def document(report: Report) -> Document:
    """The report in this shape, its parts left out."""
    return Document(
        schema=SCHEMA,
        tool=report.tool,
        now=report.now,
        sandbox=report.sandbox,
        package=report.package,
        profile=report.profile,
        gate=report.gate,
        findings=tuple(_finding_row(finding) for finding in report.findings),
        gaps=tuple(_gap_row(gap) for gap in report.gaps),
        coverage=report.coverage,
        rules=report.rules,
        notes=report.notes,
    )


def _finding_row(finding: Finding) -> FindingRow:
    return FindingRow(
        rule=finding.rule,
        category=finding.category,
        severity=finding.severity,
        confidence=finding.confidence,
        message=finding.message,
        span=_place(finding.span),
        related=tuple(_related_place(related) for related in finding.related),
        remedy=finding.remedy,
        fingerprint=finding.fingerprint,
        suppressed=finding.suppressed,
        evidence=finding.evidence,
    )


def _gap_row(gap: Gap) -> GapRow:
    return GapRow(
        effect=gap.effect,
        stage=gap.stage,
        reason=gap.reason,
        detail=gap.detail,
        span=_place(gap.span),
        fingerprint=gap.fingerprint,
        sha256=gap.sha256,
        traceback=gap.traceback,
        suppressed=gap.suppressed,
    )


def _related_place(related: Related) -> RelatedPlace:
    return RelatedPlace(related.message, Place.known(**_fields(related.span)))


def _place(span: Span | None) -> Place | None:
    return None if span is None else Place.known(**_fields(span))


def _fields(span: Span) -> dict[str, Any]:
    return {key: getattr(span, key) for key in Span.__struct_fields__}


def _known(key: str, number: int | None) -> int | None:
    if number is None:
        return None
    unknown = -1 if key.endswith("_byte") else 0
    return None if number == unknown else number
