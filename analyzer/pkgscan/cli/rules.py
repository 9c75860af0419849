"""`pkgscan rules`: the installed rules, ours and third parties'."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pkgscan.report import RuleInfo


@click.command("rules")
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="What to print.",
)
def command(form: str) -> None:
    """List the installed rules."""
    from pkgscan.registry import load  # noqa: PLC0415  # not before it is asked for

    rules = load().infos
    click.echo("\n".join(_lines(rules)) if form == "text" else _json(rules))


def _lines(rules: Sequence[RuleInfo]) -> Iterator[str]:
    from pkgscan.rulebook import grades  # noqa: PLC0415  # not before it is asked for

    rows = [(rule.id, grades(rule), rule.stage, rule.title) for rule in rules]
    widths = [max((len(row[at]) for row in rows), default=0) for at in range(3)]
    for row in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])


def _json(rules: Sequence[RuleInfo]) -> str:
    import msgspec  # noqa: PLC0415  # not before it is asked for

    rows = msgspec.json.encode(rules)
    return msgspec.json.format(rows, indent=2).decode()
