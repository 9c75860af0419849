"""`pkgscan suppress add`: accept one finding or gap, for a reason, by somebody, up to a day."""

from __future__ import annotations

import os
from datetime import datetime

import click

DEFAULT_FILE = "pkgscan-suppressions.toml"


@click.group("suppress")
def command() -> None:
    """Accept findings and gaps."""


@command.command("add")
@click.argument("fingerprint")
@click.option("--reason", required=True, help="Why it is accepted.")
@click.option("--owner", required=True, help="Who answers for it.")
@click.option("--expires", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The last day it holds.")
@click.option("--file", "path", help=f"The suppressions file; by default that of the settings, else {DEFAULT_FILE}.")
def add(fingerprint: str, reason: str, owner: str, expires: datetime, path: str | None) -> None:
    """Accept the finding or gap that a report names by FINGERPRINT."""
    from pkgscan.suppress import Acceptance  # noqa: PLC0415  # not before it is asked for
    from pkgscan.suppressions import add_suppression  # noqa: PLC0415  # the same

    target = path or _configured() or DEFAULT_FILE
    acceptance = Acceptance(fingerprint=fingerprint, reason=reason, owner=owner, expires=expires.date())
    add_suppression(target, acceptance, datetime.now().astimezone().date())
    click.echo(f"{target} accepts {fingerprint} up to {expires.date()}; scan with --suppressions {target}")


def _configured() -> str:
    from pkgscan.config import find_config, read_config  # noqa: PLC0415  # not before it is asked for

    found = find_config(os.getcwd(), "")
    return read_config(found.path).suppressions if found.path else ""
