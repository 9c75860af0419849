"""`pkgscan tree PACKAGE`: every entry of a package, nested ones too, with kind, size and digest."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from pkgscan.errors import EXIT_INCOMPLETE

if TYPE_CHECKING:
    from pkgscan.model import Entry
    from pkgscan.processes.supervisor import Tree

DIGITS = 12  # of a digest on a terminal line; enough to compare by eye


@click.command("tree")
@click.argument("package")
@click.option("--limit", multiple=True, metavar="KEY=VALUE", help="Change a limit, e.g. spool=8g.")
@click.option(
    "--sandbox", type=click.Choice(("auto", "require")), default="auto", help="require: refuse without every layer."
)
@click.option(
    "--timeout", type=click.IntRange(1), metavar="SECONDS", default=None, help="Stop after this time, and say so."
)
@click.option("--no-progress", is_flag=True, help="Show no progress on standard error.")
@click.option("-q", "--quiet", is_flag=True, help="Print the totals alone.")
def command(package: str, limit: tuple[str, ...], sandbox: str, timeout: int | None, **flags: bool) -> int:
    """List every entry of PACKAGE with its kind, size and digest; archives are opened, nothing in them is read."""
    from pkgscan.archive.limits import Limits, parse_limit  # noqa: PLC0415  # heavier than --help
    from pkgscan.cli.output import Progress, show  # noqa: PLC0415  # the same
    from pkgscan.inputs import open_input  # noqa: PLC0415  # the same
    from pkgscan.processes.launch import tree  # noqa: PLC0415  # the same
    from pkgscan.registry import load  # noqa: PLC0415  # the same

    limits = Limits()
    for setting in limit:
        limits = parse_limit(limits, setting)
    source = open_input(package, limits=limits)
    progress = Progress(wanted=not flags["no_progress"] and not flags["quiet"])
    try:
        found = tree(
            load(),
            source,
            limits,
            sandbox=sandbox,  # type: ignore[arg-type]  # click has checked it
            timeout=timeout or 0,
            totals_only=flags["quiet"],
            progress=progress,
        )
    finally:
        progress.done()
        source.close()
    if not flags["quiet"]:
        show("".join(_lines(sorted(found.entries, key=lambda entry: (entry.path, entry.number)))))
    return _close(found, source.size)


def _lines(entries: list[Entry]) -> Iterator[str]:
    from pkgscan.safe import shown  # noqa: PLC0415  # heavier than --help

    for entry in entries:
        what = entry.type if entry.type != "file" else entry.kind
        target = f" -> {shown(entry.link_target)}" if entry.link_target else ""
        yield f"{entry.sha256[:DIGITS] or '-':12}  {entry.size:>11}  {what:16}  {shown(entry.path)}{target}\n"


def _close(found: Tree, size: int) -> int:
    """The totals and what was not seen; the exit code. The package itself is counted only where it holds nothing."""
    from pkgscan.cli.output import show  # noqa: PLC0415  # heavier than --help

    count, total = (found.count - 1, found.bytes - size) if found.count > 1 else (found.count, found.bytes)
    show(f"{count} {'entry' if count == 1 else 'entries'}, {total} bytes unpacked\n")
    if found.gaps:
        from pkgscan.safe import shown  # noqa: PLC0415  # only when there is something to say
    for gap in found.gaps:
        place = gap.span.path if gap.span else ""
        sys.stderr.write(f"pkgscan: {shown(f'{place}: {gap.reason}: {gap.detail}')}\n")
    return EXIT_INCOMPLETE if found.gaps else 0
