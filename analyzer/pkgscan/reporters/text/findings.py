"""Findings as people read them: the cause first, then the places that make it matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

import msgspec

from pkgscan.model import SEVERITIES, Finding, Severity, Span
from pkgscan.report import Snippet
from pkgscan.reporters.text.lines import Page, Style, columns
from pkgscan.safe import safe, shown

SHOWN_A_RULE = 20  # findings of one rule before the rest is only counted; the same cure serves them all
SNIPPETS_FOR: tuple[Severity, ...] = ("high", "medium")  # the others speak for themselves
SNIPPET_LINES = 3  # of the finding's own lines; the file has the rest
LABEL = len("high")  # the messages stand below the rule of a high finding
INDENT = " " * (LABEL + 2)
STYLES: dict[Severity, tuple[Style, ...]] = {
    "high": ("bold", "red"),
    "medium": ("bold", "yellow"),
    "low": ("cyan",),
    "info": ("dim",),
}
Snippets = Mapping[str, tuple[Snippet, ...]]  # by path


class Manner(msgspec.Struct, frozen=True):
    """What is told beside the findings themselves: lines of the package, rules whose findings do not count, and all."""

    snippets: Snippets = {}  # msgspec makes each its own
    uncounted: Mapping[str, str] = {}  # why, by rule
    everything: bool = False  # every finding, with its fingerprint


def group_findings(findings: Iterable[Finding]) -> Iterator[tuple[Finding, ...]]:
    """The findings of one severity and rule together, most severe first, in the order of their places."""
    ordered = sorted(findings, key=lambda one: (*_group(one), one.span or Span(""), one.message))
    for _, group in groupby(ordered, key=_group):
        yield tuple(group)


def _group(finding: Finding) -> tuple[int, str]:
    return -SEVERITIES.index(finding.severity), finding.rule


def tell_findings(page: Page, findings: Iterable[Finding], manner: Manner) -> None:
    """All groups, each with its remedy once, and a count of what a long group leaves out."""
    for group in group_findings(findings):
        told = group if manner.everything else group[:SHOWN_A_RULE]
        page.line()
        worth = manner.everything or group[0].severity in SNIPPETS_FOR
        for finding in told:
            tell_finding(page, finding, manner if worth else msgspec.structs.replace(manner, snippets={}))
        if len(told) < len(group):
            more = f"... and {len(group) - len(told)} more of {group[0].rule} (-v shows all)"
            page.prose(more, INDENT, INDENT, "dim")
        _tell_remedies(page, told)


def tell_finding(page: Page, finding: Finding, manner: Manner) -> None:
    """One finding: severity, rule and place; message; its lines; the related places, aligned."""
    label, rule = finding.severity.ljust(LABEL), safe(finding.rule)
    painted = f"{page.paint(label, *STYLES[finding.severity])}  {page.paint(rule, 'bold')}"
    doubt = f"  ({finding.confidence} confidence)" if finding.confidence != "high" else ""
    reason = manner.uncounted.get(finding.rule)
    counts = f"  ({reason}, not counted)" if reason else ""
    page.pair(f"{label}  {rule}", painted, f"{page.place(finding.span)}{doubt}{counts}", INDENT)
    message = shown(finding.message)
    page.prose(message, INDENT, INDENT)
    for line in _own_lines(finding.span, manner.snippets):
        if line.partition("| ")[2].strip() not in message:
            page.line(INDENT + page.paint(_cut(line, page.width), "dim"))
    page.rows(((page.place(one.span), shown(one.message)) for one in finding.related), INDENT)
    if manner.everything:
        page.prose(f"fingerprint {safe(finding.fingerprint)}", INDENT, INDENT, "dim")


def _tell_remedies(page: Page, findings: tuple[Finding, ...]) -> None:
    for remedy in dict.fromkeys(finding.remedy for finding in findings if finding.remedy):
        page.prose(shown(remedy), INDENT + page.paint("-> ", "green"), INDENT + "   ", "green")


def _own_lines(span: Span | None, snippets: Snippets) -> Iterator[str]:
    if span is None or not span.first_line:
        return
    last = min(max(span.last_line, span.first_line), span.first_line + SNIPPET_LINES - 1)
    for number in range(span.first_line, last + 1):
        for snippet in snippets.get(span.path, ()):
            at = number - snippet.first_line
            if 0 <= at < len(snippet.lines):
                yield f"{number} | {shown(snippet.lines[at]).strip()}"
                break


def _cut(line: str, width: int) -> str:
    room = width - len(INDENT)
    if not width or columns(line) <= room:
        return line
    while columns(line) > room - 3:
        line = line[: room - 3] if len(line) > room else line[:-1]
    return line + "..."
