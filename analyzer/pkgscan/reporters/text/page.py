"""The report from top to bottom."""

from __future__ import annotations

import os.path
from collections import Counter

import msgspec

from pkgscan.conclusion import Part
from pkgscan.model import MEMBER, SEVERITIES, Finding
from pkgscan.report import Gate, Report, Snippet
from pkgscan.reporters.base import GapGroup, Options, merge_gaps
from pkgscan.reporters.text.findings import Snippets, tell_findings
from pkgscan.reporters.text.lines import Page, Style, columns, count
from pkgscan.safe import safe, shown

USUAL_LAYERS = ("resource limits", "landlock", "seccomp")  # what a current Linux gives; less is said
DIGEST = 16  # digits of the package's sha256 that a person compares; the JSON report has all
EXAMPLES = 3  # places a merged gap names
INDENT = "  "
KIB = 1024
RESULT_STYLES: dict[str, tuple[Style, ...]] = {"pass": ("bold", "green"), "incomplete": ("bold", "yellow")}


def write_report(page: Page, report: Report, options: Options) -> None:
    """Verdict and counts; loud notes; parts; findings; gaps; what was accepted; notes; why the exit is what it is."""
    loud = tuple(note for note in report.notes if "expired" in note)
    open_findings = tuple(finding for finding in report.findings if finding.suppressed is None)
    _write_head(page, report, open_findings)
    for note in loud:
        page.prose(shown(note), page.paint("! ", "bold", "red"), "  ", "red")
    _write_parts(page, report, options.parts)
    tell_findings(page, open_findings, _by_path(report.snippets), everything=options.verbose)
    _write_gaps(page, report, verbose=options.verbose)
    _write_accepted(page, report, verbose=options.verbose)
    _write_notes(page, tuple(note for note in report.notes if note not in loud))
    _write_tail(page, report, verbose=options.verbose)


def _write_head(page: Page, report: Report, findings: tuple[Finding, ...]) -> None:
    package, seen = report.package, report.coverage
    name = shown(os.path.basename(package.path.rstrip("/")) or package.path)
    digest = f", sha256 {package.sha256[:DIGEST]}" if package.sha256 else ""
    page.line(f"{_result(page, report.gate)}  {page.paint(name, 'bold')}  {_size(package.size)}{digest}")
    understood = _seen(seen.read, seen.partial, seen.unread)
    page.line(f"{count(package.entries, 'entry')}, {_size(package.bytes)} unpacked; {understood}")
    page.line(_findings_line(findings))


def _seen(read: int, partial: int, unread: int) -> str:
    parts = [f"{read} read in detail"]
    parts += [f"{partial} in part"] if partial else []
    parts += [f"{unread} not seen"] if unread else []
    return ", ".join(parts)


def _findings_line(findings: tuple[Finding, ...]) -> str:
    counts = Counter(finding.severity for finding in findings)
    if not counts:
        return "no findings"
    graded = ", ".join(f"{counts[severity]} {severity}" for severity in reversed(SEVERITIES) if counts[severity])
    return f"{count(len(findings), 'finding')}: {graded}"


def _result(page: Page, gate: Gate) -> str:
    return page.paint(gate.result.upper(), *RESULT_STYLES.get(gate.result, ("bold", "red")))


def _size(number: int) -> str:
    size, unit = float(number), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < KIB:
            break
        size, unit = size / KIB, larger
    return f"{size:.1f} {unit}" if unit != "B" else f"{number} B"


def _by_path(snippets: tuple[Snippet, ...]) -> Snippets:
    found: dict[str, tuple[Snippet, ...]] = {}
    for snippet in snippets:
        found[snippet.path] = (*found.get(snippet.path, ()), snippet)
    return found


def _write_parts(page: Page, report: Report, parts: tuple[Part, ...]) -> None:
    for part in parts:
        rows = report.parts.get(part.key, ())
        if rows:
            page.heading(part.title[:1].upper() + part.title[1:])
            typed = (row if isinstance(row, part.row) else msgspec.convert(row, part.row) for row in rows)
            page.rows((tuple(page.cell(cell) for cell in part.line(row)) for row in typed), INDENT)


def _write_gaps(page: Page, report: Report, *, verbose: bool) -> None:
    groups = merge_gaps(tuple(gap for gap in report.gaps if gap.suppressed is None))
    if not groups:
        return
    page.heading("Not seen or not understood")
    for group in groups:
        if not verbose and _is_quiet(group):
            _write_quiet_gap(page, group)
        else:
            _write_gap(page, group, verbose=verbose)


def _is_quiet(group: GapGroup) -> bool:
    """Whether one line tells enough: nothing unread, and whole entries of one archive, such as its scripts."""
    return group.effect != "unread" and all(gap.span is not None and not gap.span.first_line for gap in group.gaps)


def _write_quiet_gap(page: Page, group: GapGroup) -> None:
    first = group.gaps[0]
    where = page.place(first.span)
    if len(group.gaps) > 1 and first.span is not None:
        member = shown(first.span.path.rpartition(MEMBER)[2])
        where = f"{count(len(group.gaps), 'place')} in {_archive(page, group)}, such as {member}"
    reason = safe(group.reason)
    lead = f"{INDENT}{page.paint(group.effect, 'dim')}  {reason}  "
    page.prose(f"{where}: {shown(first.detail)}", lead, " " * columns(f"{INDENT}{group.effect}  {reason}  "))


def _write_gap(page: Page, group: GapGroup, *, verbose: bool) -> None:
    style: Style = "yellow" if group.effect == "unread" else "dim"
    label = page.paint(group.effect, style)
    where = f" in {_archive(page, group)}" if len(group.gaps) > 1 and group.archive else ""
    number = f" ({count(len(group.gaps), 'place')}{where})" if len(group.gaps) > 1 else ""
    page.line(f"{INDENT}{label}  {safe(group.reason)}{number}")
    told = group.gaps if verbose else group.gaps[:EXAMPLES]
    page.rows(
        ((page.place(gap.span), shown(gap.detail)) if gap.span else (shown(gap.detail),) for gap in told), INDENT * 2
    )
    if len(told) < len(group.gaps):
        page.line(INDENT * 2 + page.paint(f"... and {len(group.gaps) - len(told)} more (-v shows all)", "dim"))


def _archive(page: Page, group: GapGroup) -> str:
    span = group.gaps[0].span
    return page.place(msgspec.structs.replace(span, path=group.archive, first_line=0, first_byte=-1)) if span else ""


def _write_accepted(page: Page, report: Report, *, verbose: bool) -> None:
    accepted = [(one.rule, one.span, one.suppressed) for one in report.findings if one.suppressed]
    accepted += [(gap.reason, gap.span, gap.suppressed) for gap in report.gaps if gap.suppressed]
    if not accepted:
        return
    if not verbose:
        page.line()
        page.line(page.paint(f"{len(accepted)} accepted earlier (-v lists them)", "dim"))
        return
    page.heading("Accepted earlier")
    rows = []
    for name, span, by in accepted:
        until = f", until {by.expires}" if by.expires else ""
        rows.append((safe(name), page.place(span), shown(f"{by.reason} ({by.owner or by.by}{until})")))
    page.rows(rows, INDENT)


def _write_notes(page: Page, notes: tuple[str, ...]) -> None:
    if notes:
        page.heading("Notes")
        for note in notes:
            page.prose(shown(note), INDENT, INDENT)


def _write_tail(page: Page, report: Report, *, verbose: bool) -> None:
    page.line()
    missing = [usual for usual in USUAL_LAYERS if not any(layer.startswith(usual) for layer in report.sandbox)]
    weak = missing or any(" without " in layer for layer in report.sandbox)
    if weak or verbose:
        layers = ", ".join(safe(layer) for layer in report.sandbox) or "none"
        without = f"; not {', '.join(missing)}" if missing and report.sandbox else ""
        page.line(page.paint(f"sandbox: {layers}{without}", "yellow" if weak else "dim"))
    page.line(f"{_result(page, report.gate)} {_reason(report.gate)} (exit {report.gate.exit_code})")


def _reason(gate: Gate) -> str:
    if gate.result == "error":
        return "pkgscan itself failed, see the gaps"
    floor = "no severity fails the gate" if gate.fail_on == "never" else f"at {gate.fail_on} or above"
    if gate.result == "fail":
        also = f", and {count(gate.incomplete, 'gap')} left bytes unseen" if gate.incomplete else ""
        return f"{count(gate.counted, 'finding')} {floor}{also}"
    if gate.result == "incomplete":
        return f"{count(gate.incomplete, 'gap')} left bytes unseen, so nothing can be said about them"
    return floor if gate.fail_on == "never" else f"nothing {floor}"
