"""From flags and the settings file to what a scan needs: flags win, unknown names are errors with a hint."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from pkgscan.archive.limits import parse_limit
from pkgscan.config import Config, check_rules, find_config, read_config, refuse_inside
from pkgscan.errors import UserError
from pkgscan.gate import Policy
from pkgscan.registry import Registry
from pkgscan.scanning import Options
from pkgscan.suppress import Accepted, Baseline

if TYPE_CHECKING:
    from pkgscan.profile.model import Profile

MOST_JOBS = 4  # more analysers than that wait for the one decoder


def effective_config(flags: dict[str, Any], package: str) -> tuple[Config, tuple[str, ...]]:
    """The settings in force and notes on files passed over. `flags` holds what the user gave, None for the rest."""
    path: str = flags["config"] or ""
    notes: tuple[str, ...] = ()
    if path:
        refuse_inside(path, package)
    elif not flags["no_config"]:
        found = find_config(os.getcwd(), package)
        path, notes = found.path, found.notes
    config = read_config(path) if path else Config()
    given = {key: value for key, value in flags.items() if key in Config.__struct_fields__ and value is not None}
    limits = config.limits
    for setting in flags["limit"]:
        limits = parse_limit(limits, setting)
    return msgspec.structs.replace(config, **given, limits=limits), notes


def scan_options(config: Config, notes: tuple[str, ...], now: str | None, package: str, registry: Registry) -> Options:
    """What the scan needs of the settings. Raises UserError for rules, files and times that make no sense."""
    config = check_rules(config, registry.infos)
    for name in config.ignore:
        rule = registry.rule(name)
        if rule is not None and rule.integrity:
            raise UserError(f"{name} cannot be left out", "it guards the scan itself; accept nothing it finds")
    for path in (config.suppressions, config.baseline, config.target):
        refuse_inside(path, package)
    return Options(
        now=clock(now),
        select=config.select,
        ignore=config.ignore,
        limits=config.limits,
        policy=Policy(
            fail_on=config.fail_on,
            fail_confidence=config.fail_confidence,
            preview=config.preview,
            incomplete=config.incomplete,
        ),
        accepted=_accepted(config, registry),
        severities=config.severities,
        notes=notes,
        jobs=config.jobs or default_jobs(),
        timeout=config.timeout,
        sandbox=config.sandbox,
        facts=any(form == "facts" for form, _ in config.outputs),
        profile=_profile(config.target),
    )


def _profile(path: str) -> Profile | None:
    if not path:
        return None
    from pkgscan.captures.profile import load_target  # noqa: PLC0415  # only where one is named

    return load_target(path)


def _accepted(config: Config, registry: Registry) -> Accepted:
    if not config.suppressions and not config.baseline:
        return Accepted()
    from pkgscan.suppressions import check_acceptances, read_baseline, read_suppressions  # noqa: PLC0415  # not at start

    acceptances = read_suppressions(config.suppressions) if config.suppressions else ()
    check_acceptances(config.suppressions, acceptances, registry.infos)
    return Accepted(acceptances, read_baseline(config.baseline) if config.baseline else Baseline())


def default_jobs() -> int:
    """One process fewer than there are processors, for the decoder has work too."""
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(MOST_JOBS, ours - 1))


def clock(text: str | None) -> datetime:
    """The instant everything is judged at: `--now`, SOURCE_DATE_EPOCH, or the clock; always with a time zone."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if text is None:
        return datetime.fromtimestamp(int(epoch), UTC) if epoch and epoch.isdigit() else datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"--now {text!r} is no time", "write it like 2026-07-01T12:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_outputs(values: tuple[str, ...], known: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(format, path) of each `-o FMT=PATH`. Raises UserError for a format there is not, before anything is scanned."""
    outputs = []
    for value in values:
        form, equals, path = value.partition("=")
        if not equals or not path or form not in known:
            raise UserError(f"-o {value!r} is not FORMAT=PATH", f"known formats: {', '.join(known)}")
        outputs.append((form, path))
    return tuple(outputs)
