"""`pkgscan suppress add`: accept one finding or gap, for a reason, by somebody, up to a day."""

from __future__ import annotations

import os
import shlex
from datetime import date, datetime

import click

DEFAULT_FILE = "pkgscan-suppressions.toml"


class Day(click.ParamType[date]):
    """A day of the calendar."""

    name = "day"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day that `2027-01-31` names."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day of the calendar; write it like 2027-01-31", param, ctx)


@click.group("suppress")
def command() -> None:
    """Accept findings and gaps."""


@command.command("add")
@click.argument("fingerprint")
@click.option("--reason", required=True, help="Why it is accepted.")
@click.option("--owner", required=True, help="Who answers for it.")
@click.option("--expires", required=True, type=Day(), metavar="YYYY-MM-DD", help="The last day it holds.")
@click.option("--report", metavar="REPORT.json", help="Note beside it the rule and place that this report names.")
@click.option(
    "--file",
    "path",
    metavar="FILE",
    help=f"Where to add it; default: as in the settings, else {DEFAULT_FILE}.",
)
def add(fingerprint: str, *, expires: date, report: str | None, path: str | None, **texts: str) -> None:
    """Accept the finding or gap that a report names by FINGERPRINT: `-v` shows it, and -f json."""
    from pkgscan.suppress import Acceptance  # noqa: PLC0415  # not before it is asked for
    from pkgscan.suppressions import add_suppression, describe  # noqa: PLC0415  # the same

    target = path or _configured() or DEFAULT_FILE
    acceptance = Acceptance(fingerprint=fingerprint, expires=expires, **texts)
    comment = describe(report, fingerprint) if report else ""
    add_suppression(target, acceptance, datetime.now().astimezone().date(), comment)
    file = shlex.quote(target)
    click.echo(f"{file} accepts {fingerprint} up to {expires}; scan with --suppressions {file}")


def _configured() -> str:
    from pkgscan.config import find_config, read_config  # noqa: PLC0415  # not before it is asked for

    found = find_config(os.getcwd(), "")
    return read_config(found.path).suppressions if found.path else ""
