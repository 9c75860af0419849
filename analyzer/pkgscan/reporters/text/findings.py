"""Findings as people read them: the cause first, then the places that make it matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

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


def group_findings(findings: Iterable[Finding]) -> Iterator[tuple[Finding, ...]]:
    """The findings of one severity and rule together, most severe first, in the order of their places."""
    ordered = sorted(findings, key=lambda one: (*_group(one), one.span or Span(""), one.message))
    for _, group in groupby(ordered, key=_group):
        yield tuple(group)


def _group(finding: Finding) -> tuple[int, str]:
    return -SEVERITIES.index(finding.severity), finding.rule


def tell_findings(page: Page, findings: Iterable[Finding], snippets: Snippets, *, everything: bool) -> None:
    """All groups, each with its remedy once, and a count of what a long group leaves out."""
    for group in group_findings(findings):
        told = group if everything else group[:SHOWN_A_RULE]
        page.line()
        worth = everything or group[0].severity in SNIPPETS_FOR
        for finding in told:
            tell_finding(page, finding, snippets if worth else {})
        if len(told) < len(group):
            more = f"... and {len(group) - len(told)} more of {group[0].rule} (-v shows all)"
            page.line(INDENT + page.paint(more, "dim"))
        _tell_remedies(page, told)


def tell_finding(page: Page, finding: Finding, snippets: Snippets) -> None:
    """One finding: severity, rule and place; message; its lines; the related places, aligned."""
    label = page.paint(finding.severity.ljust(LABEL), *STYLES[finding.severity])
    rule = page.paint(safe(finding.rule), "bold")
    doubt = f"  ({finding.confidence} confidence)" if finding.confidence != "high" else ""
    page.line(f"{label}  {rule}  {page.place(finding.span)}{doubt}")
    message = shown(finding.message)
    page.prose(message, INDENT, INDENT)
    for line in _own_lines(finding.span, snippets):
        if line.partition("| ")[2].strip() not in message:
            page.line(INDENT + page.paint(_cut(line, page.width), "dim"))
    page.rows(((page.place(one.span), shown(one.message)) for one in finding.related), INDENT)


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
