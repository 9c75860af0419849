"""Collects what was read, joins it, concludes, and has the rules judge it: all between the walk and the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, groupby, islice
from typing import Any

import msgspec

from pkgscan.fingerprint import fingerprint_findings, fingerprint_gaps
from pkgscan.graph import Graph, in_order
from pkgscan.kinds import SCRIPT
from pkgscan.link import link
from pkgscan.model import MEMBER, SEVERITIES, Entry, Fact, Finding, Gap, Related, Span
from pkgscan.outcome import Judging, Outcome
from pkgscan.readers.base import unread_commands
from pkgscan.reading import fault
from pkgscan.registry import Registry
from pkgscan.report import ArtifactInfo, Coverage, PackageInfo, Snippet
from pkgscan.rule import Problem, Rule, Scan


class Engine:
    """Takes entries, facts and gaps in any order; `judge` turns them into an outcome that depends on no order."""

    def __init__(self, registry: Registry, judging: Judging) -> None:
        self._registry = registry
        self._judging = judging
        self._entries: list[Entry] = []
        self._facts: dict[type, list[Fact]] = {}
        self._gaps: list[Gap] = []
        self._unasked: list[Gap] = []  # of rules that ask for what no profile says
        self._readable = {kind.name for reader in registry.readers for kind in reader.kinds}

    def add_entry(self, entry: Entry) -> None:
        """One more entry of the walk."""
        self._entries.append(entry)

    def add_fact(self, fact: Fact) -> None:
        """One more fact a reader stated."""
        self._facts.setdefault(type(fact), []).append(fact)

    def add_gap(self, gap: Gap) -> None:
        """One more thing that was not seen."""
        self._gaps.append(gap)

    def entries(self) -> list[Entry]:
        """The entries so far, in the order of their paths."""
        self._entries = in_order(self._entries)
        return self._entries

    def facts(self) -> dict[type, tuple[Fact, ...]]:
        """The facts so far by type, each in the order of its place."""
        return {
            kind: tuple(_facts_in_order(self._facts[kind]))
            for kind in sorted(self._facts, key=lambda kind: (kind.__module__, kind.__qualname__))
        }

    def judge(self) -> Outcome:
        """Link, conclude, judge. What a conclusion or rule of ours raises is a Gap, and the others go on."""
        entries = self.entries()
        package = [entry for entry in entries if entry.role == "package"]
        graph, parts = self._conclude(link(package, self._facts_of_package()))
        findings = fingerprint_findings(sorted(self._findings(graph), key=_finding_order))
        effective = (entry for entry in package if graph.removal(entry.path) is None)
        unseen = chain(self._gaps, self._unasked, _unread_scripts(effective), self._unread_package(package))
        gaps = fingerprint_gaps(sorted((self._with_content(gap, graph) for gap in unseen), key=_gap_order))
        spans = [finding.span for finding in findings] + [gap.span for gap in gaps]
        return Outcome(
            package=_package_info(entries),
            findings=findings,
            gaps=gaps,
            coverage=self._coverage(package, gaps),
            parts=parts,
            snippets=tuple(self._snippets(findings)),
            artifacts=tuple(_artifacts(graph, spans)),
        )

    def _facts_of_package(self) -> dict[type, tuple[Fact, ...]]:
        """The facts without those of a previous package, which is not to be judged; of it, what is compared counts."""
        others = {entry.path for entry in self._entries if entry.role == "previous" and not entry.archive}
        if not others:
            return self.facts()
        compared = {fact for reader in self._registry.readers if reader.compares for fact in reader.facts}
        return {
            kind: facts
            if kind in compared
            else tuple(fact for fact in facts if fact.span.path.partition(MEMBER)[0] not in others)
            for kind, facts in self.facts().items()
        }

    def _unread_package(self, package: list[Entry]) -> Iterator[Gap]:
        """A package that is no archive, and that no reader reads, was not seen, whatever it is called."""
        root = next((entry for entry in package if not entry.archive), None)
        if len(package) != 1 or root is None or root.kind in self._readable or self._gaps:
            return
        what = "it holds nothing" if root.format or root.type == "directory" else f"{root.kind} that no reader reads"
        detail = f"the package is no archive with anything in it: {what}"
        yield Gap(effect="unread", stage="walk", reason="no-package", detail=detail, span=root.span)

    def _conclude(self, graph: Graph) -> tuple[Graph, dict[str, list[Any]]]:
        parts: dict[str, list[Any]] = {}
        circumstances = self._judging.circumstances
        for conclusion in self._registry.conclusions:
            values: dict[type, list[Fact]] = {kind: [] for kind in conclusion.concludes}
            try:
                for value in conclusion.conclude(graph, circumstances):
                    values[type(value)].append(value)
            except Exception as error:  # noqa: BLE001  # one broken conclusion must not cost the others
                self._gaps.append(fault("conclude", f"conclusion {conclusion.name} failed: {_name(error)}", None))
                continue
            graph = graph.with_facts({kind: tuple(found) for kind, found in values.items()})
            if conclusion.part is not None:
                parts[conclusion.part.key] = msgspec.to_builtins(values[conclusion.part.row])
        return graph, parts

    def _findings(self, graph: Graph) -> list[Finding]:
        """What all rules find; over the limit the gravest, so that no flood of small ones hides another rule's."""
        scan = Scan(graph, self._judging.circumstances)
        wanted, limit = self._judging.rules, self._judging.findings_limit
        found: list[Finding] = []
        is_cut = False
        for rule in self._registry.rules:
            if (wanted is None or rule.id in wanted) and self._may_judge(rule):
                found.extend(islice(self._run(rule, graph, scan), limit + 1))
                if len(found) > limit:
                    is_cut = True
                    found = sorted(found, key=lambda finding: -SEVERITIES.index(finding.severity))[:limit]
        if is_cut:
            detail = f"over {limit} findings, the gravest are told; raise it with --limit findings=N"
            self._gaps.append(Gap(effect="unread", stage="judge", reason="limit-findings", detail=detail))
        return found

    def _may_judge(self, rule: Rule[Any]) -> bool:
        """Whether a rule has what it asks of the profile; that it has not is said once."""
        asks, stated = rule.info.asks, self._judging.circumstances.stated
        if not asks or (stated is not None and stated.states(asks)):
            return True
        detail = f"{rule.id} needs a target profile with the table {asks}; name one with --target"
        self._unasked.append(Gap(effect="not-judged", stage="judge", reason="needs-profile", detail=detail))
        return False

    def _run(self, rule: Rule[Any], graph: Graph, scan: Scan) -> Iterator[Finding]:
        facts: Iterable[Any] = graph.entries() if rule.looks_at is Entry else graph.facts(rule.looks_at)
        try:
            for fact in facts:
                for problem in rule.check(fact, scan):
                    yield _led_to(_finding(rule, problem), graph)
        except Exception as error:  # noqa: BLE001  # one broken rule must not cost the others
            self._gaps.append(fault("judge", f"rule {rule.id} failed: {_name(error)}", None))

    def _with_content(self, gap: Gap, graph: Graph) -> Gap:
        entry = graph.entry(gap.span.path) if gap.span else None
        return msgspec.structs.replace(gap, sha256=entry.sha256) if entry and entry.sha256 and not gap.sha256 else gap

    def _coverage(self, package: list[Entry], gaps: tuple[Gap, ...]) -> Coverage:
        unread = {gap.span.path for gap in gaps if gap.span and gap.effect == "unread"}
        partial = {gap.span.path for gap in gaps if gap.span and gap.effect == "partial"} - unread
        incomplete = unread | partial
        inside = _inside(package)
        read = sum(entry.kind in self._readable and entry.path not in incomplete for entry in inside)
        return Coverage(len(inside), read, len(partial), len(unread), sum(entry.size for entry in inside))

    def _snippets(self, findings: tuple[Finding, ...]) -> Iterator[Snippet]:
        wanted = {(f.span.path, f.span.first_line) for f in findings if f.span and f.span.first_line}
        texts: dict[tuple[str, int], str] = {}
        for facts in self._facts.values():
            for fact in facts:
                place = (fact.span.path, fact.span.first_line)
                if place in wanted and len(fact.text) > len(texts.get(place, "")):
                    texts[place] = fact.text
        for (path, line), text in sorted(texts.items()):
            yield Snippet(path, line, tuple(text.split("\n")))


def _unread_scripts(entries: Iterable[Entry]) -> Iterator[Gap]:
    """A gap for each script in a language without a reader.

    Made here, of the kind alone: a kind `script:...` says that no loaded reader owns the language, and a reader just to
    say so would have the content of every script sent to it. Once a reader owns the interpreter, the gap is gone.
    """
    for entry in entries:
        if entry.kind.startswith(SCRIPT):
            yield unread_commands(f"this {entry.kind.removeprefix(SCRIPT)} script", entry.path)


def _finding(rule: Rule[Any], problem: Problem) -> Finding:
    category, severity = problem.grade or rule.info.grades[0]
    if (category, severity) not in rule.info.grades:
        message = f"{rule.id} does not declare ({category}, {severity})"
        raise ValueError(message)
    return Finding(
        rule=rule.id,
        category=category,
        severity=severity,
        confidence=problem.confidence,
        message=problem.message,
        span=problem.span,
        related=problem.related,
        remedy=problem.remedy or rule.info.remedy,
        evidence=problem.evidence,
    )


def _led_to(finding: Finding, graph: Graph) -> Finding:
    """A finding in lines that stand where a link leads says so: whoever looks for them is to know where they are."""
    entry = graph.entry(finding.span.path) if finding.span and finding.span.first_line else None
    if entry is None or not entry.link_target:
        return finding
    link = Related(entry.span, f"is a link to {entry.link_target}, which is read as what the link's place makes it")
    return msgspec.structs.replace(finding, related=(*finding.related, link))


def _package_info(entries: list[Entry]) -> PackageInfo:
    package = [entry for entry in entries if entry.role == "package"]
    root = next((entry for entry in package if not entry.archive), Entry(path=""))
    inside = _inside(package)
    return PackageInfo(root.path, root.sha256, root.size, len(inside), sum(entry.size for entry in inside))


def _inside(package: list[Entry]) -> list[Entry]:
    """What the package holds; a package that is a single file holds itself."""
    return [entry for entry in package if entry.archive] or package


def _artifacts(graph: Graph, spans: Iterable[Span | None]) -> Iterator[ArtifactInfo]:
    paths: set[str] = set()
    for span in spans:
        path = span.path if span else ""
        while path and path not in paths:
            paths.add(path)
            entry = graph.entry(path)
            path = entry.archive if entry else path.rpartition(MEMBER)[0]
    for path in sorted(paths):
        entry = graph.entry(path)
        if entry is not None:
            yield ArtifactInfo(path, entry.archive, entry.size, entry.sha256, entry.name)


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _place(span: Span | None) -> tuple[str, int, int, int]:
    return (span.path, span.first_line, span.first_column, span.first_byte) if span else ("", 0, 0, -1)


def _facts_in_order(facts: Iterable[Fact]) -> Iterator[Fact]:
    # Two members of one name may state different things at one place: in the end, what they state decides.
    for _, same in groupby(sorted(facts, key=_fact_order), key=_fact_order):
        found = list(same)
        yield from sorted(found, key=msgspec.msgpack.encode) if len(found) > 1 else found


def _fact_order(fact: Fact) -> tuple[Any, ...]:
    span = fact.span
    return span.path, span.first_line, span.first_column, span.first_byte, fact.text


def _finding_order(finding: Finding) -> tuple[Any, ...]:
    return (*_place(finding.span), finding.rule, finding.evidence, finding.message, msgspec.msgpack.encode(finding))


def _gap_order(gap: Gap) -> tuple[Any, ...]:
    return (*_place(gap.span), gap.stage, gap.reason, gap.detail, msgspec.msgpack.encode(gap))
