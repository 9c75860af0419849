"""The report for people at a terminal: what matters first, one place a line, nothing twice.

Own escape codes instead of a library: the report needs six of them, starts without an import, and every untrusted
string is made safe before it meets one.
"""

from __future__ import annotations

from collections.abc import Iterable

from pkgscan.model import Finding
from pkgscan.report import Report
from pkgscan.reporters.base import Options
from pkgscan.reporters.text.findings import Manner, group_findings, tell_finding
from pkgscan.reporters.text.lines import Page
from pkgscan.reporters.text.page import write_report


def render(report: Report, options: Options) -> str:
    """The whole report: title, counts, parts, findings, gaps, notes, and why the exit is what it is."""
    page = Page(options.width, color=options.color, package=report.package.path)
    write_report(page, report, options)
    return page.text()


def render_findings(findings: Iterable[Finding]) -> str:
    """Findings alone, most severe first, with their related places; what `expected.txt` of a rule case holds.

    Lines are as long as they come; without findings the text is empty.
    """
    page = Page(0)
    for group in group_findings(findings):
        for finding in group:
            tell_finding(page, finding, Manner())
    return page.text()
