"""`pkgscan profile check|import|script`: what a profile tells of the host, and how to get one from a host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pkgscan.profile.model import Profile
    from pkgscan.registry import Registry

# The tables, in the order of docs/profile.md, and what each tells.
_TABLES = (
    ("host", "the machine, and who upgrades it"),
    ("installed", "what is there now"),
    ("imports", "files that hosts print"),
    ("systemd", "its units"),
    ("sudo", "what may be run with sudo"),
    ("window", "when it is upgraded"),
    ("endpoints", "where it can connect to, and what is retired"),
    ("mounts", "its file systems, and the room on them"),
    ("databases", "its databases and tables"),
    ("signatures", "whom it trusts"),
    ("contacts", "where vendors are reached"),
    ("jobs", "what its own crontabs start"),
)


@click.group("profile")
def command() -> None:
    """Look at a target profile: the host a package is meant for, as a file."""


@command.command("check")
@click.argument("file")
def check(file: str) -> None:
    """Say what the profile FILE tells, what it leaves out, and which rules will not judge for lack of it."""
    from pkgscan.captures.profile import load_profile  # noqa: PLC0415  # heavier than --help
    from pkgscan.registry import load  # noqa: PLC0415  # the same
    from pkgscan.safe import shown  # noqa: PLC0415  # the same

    for line in _lines(load_profile(file), load()):
        click.echo(shown(line))


@command.command("import")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("-o", "--output", "folder", default="profile", metavar="FOLDER", help="Where to write it; new or empty.")
def import_(sources: tuple[str, ...], folder: str) -> None:
    """Write a profile of what a host printed of itself.

    A SOURCE is what `pkgscan profile script` made, as a tar or unpacked, or a file with the output of one command,
    known by its name or its content.
    """
    from pkgscan.captures.intake import take_in  # noqa: PLC0415  # heavier than --help
    from pkgscan.safe import shown  # noqa: PLC0415  # the same

    profile = take_in(sources, folder)
    known = ", ".join(item.value[0] for item in profile.imports)
    for line in (
        f"wrote {profile.path}: {known}",
        *(f"note: {note}" for note in profile.notes),
        f"next: add what people decide, then pkgscan profile check {profile.path}",
    ):
        click.echo(shown(line))


@command.command("script")
def script() -> None:
    """Print a shell script that captures a host without pkgscan: ssh HOST sh <capture.sh >host.tar."""
    from pkgscan.captures.script import SCRIPT  # noqa: PLC0415  # only here

    click.echo(SCRIPT, nl=False)


def _lines(profile: Profile, registry: Registry) -> Iterator[str]:
    yield f"{profile.path}: a profile that can be read"
    for note in profile.notes:
        yield f"  note     {note}"
    for table, what in _TABLES:
        yield f"  {'stated ' if profile.states(table) else 'missing'}  {table:<10}  {what}"
    if profile.window is not None and profile.host.time_zone is None:
        yield "  not judged: jobs in a time zone of their own, which need host.time_zone beside the window"
    for rule in registry.rules:
        if rule.info.asks and not profile.states(rule.info.asks):
            yield f"  not judged: {rule.id}, which needs the table {rule.info.asks}"
