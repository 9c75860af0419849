"""What rules ask of a host: each answer tells certain absence from ignorance, and points to the line it stands on."""

from __future__ import annotations

import fnmatch

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgscan.model import Span
from pkgscan.profile.answer import Answer
from pkgscan.profile.globs import matches, matches_path
from pkgscan.profile.model import Profile, Sudo, SudoGrant
from pkgscan.profile.reader import profile_of
from pkgscan.profile.target import Target
from pkgscan.tomlfile import parse_toml

UNITS = 'units = ["billing-api.service", "getty@.service", "nginx.service"]\n'


def target(text: str) -> Target:
    return Target(profile_of(parse_toml("p.toml", "profile = 1\n" + text)))


def line(answer: Answer[object]) -> int:
    assert answer.span is not None
    assert answer.related[0].message
    return answer.span.first_line


def test_without_a_profile_nothing_is_known() -> None:
    empty = Target(Profile(path=""))
    for answer in (
        empty.unit("cron"), empty.user("root"), empty.command("psql"), empty.reachable("db", 1),
        empty.sudo(["id"]), empty.database("a"), empty.table("t"),
    ):  # fmt: skip
        assert (answer.holds, answer.span, answer.is_open, answer.related) == (None, None, False, ())
    assert empty.retired_host("db") is None
    assert empty.mount("/var") is None
    assert empty.installed("x") is None


@pytest.mark.parametrize("name", ["nginx", "nginx.service", "getty@tty1.service", "getty@tty1"])
def test_units_that_are_there(name: str) -> None:
    for world in ("", "complete = true\n"):
        answer = target(f"[systemd]\n{UNITS}{world}").unit(name)
        assert answer.holds is True
        assert line(answer) == 3


def test_a_unit_that_is_not_listed() -> None:
    known = target(f"[systemd]\n{UNITS}").unit("billing-apl.service")
    assert (known.holds, known.is_open, known.near) == (None, True, "billing-api.service")
    assert known.phrase == "is not among the 3 units this profile knows"
    all_listed = target(f"[systemd]\ncomplete = true\n{UNITS}").unit("billing-apl.service")
    assert (all_listed.holds, all_listed.phrase, line(all_listed)) == (False, "is no unit of the host", 4)
    assert all_listed.hint == "; the nearest name is billing-api.service"


def test_a_list_is_complete_only_if_it_is_there() -> None:
    answer = target('[host]\ncomplete = true\nusers = ["root"]\n')
    assert answer.user("app").holds is False
    assert answer.command("psql").holds is None


def test_a_renamed_unit() -> None:
    answer = target(f'[systemd]\n{UNITS}renamed = {{ "old.service" = "new.service" }}\n').unit("old")
    assert (answer.holds, answer.value, answer.phrase) == (False, "new.service", "is called new.service on the host")
    assert line(answer) == 4


def test_commands_by_path_and_name() -> None:
    host = target('[host]\ncommands = ["/usr/bin/psql", "/opt/app/bin/ctl"]\n')
    for name in ("psql", "/usr/bin/psql", "/bin/psql", "ctl"):
        assert host.command(name).holds is True
    assert host.command("/sbin/psql").is_open


def test_hosts() -> None:
    text = """[endpoints]
reachable = ["db.internal:5432", "*.vendor.example:443", "any.example", "[2001:db8::1]:443"]
complete = true
[[endpoints.retired]]
host = "sftp-old.vendor.example"
retired_on = 2026-03-01
"""
    host = target(text)
    for name, port in (
        ("db.internal", 5432), ("DB.internal.", None), ("a.vendor.example", 443), ("any.example", 22),
        ("2001:db8::1", 443), ("localhost", 80), ("127.0.0.1", None),
    ):  # fmt: skip
        assert host.reachable(name, port).holds is True, name
    for name, port in (("db.internal", 5433), ("vendor.example", 443), ("notvendor.example", 443)):
        answer = host.reachable(name, port)
        assert (answer.holds, answer.phrase) == (False, "cannot be reached from the host")
    retired = host.reachable("sftp-old.vendor.example", 22)
    assert (retired.holds, retired.phrase, line(retired)) == (False, "is retired since 2026-03-01", 5)
    assert host.retired_host("SFTP-old.vendor.example") is not None


def test_tables() -> None:
    text = """[[databases]]
name = "billing"
engine = "postgresql"
complete = true
[[databases.tables]]
name = "public.invoices"
rows = 5
[[databases.tables]]
name = "audit.log"
[[databases.tables]]
name = "public.log"
[[databases]]
name = "shop"
engine = "mariadb"
[[databases.tables]]
name = "orders"
"""
    host = target(text)
    answer = host.table("INVOICES")
    assert answer.value is not None
    assert answer.value.rows is not None
    assert (answer.holds, answer.value.rows.value, line(answer)) == (True, 5, 7)
    assert host.table("orders", "Shop").holds is True
    assert host.table("public.log", "billing").holds is True
    assert host.table("log", "billing").value is None
    assert host.table("gone", "billing").holds is False
    assert host.table("gone").is_open
    assert host.table("gone", "shop").is_open
    assert host.database("shop").value is not None
    assert host.database("other").is_open


def test_file_systems() -> None:
    host = target('[[mounts]]\npath = "/"\n[[mounts]]\npath = "/var"\nfree = "1 GiB"\n')
    for path, mount in (("/var/log/x", "/var"), ("/var", "/var"), ("/variable", "/"), ("/", "/")):
        found = host.mount(path)
        assert found is not None
        assert found.path.value == mount


def test_what_the_profile_says_of_sudo_itself() -> None:
    right = "/usr/bin/systemctl restart billing-*"
    none = target(f'[host]\nuser = "deploy"\n[sudo]\nmode = "none"\nnopasswd = ["{right}"]\n')
    assert none.sudo(["id"]).holds is False
    allowed = none.sudo(["systemctl", "restart", "billing-api"])
    assert (allowed.holds, line(allowed)) == (True, 6)
    assert allowed.value is not None
    assert not allowed.value.asks
    assert none.sudo(["id"], user="app").holds is None
    asks = target('[sudo]\nmode = "password"\n').sudo(["id"])
    assert asks.value is not None
    assert asks.value.asks
    assert target('[sudo]\nnopasswd = ["/bin/true"]\n').sudo(["id"]).is_open
    assert target('[sudo]\nnopasswd = ["/bin/true"]\ncomplete = true\n').sudo(["id"]).holds is False


def grants(*found: SudoGrant, complete: bool = True) -> Target:
    return Target(Profile(path="p", sudo=Sudo(grants=found, complete=complete, span=Span("p", 1))))


def grant(user: str, command: str, *runas: str, negated: bool = False, hosts: tuple[str, ...] = ()) -> SudoGrant:
    return SudoGrant(user, command, runas, True, negated, Span("p", 2), hosts)


def test_the_last_grant_that_fits_decides() -> None:
    host = grants(grant("ALL", "ALL"), grant("deploy", "/usr/bin/psql", negated=True), grant("app", "/usr/bin/psql"))
    assert host.sudo(["psql"], user="deploy").holds is False
    assert host.sudo(["psql"], user="app").holds is True
    assert host.sudo(["id"], user="deploy").holds is True
    assert host.sudo(["id"], user="deploy", runas="app").holds is False
    assert grants(grant("root", "ALL", "ALL")).sudo(["id"], user="root", runas="app").value is not None


def test_what_cannot_be_known_of_a_right() -> None:
    assert grants(grant("%adm", "ALL")).sudo(["id"], user="deploy").holds is None
    assert grants(grant("%adm", "/bin/true")).sudo(["id"], user="deploy").holds is False
    assert grants(grant("deploy", "^/bin/t.*$")).sudo(["true"], user="deploy").holds is None
    assert grants(grant("deploy", "ALL", hosts=("web1",))).sudo(["id"], user="deploy").holds is None
    assert grants(grant("deploy", "ALL"), grant("%adm", "ALL", negated=True)).sudo(["id"], user="deploy").holds is None
    assert grants(grant("deploy", "ALL"), loose(grant("%adm", "ALL"))).sudo(["id"], user="deploy").holds is None
    assert grants().sudo(["id"], user="deploy").holds is False
    assert grants(grant("app", "ALL"), complete=False).sudo(["id"], user="deploy").is_open


def loose(one: SudoGrant) -> SudoGrant:
    return msgspec.structs.replace(one, asks=False)


def test_what_may_fit_and_says_the_same_leaves_no_doubt() -> None:
    """As in the sudoers of Debian, where the line of a group follows that of root."""
    host = grants(grant("root", "ALL", "ALL"), loose(grant("%sudo", "ALL", "ALL")))
    assert host.sudo(["id"], user="root").holds is True
    assert grants(grant("deploy", "ALL"), grant("%adm", "ALL")).sudo(["id"], user="deploy").holds is True
    forbidden = (grant("deploy", "ALL", negated=True), loose(grant("%adm", "ALL", negated=True)))
    assert grants(*forbidden).sudo(["id"], user="deploy").holds is False


@pytest.mark.parametrize(
    ("pattern", "command", "fits"),
    [
        ("/usr/bin/systemctl restart billing-*", "systemctl restart billing-api", True),
        ("/usr/bin/systemctl restart billing-*", "/bin/systemctl restart billing-api x", True),
        ("/usr/bin/systemctl restart billing-*", "systemctl stop billing-api", False),
        ("/usr/bin/systemctl", "systemctl stop x", True),
        ('/usr/bin/systemctl ""', "systemctl stop x", False),
        ('/usr/bin/systemctl ""', "systemctl", True),
        ("/usr/bin/*", "/usr/bin/x", True),
        ("/usr/bin/*", "/usr/bin/x/y", False),
        ("/usr/local/bin/", "/usr/local/bin/x", True),
        ("/usr/local/bin/", "/usr/local/bin/x/y", False),
        ("/bin/cat /var/log/*", "cat /var/log/../../etc/shadow", True),
        (r"/bin/x a\,b\=c", "x a,b=c", True),
        ("/bin/kill -[0-9]", "kill -9", True),
        ("/bin/kill -[!0-9]", "kill -9", False),
        ("sudoedit /etc/motd", "sudoedit /etc/motd", True),
    ],
)
def test_commands_as_sudoers_writes_them(pattern: str, command: str, *, fits: bool) -> None:
    assert grants(grant("deploy", pattern)).sudo(command.split(), user="deploy").holds is fits


@given(st.text("ab/*?-x", max_size=12), st.text("ab/-x", max_size=12))
def test_patterns_fit_as_pythons_do(pattern: str, text: str) -> None:
    assert matches(pattern, text) == fnmatch.fnmatchcase(text, pattern)


@given(st.text("ab[]!^-*\\:d", max_size=14), st.text("ab]-:^", max_size=6))
def test_no_pattern_raises(pattern: str, text: str) -> None:
    assert matches_path(pattern, text) in {True, False}


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    assert not matches("*a" * 1500 + "b", "a" * 4000)
