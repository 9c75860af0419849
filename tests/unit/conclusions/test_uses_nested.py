"""What texts do that a command hands to a shell."""

import pytest

from concluded import script
from pkgscan.facts.uses import UnitUse


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("sh -c 'systemctl restart a'", ""),
        ("su -c 'systemctl restart a'", ""),
        ("eval 'systemctl restart a'", ""),
        ("trap 'systemctl restart a' EXIT", ""),
        ("ssh ops@web1 'systemctl restart a'", "on web1"),
    ],
)
def test_nested(text: str, where: str) -> None:
    assert [(use.span.first_line, use.unit, use.where) for use in script(text).facts(UnitUse)] == [
        (2, "a.service", where)
    ]


def test_a_shell_that_a_variable_names() -> None:
    graph = script(
        "sh_c='sh -c'\nif x; then sh_c='sudo sh -c'; elif y; then sh_c=echo; fi\n$sh_c 'systemctl enable a'\n"
    )
    assert [(use.unit, use.certainty, use.variable) for use in graph.facts(UnitUse)] == [("a.service", "may", "sh_c")]
