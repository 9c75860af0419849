"""One scan as the user asked for it: options in, a report out; whichever way its processes are laid out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from pkgscan import __version__
from pkgscan.archive.limits import Limits
from pkgscan.circumstances import Circumstances
from pkgscan.gate import Policy, judge_gate, regrade
from pkgscan.inputs import open_input
from pkgscan.model import Severity
from pkgscan.outcome import Judging, Outcome
from pkgscan.plan import Plan
from pkgscan.registry import Registry, load
from pkgscan.report import ProfileInfo, Report, Tool
from pkgscan.suppress import Accepted, apply_suppressions

if TYPE_CHECKING:
    from pkgscan.profile.model import Profile


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How one package is to be scanned and judged; the command line's flags and settings, put together.

    `select` and `ignore` are rule ids, `jobs` the number of processes that read entries, `timeout` seconds of wall time
    for the whole scan (0: none). `facts`: collect the facts file, too.
    """

    now: datetime
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    limits: Limits = Limits()
    policy: Policy = Policy()
    accepted: Accepted = Accepted()
    severities: tuple[tuple[str, Severity], ...] = ()
    notes: tuple[str, ...] = ()
    jobs: int = 1
    timeout: int = 0
    sandbox: Literal["auto", "require"] = "auto"
    facts: bool = False
    profile: Profile | None = None

    def judging(self, registry: Registry) -> Judging:
        """What the engine needs of it."""
        chosen = [rule.id for rule in registry.rules if self._runs(rule.id, rule.info.formerly)]
        every = len(chosen) == len(registry.rules)
        return Judging(
            circumstances=Circumstances(self.now, self.profile),
            rules=None if every else tuple(chosen),
            findings_limit=self.limits.findings,
            facts=self.facts,
        )

    def _runs(self, rule: str, formerly: tuple[str, ...]) -> bool:
        names = {rule, *formerly}
        return (not self.select or not names.isdisjoint(self.select)) and names.isdisjoint(self.ignore)


def scan_here(path: str, options: Options) -> Report:
    """The report of a package, made in this very process: for tests and trusted packages, since nothing confines it."""
    from pkgscan.inline import run  # noqa: PLC0415  # a scan that is confined never needs it here

    registry = load()
    source = open_input(path)
    try:
        plan = Plan(judging=options.judging(registry), limits=options.limits)
        return make_report(run(registry, (source,), plan).judge(), options, registry, ())
    finally:
        source.close()


def make_report(outcome: Outcome, options: Options, registry: Registry, layers: tuple[str, ...]) -> Report:
    """Apply what the user accepts, ask the gate, and put the report together."""
    chosen = options.judging(registry).rules
    rules = tuple(rule for rule in registry.infos if chosen is None or rule.id in chosen)
    regraded = regrade(outcome.findings, dict(options.severities))
    applied = apply_suppressions(regraded, outcome.gaps, options.accepted, options.now.date(), registry.infos)
    left_out = f"{len(rules)} of {len(registry.rules)} installed rules ran"
    stages = {rule.id: rule.stage for rule in rules}
    return Report(
        tool=Tool("pkgscan", __version__),
        now=options.now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        sandbox=layers,
        package=outcome.package,
        gate=judge_gate(applied.findings, applied.gaps, options.policy, stages),
        findings=applied.findings,
        gaps=applied.gaps,
        coverage=outcome.coverage,
        rules=rules,
        parts=outcome.parts,
        notes=(*options.notes, *applied.notes, *(applied.unused if chosen is None else (left_out,))),
        snippets=outcome.snippets,
        artifacts=outcome.artifacts,
        profile=_profile_info(options.profile),
    )


def _profile_info(profile: Profile | None) -> ProfileInfo | None:
    if profile is None:
        return None
    host = profile.host
    said = (item.value if item else "" for item in (host.name, host.os, host.version, host.time_zone))
    return ProfileInfo(profile.path, *said)
