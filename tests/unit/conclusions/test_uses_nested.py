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
    assert [(use.span.first_line, use.unit, use.where) for use in script(text).facts(UnitUse)] == [(2, "a.service", where)]
