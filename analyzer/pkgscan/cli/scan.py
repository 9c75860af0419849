"""`pkgscan scan PACKAGE`: read a package, judge it, report."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from pkgscan.errors import EXIT_INCOMPLETE

if TYPE_CHECKING:
    from pkgscan.config import Config
    from pkgscan.report import Report

SEVERITY = click.Choice(("info", "low", "medium", "high"))
CONFIDENCE = click.Choice(("low", "medium", "high"))


EPILOG = """\b
Exit codes:
  0  the gate passed            3  not everything was seen
  1  findings fail the gate     4  an error of pkgscan itself
  2  option, setting or file    130  interrupted
When several hold: 2, 4, 1, 3. Formats and display filters never change the code.

\b
Examples:
  pkgscan upgrade.zip
  pkgscan upgrade.zip --fail-on medium -o sarif=upgrade.sarif -o json=upgrade.json
  pkgscan upgrade.zip --baseline last-release.json --suppressions accepted.toml
"""


class Names(click.ParamType[tuple[str, ...]]):
    """Names separated by commas."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # noqa: ARG002  # click's signature
        """Split one value."""
        return tuple(name.strip() for name in str(value).split(",") if name.strip())


@click.command("scan", epilog=EPILOG)
@click.argument("package", required=False, default="")
@click.option("-f", "--format", "form", metavar="FORMAT", default="text", help="Print text (default), json or sarif.")
@click.option(
    "-o", "--output", multiple=True, metavar="FORMAT=PATH", help="Write a file, too; repeatable. Also facts=PATH."
)
@click.option(
    "--fail-on", type=click.Choice(("info", "low", "medium", "high", "never")), help="Fail at this severity (high)."
)
@click.option("--fail-confidence", type=CONFIDENCE, help="Count findings of at least this confidence (medium).")
@click.option("--preview/--no-preview", default=None, help="Let rules in preview fail the gate, too.")
@click.option(
    "--incomplete",
    type=click.Choice(("strict", "fail", "warn")),
    help="Exit 3 when bytes were not seen (fail), also when not understood (strict), or only for crashes (warn).",
)
@click.option("--min-severity", type=SEVERITY, help="Show findings from this severity on; the gate sees all.")
@click.option("--min-confidence", type=CONFIDENCE, help="Show findings from this confidence on; the gate sees all.")
@click.option("--select", type=Names(), multiple=True, metavar="RULE,...", help="Run these rules alone.")
@click.option("--ignore", type=Names(), multiple=True, metavar="RULE,...", help="Leave these rules out.")
@click.option(
    "-t",
    "--target",
    metavar="PROFILE",
    help="The host it is meant for: a profile (docs/profile.md), or the name of a built-in one, such as debian-12.",
)
@click.option("--signature", multiple=True, metavar="FILE", help="A signature of it; those beside it are found.")
@click.option("--advisory", multiple=True, metavar="FILE", help="A vendor's announcement of new keys, with its .asc.")
@click.option("--previous", metavar="PACKAGE", help="The package before this one: its signer is compared.")
@click.option("--baseline", metavar="REPORT.json", help="Only what is not in this report fails.")
@click.option("--suppressions", metavar="FILE", help="Accepted findings and gaps, each with reason, owner and expiry.")
@click.option("--label", metavar="NAME", help="Stem of SARIF paths (the package's name without its version).")
@click.option("--now", metavar="TIME", help="Judge as of this time, for reports that come out the same.")
@click.option(
    "--limit", multiple=True, metavar="KEY=VALUE", help="Change a limit, e.g. spool=8g; an unknown KEY lists all."
)
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes that read entries.")
@click.option("--timeout", type=click.IntRange(1), metavar="SECONDS", help="Stop walking after this time, and say so.")
@click.option("--sandbox", type=click.Choice(("auto", "require")), help="require: refuse to scan without every layer.")
@click.option("--config", metavar="FILE", help="Settings, instead of the pkgscan.toml or pyproject.toml found upward.")
@click.option("--no-config", is_flag=True, help="Take no settings from any file.")
@click.option("--show-config", is_flag=True, help="Print the settings in force, and stop.")
@click.option(
    "--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colour on standard output."
)
@click.option("--no-progress", is_flag=True, help="Show no progress on standard error.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit code and files say it.")
@click.option("-v", "--verbose", is_flag=True, help="Show accepted findings, every gap and the sandbox, too.")
def command(package: str, **flags: Any) -> int:
    """Read PACKAGE, run nothing in it, and say what it will do to the host and what is wrong with it.

    PACKAGE is a zip, tar, deb, rpm, jar or other archive, a directory, or - for standard input.
    """
    from pkgscan.cli.settings import effective_config, parse_outputs  # noqa: PLC0415  # heavier than --help
    from pkgscan.reporters import formats, renderer  # noqa: PLC0415  # the same

    renderer(flags["form"])  # an unknown format is an error before the scan
    flags["outputs"] = parse_outputs(flags.pop("output"), (*formats(), "facts")) or None
    for key in ("select", "ignore"):
        flags[key] = tuple(name for names in flags[key] for name in names) or None
    if flags["target"] == "":
        raise click.UsageError("--target is empty: name a profile, or leave the option out")
    config, notes = effective_config(flags, package)
    if flags["show_config"]:
        from pkgscan.config import render_config  # noqa: PLC0415  # only when asked for

        click.echo(render_config(config), nl=False)
        return 0
    if not package:
        raise click.UsageError("no PACKAGE named")
    return _scan(package, config, notes, flags)


def _scan(package: str, config: Config, notes: tuple[str, ...], flags: dict[str, Any]) -> int:
    from pkgscan.cli.output import Progress, check_outputs  # noqa: PLC0415  # the same
    from pkgscan.cli.settings import scan_options  # noqa: PLC0415  # the same
    from pkgscan.companions import Companions, open_all  # noqa: PLC0415  # heavier than --help
    from pkgscan.processes.launch import scan  # noqa: PLC0415  # the same
    from pkgscan.registry import load  # noqa: PLC0415  # the same

    companions = Companions(flags["signature"], flags["advisory"], flags["previous"] or "")
    files = (config.baseline, config.suppressions, config.target, config.source)
    check_outputs(config.outputs, (package, *companions.paths, *files))
    registry = load()
    options = scan_options(config, notes, flags["now"], package, registry)
    inputs = open_all(package, companions, options.profile, config.limits)
    progress = Progress(wanted=not flags["no_progress"] and not flags["quiet"])
    try:
        report, facts = scan(registry, inputs, options, progress)
    finally:
        progress.done()
        for source in inputs:
            source.close()
    _publish(report, facts, config, flags)
    _speak_up(report, config)
    return report.gate.exit_code


def _publish(report: Report, facts: bytes, config: Config, flags: dict[str, Any]) -> None:
    from pkgscan.cli.output import filtered, show, terminal_width, use_color, write_file  # noqa: PLC0415  # heavier than --help
    from pkgscan.registry import load  # noqa: PLC0415  # the same
    from pkgscan.reporters import renderer  # noqa: PLC0415  # the same
    from pkgscan.reporters.base import Options  # noqa: PLC0415  # the same

    shown = filtered(report, config.min_severity, config.min_confidence)
    parts = tuple(conclusion.part for conclusion in load().conclusions if conclusion.part is not None)
    plain = Options(parts=parts, label=config.label, verbose=flags["verbose"])
    for form, path in config.outputs:
        write_file(path, facts if form == "facts" else renderer(form)(shown, plain).encode())
    if not flags["quiet"]:
        terminal = Options(
            parts=parts,
            label=config.label,
            verbose=flags["verbose"],
            color=use_color(flags["color"]),
            width=terminal_width(),
        )
        show(renderer(flags["form"])(shown, terminal))


def _speak_up(report: Report, config: Config) -> None:
    """What must not be overlooked in a log, on standard error: expired acceptances, and an incomplete reading."""
    from pkgscan.gate import is_incomplete  # noqa: PLC0415  # heavier than --help
    from pkgscan.safe import shown  # noqa: PLC0415  # the same

    for note in report.notes:
        if " expired on " in note:
            sys.stderr.write(f"pkgscan: {shown(note)}\n")
    if report.gate.exit_code == EXIT_INCOMPLETE:
        first = next(gap for gap in report.gaps if is_incomplete(gap, config.incomplete))
        place = f"{first.span.path}: " if first.span else ""
        more = f" (and {report.gate.incomplete - 1} more)" if report.gate.incomplete > 1 else ""
        message = (
            f"{report.package.path}: not everything was seen: {place}{first.reason}{more}; read the gaps in the report"
        )
        sys.stderr.write(f"pkgscan: {shown(message)}\n")
