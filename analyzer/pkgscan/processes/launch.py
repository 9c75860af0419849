"""Starts a scan the cheapest way that is safe: a tiny package in one confined child, any other in several."""

from __future__ import annotations

import os
from collections.abc import Callable

from pkgscan.engine import Outcome
from pkgscan.inline import Plan
from pkgscan.inputs import Input
from pkgscan.model import Entry, Gap
from pkgscan.processes.supervisor import Crew, Supervisor
from pkgscan.registry import Registry
from pkgscan.report import Report
from pkgscan.sandbox.child import Confinement, interpreter_paths
from pkgscan.scanning import Options, make_report

# Below this many bytes of package more processes cost more than they save.
TINY = 256 << 10

Show = Callable[[str], None]


def scan(
    registry: Registry, inputs: tuple[Input, ...], options: Options, progress: Show = lambda _path: None
) -> tuple[Report, bytes]:
    """The report, and the facts file where the options ask for it. Raises SandboxUnavailable."""
    plan = Plan(judging=options.judging(registry), limits=options.limits)
    crew = _crew(inputs, options, progress)
    outcome: Outcome | None = None
    if options.jobs == 1 and all(source.size <= TINY and not source.is_directory for source in inputs):
        supervisor = Supervisor(registry, inputs, plan, crew)
        outcome = supervisor.run_alone()
    if outcome is None:
        supervisor = Supervisor(registry, inputs, plan, crew)
        outcome = supervisor.run()
    report = make_report(outcome, options, registry, supervisor.layers)
    return report, bytes(supervisor.facts_file)


def tree(
    registry: Registry, source: Input, options: Options, progress: Show = lambda _path: None
) -> tuple[list[Entry], list[Gap]]:
    """Every entry of a package, hashed and identified, and what was not seen."""
    plan = Plan(limits=options.limits)
    return Supervisor(registry, (source,), plan, _crew((source,), options, progress)).tree()


def _crew(inputs: tuple[Input, ...], options: Options, progress: Show) -> Crew:
    scanned = tuple(os.path.realpath(source.path) for source in inputs if source.is_directory)
    confinement = Confinement((*interpreter_paths(), *scanned), options.limits, options.sandbox)
    return Crew(confinement=confinement, jobs=options.jobs, timeout=options.timeout, progress=progress)
