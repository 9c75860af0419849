"""`pkgscan profile check|import|script`: what a profile tells of the host, and how to get one from a host."""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pkgscan.model import Span
    from pkgscan.profile.model import Profile
    from pkgscan.reason.differences import Difference
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
    from pkgscan.captures.profile import load_target  # noqa: PLC0415  # heavier than --help
    from pkgscan.companions import check_named  # noqa: PLC0415  # the same
    from pkgscan.registry import load  # noqa: PLC0415  # the same
    from pkgscan.safe import shown  # noqa: PLC0415  # the same

    profile = load_target(file)
    check_named(profile)
    for line in _lines(profile, load()):
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


@command.command("diff")
@click.argument("staging")
@click.argument("production")
@click.option("--package", metavar="PACKAGE", help="Only what this package touches.")
def diff(staging: str, production: str, package: str | None) -> None:
    """Say where the host of a rehearsal, STAGING, differs from that of the upgrade, PRODUCTION.

    Each line is a thing, how it is on either host, and where the profiles say so. The exit code is 0 whatever differs.
    """
    from pkgscan.captures.profile import load_target  # noqa: PLC0415  # heavier than --help
    from pkgscan.reason.differences import differences  # noqa: PLC0415  # the same
    from pkgscan.reporters.text.lines import Page  # noqa: PLC0415  # the same
    from pkgscan.safe import shown  # noqa: PLC0415  # the same

    one, other = load_target(staging), load_target(production)
    found = list(differences(one, other))
    if package is not None:
        found = _touched(found, package, other)
    which = "in what the package touches" if package is not None else "in what the profiles know"
    head = f"differ {which}:" if found else f"do not differ {which}"
    click.echo(shown(f"{staging} and {production} {head}"))
    rows = ((item.kind, item.subject, *item.said, _places(item.spans)) for item in found)
    page = Page(0)
    page.rows((tuple(map(shown, row)) for row in rows), "")
    click.echo(page.text(), nl=False)


def _touched(found: list[Difference], package: str, production: Profile) -> list[Difference]:
    """Those that a package meets, which is scanned for that as it would be for the host of the upgrade."""
    import msgspec  # noqa: PLC0415  # heavier than --help

    from pkgscan.archive.limits import Limits  # noqa: PLC0415  # the same
    from pkgscan.cli.output import Progress  # noqa: PLC0415  # the same
    from pkgscan.cli.settings import clock  # noqa: PLC0415  # the same
    from pkgscan.companions import Companions, open_all  # noqa: PLC0415  # the same
    from pkgscan.facts.assumption import Assumption  # noqa: PLC0415  # the same
    from pkgscan.processes.launch import scan  # noqa: PLC0415  # the same
    from pkgscan.profile.model import Signatures  # noqa: PLC0415  # the same
    from pkgscan.reason.touched import touches  # noqa: PLC0415  # the same
    from pkgscan.registry import load  # noqa: PLC0415  # the same
    from pkgscan.scanning import Options  # noqa: PLC0415  # the same

    unsigned = msgspec.structs.replace(production, signatures=Signatures())  # no matter here, and no file to be read
    inputs = open_all(package, Companions(), unsigned, Limits())
    try:
        report, _ = scan(load(), inputs, Options(now=clock(None), profile=unsigned), Progress(wanted=False))
    finally:
        for source in inputs:
            source.close()
    assumed = msgspec.convert(report.parts.get("assumptions", []), list[Assumption])
    name, has_jobs = os.path.basename(package.rstrip("/")), bool(report.parts.get("schedule"))
    return [item for item in found if touches(item, assumed, name, has_jobs=has_jobs)]


def _places(spans: Iterable[Span]) -> str:
    return ", ".join(f"{span.path}:{span.first_line}" if span.first_line else span.path for span in spans)


@command.command("script")
def script() -> None:
    """Print a shell script that captures a host without pkgscan: ssh HOST sh <capture.sh >host.tar."""
    from pkgscan.captures.script import SCRIPT  # noqa: PLC0415  # only here

    click.echo(SCRIPT, nl=False)


def _lines(profile: Profile, registry: Registry) -> Iterator[str]:
    yield f"{profile.path}: a profile that can be read"
    for note in profile.notes:
        yield f"  note     {note}"
    yield _base(profile)
    for table, what in _TABLES:
        yield f"  {'stated ' if profile.states(table) else 'missing'}  {table:<10}  {what}"
    yield from _lacking(profile)
    for rule in registry.rules:
        if rule.info.asks and not profile.states(rule.info.asks):
            yield f"  not judged: {rule.id}, which needs the table {rule.info.asks}"


def _base(profile: Profile) -> str:
    """The built-in profile that it stands on, or why there is none."""
    from pkgscan.profile.release import releases  # noqa: PLC0415  # heavier than --help
    from pkgscan.profile.target import Target  # noqa: PLC0415  # the same

    base, host = Target(profile).release, profile.host
    if base is not None:
        return f"  base     {base.name}, a known part: {base.unread()}"
    named = "-".join(one.value for one in (host.os, host.version) if one is not None)
    why = f"nothing is built in of {named}" if host.os and host.version else "host.os and host.version name no release"
    return f"  base     none: {why}; known: {', '.join(releases())}"


def _lacking(profile: Profile) -> Iterator[str]:
    """What is not judged for lack of one key of a table that is there."""
    host = profile.host
    if profile.states("host") and host.time_zone is None:
        yield "  not judged: jobs without a zone of their own when clocks change, for lack of host.time_zone"
    if profile.window is not None and host.time_zone is None:
        yield "  not judged: jobs in a time zone of their own, which need host.time_zone beside the window"
    if profile.sudo.grants and host.user is None:
        yield "  not judged: sudo rights of who upgrades, for lack of host.user beside what sudoers says"
    if profile.states("host") and host.os is None:
        yield "  not judged: os-mismatch, for lack of host.os"
    if profile.endpoints.retired and not profile.mounts:
        yield "  not judged: disk-fills, for lack of mounts"
