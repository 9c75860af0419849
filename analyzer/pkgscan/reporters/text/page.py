"""The report from top to bottom."""

from __future__ import annotations

import os.path
from collections import Counter
from collections.abc import Iterator

import msgspec

from pkgscan.conclusion import Part
from pkgscan.model import MEMBER, SEVERITIES, Finding, Gap
from pkgscan.reason.sizes import byte_size
from pkgscan.report import Coverage, Gate, PackageInfo, ProfileInfo, Report, Snippet
from pkgscan.reporters.base import GapGroup, Options, merge_gaps
from pkgscan.reporters.text.advice import ACCEPT, advice
from pkgscan.reporters.text.findings import Manner, Snippets, tell_findings
from pkgscan.reporters.text.lines import Page, Style, count
from pkgscan.safe import safe, shown

USUAL_LAYERS = ("resource limits", "landlock", "seccomp")  # what a current Linux gives; less is said
DIGEST = 16  # digits of the package's sha256 that a person compares; the JSON report has all
EXAMPLES = 3  # places a merged gap names
INDENT = "  "
RESULT_STYLES: dict[str, tuple[Style, ...]] = {"pass": ("bold", "green"), "incomplete": ("bold", "yellow")}


def write_report(page: Page, report: Report, options: Options) -> None:
    """Title and counts; loud notes; parts; findings; gaps; what was accepted; notes; why the exit is what it is."""
    loud = tuple(note for note in report.notes if "expired" in note)
    open_findings = tuple(finding for finding in report.findings if finding.suppressed is None)
    _write_head(page, report, open_findings)
    manner = Manner(_by_path(report.snippets), _uncounted(report), options.verbose)
    for note in loud:
        page.prose(shown(note), page.paint("! ", "bold", "red"), "  ", "red")
    _write_parts(page, report, options.parts)
    tell_findings(page, open_findings, manner)
    _write_gaps(page, report, verbose=options.verbose)
    _write_accepted(page, report, verbose=options.verbose)
    _write_notes(page, tuple(note for note in report.notes if note not in loud))
    _write_tail(page, report, verbose=options.verbose)


def _write_head(page: Page, report: Report, findings: tuple[Finding, ...]) -> None:
    package = report.package
    name = shown(os.path.basename(package.path.rstrip("/")) or package.path)
    page.pair(name, page.paint(name, "bold"), _content(package), INDENT)
    if report.profile is not None:
        page.prose(shown(_host(report.profile)), "", INDENT)
    entries = f"{count(package.entries, 'entry')}, {byte_size(package.bytes)} unpacked; {_seen(report.coverage)}"
    page.prose(entries, "", INDENT)
    page.prose(_findings_line(findings, len(report.findings) - len(findings)), "", INDENT)


def _content(package: PackageInfo) -> str:
    """What the package itself is: a directory has neither digest nor size, a file that was not read no digest."""
    if package.sha256:
        return f"{byte_size(package.size)}, sha256 {package.sha256[:DIGEST]}"
    return f"{byte_size(package.size)}, not read to its end" if package.size else "a directory"


def _host(profile: ProfileInfo) -> str:
    """The host it was judged for: "for billing-prod-1, debian 12, by profile.toml"."""
    system = f"{profile.os} {profile.version}".strip()
    return ", ".join(filter(None, (f"for {profile.name or 'a host'}", system, f"by {profile.path}")))


def _seen(coverage: Coverage) -> str:
    listed = coverage.entries - coverage.read - coverage.partial - coverage.unread
    parts = [f"{coverage.read} read in detail"]
    parts += [f"{coverage.partial} in part"] if coverage.partial else []
    parts += [f"{listed} only listed"] if listed > 0 else []  # gaps may name more than there are entries
    parts += [f"{coverage.unread} not seen"] if coverage.unread else []
    return ", ".join(parts)


def _findings_line(findings: tuple[Finding, ...], accepted: int) -> str:
    counts = Counter(finding.severity for finding in findings)
    also = f", {accepted} accepted" if accepted else ""
    if not counts:
        return f"no findings{also}"
    graded = ", ".join(f"{counts[severity]} {severity}" for severity in reversed(SEVERITIES) if counts[severity])
    return f"{count(len(findings), 'finding')}: {graded}{also}"


def _uncounted(report: Report) -> dict[str, str]:
    """The rules whose findings the gate leaves out whatever their severity, with their stage."""
    counting = ("stable", "preview") if report.gate.preview else ("stable",)
    return {rule.id: rule.stage for rule in report.rules if rule.stage not in counting}


def _result(page: Page, gate: Gate) -> str:
    return page.paint(gate.result.upper(), *RESULT_STYLES.get(gate.result, ("bold", "red")))


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
            typed = [row if isinstance(row, part.row) else msgspec.convert(row, part.row) for row in rows]
            if part.detail is None:
                page.rows((_cells(page, part, row) for row in typed), INDENT)
                continue
            for row in typed:
                page.rows((_cells(page, part, row),), INDENT)
                for line in part.detail(row):
                    page.prose(shown(line), INDENT * 2, INDENT * 3)


def _cells(page: Page, part: Part, row: object) -> tuple[str, ...]:
    return tuple(page.cell(cell) for cell in part.line(row))


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
    _write_gap_head(page, group, f"{where}: {shown(first.detail)}")


def _write_gap(page: Page, group: GapGroup, *, verbose: bool) -> None:
    where = f" in {_archive(page, group)}" if group.archive else ""
    _write_gap_head(page, group, f"({count(len(group.gaps), 'place')}{where})" if len(group.gaps) > 1 else "")
    told = group.gaps if verbose else group.gaps[:EXAMPLES]
    page.rows((row for gap in told for row in _gap_rows(page, gap, verbose=verbose)), INDENT * 2)
    if len(told) < len(group.gaps):
        page.line(INDENT * 2 + page.paint(f"... and {len(group.gaps) - len(told)} more (-v shows all)", "dim"))


def _write_gap_head(page: Page, group: GapGroup, text: str) -> None:
    style: Style = "yellow" if group.effect == "unread" else "dim"
    reason = safe(group.reason)
    painted = f"{INDENT}{page.paint(group.effect, style)}  {reason}"
    page.pair(f"{INDENT}{group.effect}  {reason}", painted, text, INDENT * 2)


def _gap_rows(page: Page, gap: Gap, *, verbose: bool) -> Iterator[tuple[str, ...]]:
    place = (page.place(gap.span),) if gap.span else ()
    yield (*place, shown(gap.detail))
    if verbose:
        yield (*("" for _ in place), f"fingerprint {safe(gap.fingerprint)}")


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
        page.prose(f"sandbox: {layers}{without}", "", INDENT, "yellow" if weak else "dim")
    hint = "" if verbose else _hint(report)
    reason = f"{_reason(report.gate, _unread(report))} (exit {report.gate.exit_code}){hint and '; '}{hint}"
    page.prose(reason, f"{_result(page, report.gate)} ", INDENT)


def _hint(report: Report) -> str:
    """What one may do about the verdict: accept findings, and of what was not seen whatever makes it seen."""
    if report.gate.result != "incomplete":
        return ACCEPT if report.gate.result == "fail" else ""
    gaps = [gap for gap in report.gaps if gap.suppressed is None]
    unread = [gap for gap in gaps if gap.effect == "unread"]
    return advice(unread or (gap for gap in gaps if gap.effect == "partial"))


def _unread(report: Report) -> int:
    """How many of the gaps that count are bytes nobody saw; the others were seen, but not understood in full."""
    unread = sum(gap.effect == "unread" and gap.suppressed is None for gap in report.gaps)
    return min(unread, report.gate.incomplete)


def _reason(gate: Gate, unread: int) -> str:
    if gate.result == "error":
        return "pkgscan itself failed, see the gaps"
    floor = "no severity fails the gate" if gate.fail_on == "never" else f"at {gate.fail_on} or above"
    missing = _missing(unread, gate.incomplete - unread)
    if gate.result == "fail":
        return f"{count(gate.counted, 'finding')} {floor}" + (f", and {missing}" if missing else "")
    if gate.result == "incomplete":
        return missing if gate.incomplete > unread else f"{missing}, so nothing can be said about them"
    return floor if gate.fail_on == "never" else f"nothing {floor}"


def _missing(unread: int, partial: int) -> str:
    parts = [f"{count(unread, 'gap')} left bytes unseen"] if unread else []
    parts += [f"{count(partial, 'place')} seen but not understood in full"] if partial else []
    return ", and ".join(parts)
