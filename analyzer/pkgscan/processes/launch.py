"""Starts a scan the cheapest way that is safe: a tiny package in one confined child, any other in several."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from pkgscan.archive.limits import Limits
from pkgscan.inputs import Input
from pkgscan.outcome import Outcome
from pkgscan.plan import Plan
from pkgscan.processes.crew import Crew
from pkgscan.processes.supervisor import Supervisor, Tree
from pkgscan.registry import Registry
from pkgscan.sandbox.child import Confinement, SandboxMode, interpreter_paths

if TYPE_CHECKING:
    from pkgscan.report import Report
    from pkgscan.scanning import Options

# Below this many bytes of package more processes cost more than they save.
TINY = 256 << 10

Show = Callable[[str], None]


def scan(
    registry: Registry, inputs: tuple[Input, ...], options: Options, progress: Show = lambda _path: None
) -> tuple[Report, bytes]:
    """The report, and the facts file where the options ask for it. Raises SandboxUnavailable."""
    from pkgscan.scanning import make_report  # noqa: PLC0415  # a tree needs none of it

    registry.load_all()
    plan = Plan(judging=options.judging(registry), limits=options.limits)
    confinement = _confinement(inputs, options.limits, options.sandbox)
    crew = Crew(
        confinement=confinement,
        jobs=options.jobs,
        timeout=options.timeout,
        progress=progress,
    )
    outcome: Outcome | None = None
    if options.jobs == 1 and all(source.size <= TINY and not source.is_directory for source in inputs):
        brief = msgspec.structs.replace(confinement, limits=_brief(options.limits))
        supervisor = Supervisor(registry, inputs, plan, msgspec.structs.replace(crew, confinement=brief))
        outcome = supervisor.run_alone()
    if outcome is None:
        _collect_from_here()
        supervisor = Supervisor(registry, inputs, plan, crew)
        outcome = supervisor.run()
    report = make_report(outcome, options, registry, supervisor.layers)
    return report, bytes(supervisor.facts_file)


def tree(  # noqa: PLR0913  # a tree has these wishes
    registry: Registry,
    source: Input,
    limits: Limits,
    *,
    sandbox: SandboxMode = "auto",
    timeout: int = 0,
    totals_only: bool = False,
    progress: Show = lambda _path: None,
) -> Tree:
    """Every entry of a package, hashed and identified, and what was not seen."""
    crew = Crew(confinement=_confinement((source,), limits, sandbox), timeout=timeout, progress=progress)
    _collect_from_here()
    return Supervisor(registry, (source,), Plan(limits=limits, totals_only=totals_only), crew).tree()


def _collect_from_here() -> None:
    """Look for garbage among what is made from now on: a large package's frames are many."""
    gc.freeze()
    gc.enable()


def _brief(limits: Limits) -> Limits:
    """For a child that does everything: over what one entry may cost it ends, and several find out which one it is."""
    return msgspec.structs.replace(limits, cpu=min(limits.cpu, limits.archive_cpu, limits.entry_cpu))


def _confinement(inputs: tuple[Input, ...], limits: Limits, mode: SandboxMode) -> Confinement:
    scanned = tuple(os.path.realpath(source.path) for source in inputs if source.is_directory)
    return Confinement((*interpreter_paths(), *scanned), limits, mode)
