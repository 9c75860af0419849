"""What a server shows of a rule, of a kind of gap, and of a note."""

from __future__ import annotations

from typing import Any

from pkgscan.model import SEVERITIES, Effect, Severity
from pkgscan.report import Report, RuleInfo
from pkgscan.safe import safe

Json = dict[str, Any]

# Limits of the code-scanning server with the most users; it refuses or cuts what is longer.
NAME = 255  # characters
DESCRIPTION = 1024  # characters
TAGS = 20  # a rule

LEVELS: dict[Severity, str] = {"high": "error", "medium": "warning", "low": "note", "info": "note"}
# The server calls 7 and more high, 4 and more medium; it wants text.
SCORES: dict[Severity, str] = {"high": "8.0", "medium": "5.5", "low": "3.0", "info": "1.0"}
GAPS: dict[Effect, tuple[Severity, str, str]] = {
    "unread": (
        "medium",
        "Part of the package was not seen",
        "Bytes or an entry could not be read, so nothing is known about them. Not seen is not clean.",
    ),
    "partial": (
        "low",
        "Part of an entry was not understood",
        "The entry was read, but something in it is not understood by any reader.",
    ),
    "not-judged": (
        "info",
        "A rule could not be judged",
        "The rule needs to know the target host, and nothing was said about it.",
    ),
}
NOTE = "run-note"
FAULT = "run-fault"
_NOTIFICATIONS = {
    NOTE: ("A note on the run", "Something about the run that the reader of the report should know."),
    FAULT: ("A fault of pkgscan", "A reader, rule or conclusion failed; what it would have said is missing."),
}


def rule_descriptors(report: Report) -> list[Json]:
    """Every loaded rule, then every rule a finding names that is not loaded, then the kinds of gaps there are."""
    worst: dict[str, Severity] = {}
    for finding in report.findings:
        known = worst.setdefault(finding.rule, finding.severity)
        worst[finding.rule] = max(known, finding.severity, key=SEVERITIES.index)
    loaded = {rule.id for rule in report.rules}
    descriptors = [_rule(rule, worst.get(rule.id, rule.severity)) for rule in report.rules]
    descriptors += [_bare(safe(rule), rule, rule, severity) for rule, severity in worst.items() if rule not in loaded]
    effects = {gap.effect for gap in report.gaps}
    return descriptors + [
        _bare(gap_rule(effect), title, text, severity)
        for effect, (severity, title, text) in GAPS.items()
        if effect in effects
    ]


def gap_rule(effect: Effect) -> str:
    """The rule id under which gaps of an effect are reported."""
    return f"gap/{effect}"


def notification_descriptors() -> list[Json]:
    """The two kinds of notifications."""
    return [_described(identity, title, text, text) for identity, (title, text) in _NOTIFICATIONS.items()]


def _rule(rule: RuleInfo, severity: Severity) -> Json:
    remedy = f"\n\nWhat to do: {rule.remedy}" if rule.remedy else ""
    tags = ["security", rule.category, rule.family, rule.stage, *(["integrity"] if rule.integrity else [])]
    built = _described(rule.id, rule.title, rule.summary, rule.doc + remedy)
    built |= _graded(severity, tags)
    if rule.formerly:
        built["deprecatedIds"] = list(rule.formerly)
    return built


def _bare(identity: str, title: str, text: str, severity: Severity) -> Json:
    return _described(identity, title, text, text) | _graded(severity, ["security", "coverage"])


def _described(identity: str, title: str, summary: str, doc: str) -> Json:
    return {
        "id": identity,
        "name": "".join(part.capitalize() for part in identity.replace("/", "-").split("-"))[:NAME],
        "shortDescription": {"text": _sentence(title)},
        "fullDescription": {"text": _sentence(summary)},
        "help": {"text": doc or _sentence(title), "markdown": f"## {title}\n\n{doc}"},
    }


def _graded(severity: Severity, tags: list[str]) -> Json:
    return {
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {
            "tags": [tag for tag in dict.fromkeys(tags) if tag][:TAGS],
            "precision": "high",
            "problem.severity": {"error": "error", "warning": "warning"}.get(LEVELS[severity], "recommendation"),
            "security-severity": SCORES[severity],
        },
    }


def _sentence(text: str) -> str:
    cut = " ".join(text.split())[: DESCRIPTION - 1]
    return cut if cut.endswith((".", "!", "?")) else cut + "."
