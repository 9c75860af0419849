"""Units that commands speak of, by the manual page of each."""

import pytest

from pkgscan.reason.programs.units import unit_calls, unit_name
from pkgscan.values import literal
from shell_words import words


def calls(line: str) -> list[tuple[str, str, str]]:
    found = words(line)
    name = (literal(found[0]) or "").rpartition("/")[2]
    return [(c.verb, unit_name(c.unit) if c.unit is not None else "-", c.kind) for c in unit_calls(name, found)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("systemctl restart cron", [("restart", "cron.service", "action")]),
        (
            "systemctl --quiet --no-block stop a.socket b",
            [("stop", "a.socket", "action"), ("stop", "b.service", "action")],
        ),
        ("systemctl enable --now a.timer", [("enable", "a.timer", "action")]),
        ("systemctl -H web1 restart a", [("restart", "a.service", "action")]),
        ("systemctl is-active --quiet a", [("is-active", "a.service", "query")]),
        ("systemctl daemon-reload", [("daemon-reload", "-", "manager")]),
        ("systemctl list-unit-files a.service", [("list-unit-files", "a.service", "query")]),
        ("systemctl", [("list-units", "-", "query")]),
        ("systemctl --version", []),
        ("systemctl %ACTION a", [("", "a.service", "action")]),
        ("systemctl start $NAME", [("start", "", "action")]),
        ("systemctl set-property a.slice CPUQuota=20%", [("set-property", "a.slice", "action")]),
        ("service nginx reload", [("reload", "nginx.service", "action")]),
        ("service --status-all", [("status", "-", "query")]),
        ("service nginx status", [("status", "nginx.service", "query")]),
        ("invoke-rc.d --quiet ssh restart", [("restart", "ssh.service", "action")]),
        ("invoke-rc.d --query ssh restart", [("restart", "ssh.service", "query")]),
        (
            "deb-systemd-invoke start a.service b.timer",
            [("start", "a.service", "action"), ("start", "b.timer", "action")],
        ),
        ("deb-systemd-helper --quiet was-enabled a.service", [("was-enabled", "a.service", "query")]),
        ("update-rc.d -f a remove", [("remove", "a.service", "action")]),
        ("update-rc.d a defaults", [("defaults", "a.service", "action")]),
        ("/etc/init.d/a stop", [("stop", "a.service", "action")]),
        ("rc-service a restart", [("restart", "a.service", "action")]),
        ("rc-service --exists a", [("exists", "a.service", "query")]),
        ("rc-update add a default", [("add", "a.service", "action")]),
        ("chkconfig --add a", [("add", "a.service", "action")]),
        ("chkconfig a on", [("on", "a.service", "action")]),
        ("initctl reload-configuration", [("reload-configuration", "-", "manager")]),
        ("initctl restart a", [("restart", "a.service", "action")]),
    ],
)
def test_units(line: str, expected: list[tuple[str, str, str]]) -> None:
    assert calls(line) == expected
