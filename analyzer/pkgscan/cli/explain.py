"""`pkgscan explain RULE`: what a rule looks for, why it matters, what to do."""

from __future__ import annotations

import click


@click.command("explain")
@click.argument("rule")
def command(rule: str) -> None:
    """Say what RULE looks for, why it matters and what to do."""
    from pkgscan.registry import load  # noqa: PLC0415  # not before it is asked for
    from pkgscan.rulebook import explain, find_rule  # noqa: PLC0415  # the same

    click.echo(explain(find_rule(load().infos, rule)), nl=False)
