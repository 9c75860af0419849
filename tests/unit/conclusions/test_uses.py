"""What commands of scripts are said to do: values, wrappers, guards, nested code."""

import pytest

from concluded import concluded, script
from pkgscan.facts.sql import SqlCall
from pkgscan.facts.uses import (
    CronWrite,
    DownloadRun,
    FileWrite,
    NetworkUse,
    PrivilegeUse,
    Prompt,
    UnitUse,
    Use,
)
from pkgscan.values import shown


def hosts(text: str) -> list[tuple[int, str, str]]:
    uses = script(text).facts(NetworkUse)
    return [(use.span.first_line - 1, use.host or f"<{use.unresolved}>", use.certainty) for use in uses]


def units(text: str) -> list[tuple[int, str, str]]:
    return [(use.span.first_line - 1, use.unit, use.certainty) for use in script(text).facts(UnitUse)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HOST=a.example\ncurl https://$HOST/x", [(2, "a.example", "must")]),
        ("HOST=a.example\nHOST=b.example\ncurl https://$HOST/x", [(3, "b.example", "must")]),
        ("HOST=a.example\ncurl https://$HOST/x\nHOST=b.example", [(2, "a.example", "must")]),
        (
            "HOST=a.example\nif test -f x; then HOST=b.example; fi\ncurl https://$HOST/x",
            [(3, "b.example", "may"), (3, "a.example", "may")],
        ),
        ("HOST=${1:-a.example}\ncurl https://$HOST/x", [(2, "a.example", "must")]),
        ("curl https://$HOST/x", [(1, "<https://$HOST/x>", "must")]),
        ("A=a B=example\nHOST=$A.$B\ncurl https://$HOST/x", [(3, "a.example", "must")]),
        ("for h in a b; do curl https://$h.example; done", [(1, "a.example", "must"), (1, "b.example", "must")]),
        ("HOSTS='a b'\nfor h in $HOSTS; do\nping $h\ndone", [(3, "a", "must"), (3, "b", "must")]),
        (
            "get() {\ncurl https://$1/x\n}\nget a.example\nget b.example",
            [(2, "a.example", "must"), (2, "b.example", "must")],
        ),
        ("CURL=$(which curl)\n$CURL https://a.example", [(2, "a.example", "must")]),
        ("CURL=$(command -v curl)\n$CURL https://a.example", [(2, "a.example", "must")]),
        ('cmd=(curl -s https://a.example)\n"${cmd[@]}"', [(2, "a.example", "must")]),
        ('quietly() {\n"$@" >/dev/null\n}\nquietly wget https://a.example', [(4, "a.example", "must")]),
        (
            'retry() {\nshift\nuntil "$@"; do sleep 1; done\n}\nretry 3 wget https://a.example',
            [(5, "a.example", "must")],
        ),
        ("X=$Y\nY=$X\ncurl https://$X/", [(3, "<https://$Y/>", "must")]),
        ("curl() { echo no; }\ncurl https://a.example", []),
        ("read HOST\ncurl https://$HOST/", [(2, "<https://<set at run time>/>", "must")]),
        ("timeout 5 nice -n 5 curl https://a.example", [(1, "a.example", "must")]),
        ("echo curl https://a.example", []),
        ('x="$(curl -s https://a.example)"', [(1, "a.example", "must")]),
    ],
)
def test_hosts(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert hosts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("systemctl restart a", [(1, "a.service", "must")]),
        ("for u in a b; do systemctl restart $u; done", [(1, "a.service", "must"), (1, "b.service", "must")]),
        ("act=restart\nsystemctl $act a", [(2, "a.service", "must")]),
        ('systemctl restart "$UNIT"', [(1, "", "must")]),
    ],
)
def test_units(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert units(text) == expected


def test_a_variable_that_may_be_sudo() -> None:
    uses = script('SUDO=\nif [ "$(id -u)" -ne 0 ]; then SUDO="sudo -E"; fi\n$SUDO cp a /b\n').facts(PrivilegeUse)
    assert [(use.program, use.certainty, use.variable) for use in uses] == [("sudo", "may", "SUDO")]
    assert [place.span.first_line for place in uses[0].set_at] == [3]


def test_a_variable_that_is_always_privileged() -> None:
    uses = script("if x; then SUDO='sudo -n'; else SUDO='sudo -n -E'; fi\n$SUDO cp a /b\n").facts(PrivilegeUse)
    assert {(use.program, use.certainty) for use in uses} == {("sudo", "must")}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("ssh web1 systemctl restart a", "on web1"),
        ("docker compose exec -T app systemctl restart a", "in container app"),
        ("systemctl restart a", ""),
    ],
)
def test_where(text: str, where: str) -> None:
    assert [use.where for use in script(text).facts(UnitUse)] == [where]


def test_a_wrapped_command_is_told_where_its_word_stands() -> None:
    graph = script("env A=b \\\n  runuser -u app -- \\\n  systemctl \\\n restart a\n")
    privilege, unit = graph.facts(PrivilegeUse)[0], graph.facts(UnitUse)[0]
    assert (privilege.span.first_line, privilege.span.first_column, privilege.span.last_line) == (3, 3, 5)
    assert (unit.span.first_line, unit.span.first_column, unit.span.last_line) == (4, 3, 5)


def test_a_wrapped_command_in_a_script_of_another_grammar() -> None:
    uses = script("setsid \\\n  setpriv \\\n  --reuid app x\nfi\n").facts(PrivilegeUse)
    assert [(use.span.first_line, use.span.first_column) for use in uses] == [(3, 3)]


@pytest.mark.parametrize("text", ["$0 stop", '"$0" stop', "exec $0 start", "sudo $0 restart"])
def test_an_init_script_that_runs_itself_uses_no_unit(text: str) -> None:
    shown = concluded({"etc/init.d/a": f"#!/bin/sh\n{text}\n/etc/init.d/b stop\n"}).facts(UnitUse)
    assert [use.unit for use in shown] == ["b.service"]


def guards(text: str, kind: type[Use] = UnitUse) -> set[tuple[str, str]]:
    """The guards of the last use."""
    return {(guard.subject, guard.name) for guard in script(text).facts(kind)[-1].guards}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if command -v a >/dev/null; then systemctl start x; fi", {("tool", "a")}),
        ("command -v a >/dev/null && systemctl start x", {("tool", "a")}),
        ("command -v a >/dev/null || exit 0\nsystemctl start x", {("tool", "a")}),
        ("if ! command -v a; then exit 1; fi\nsystemctl start x", {("tool", "a")}),
        ("if ! command -v a; then echo no; fi\nsystemctl start x", set()),
        ("if command -v a; then :; else systemctl start x; fi", set()),
        ("if [ -x /usr/bin/a ]; then systemctl start x; fi", {("tool", "a"), ("file", "/usr/bin/a")}),
        (
            "if [ -d /run/systemd/system ]; then systemctl start x; fi",
            {("systemd", ""), ("file", "/run/systemd/system")},
        ),
        ("if [ -x /etc/init.d/x ]; then systemctl start x; fi",
         {("unit", "x.service"), ("tool", "x"), ("file", "/etc/init.d/x")}),
        ('if [ "$(id -u)" -eq 0 ]; then systemctl start x; fi', {("root", "")}),
        ('[ "$(id -u)" = 0 ] || exit 1\nsystemctl start x', {("root", "")}),
        ("if [ $EUID -ne 0 ]; then systemctl start x; fi", {("not root", "")}),
        ('if [ "$(whoami)" != root ]; then exit 1; fi\nsystemctl start x', {("root", "")}),
        ("if systemctl cat x.service >/dev/null; then systemctl start x; fi", {("unit", "x.service")}),
        ("systemctl is-active -q y && systemctl start x", {("unit", "y.service")}),
        ("if systemctl list-unit-files | grep -q '^x.service'; then systemctl start x; fi", {("unit", "x.service")}),
        ('if [ -n "$A" ] && [ -x /b ]; then systemctl start x; fi', {("set", "A"), ("tool", "b"), ("file", "/b")}),
        ('if [ -n "$A" ] || [ -x /b ]; then systemctl start x; fi', set()),
        ('if [ -n "$A" -a -x /b ]; then systemctl start x; fi', {("set", "A"), ("tool", "b"), ("file", "/b")}),
        ('if [ -z "$A" ]; then exit 1; fi\nsystemctl start x', {("set", "A")}),
        ("if [ ! -e /a ]; then systemctl start x; fi", {("absent", "/a")}),
        ("if [[ -t 0 ]]; then systemctl start x; fi", {("terminal", "")}),
        ("id app >/dev/null 2>&1 && systemctl start x", {("user", "app")}),
        ("die() { echo no; exit 1; }\ncommand -v a || die\nsystemctl start x", {("tool", "a")}),
        ("f() { command -v a || return; }\nsystemctl start x", set()),
        ('case "$1" in configure) systemctl start x;; esac', set()),
    ],
)  # fmt: skip
def test_guards(text: str, expected: set[tuple[str, str]]) -> None:
    assert guards(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("systemctl start x", "counts"),
        ("systemctl start x || true", "ignored"),
        ("systemctl start x || :", "ignored"),
        ("systemctl start x || exit 0", "ignored"),
        ("systemctl start x || exit 1", "counts"),
        ("set -e\nsystemctl start x", "aborts"),
        ("systemctl start x\nset -e", "counts"),
        ("set -e\nif systemctl start x; then :; fi", "counts"),
        ("set -e\nsystemctl start x || true", "ignored"),
        ("set -euo pipefail\nsystemctl start x", "aborts"),
    ],
)
def test_failure(text: str, expected: str) -> None:
    assert script(text).facts(UnitUse)[-1].failure == expected


def test_the_options_of_the_first_line_count() -> None:
    graph = concluded({"install.sh": "#!/bin/sh -e\nsystemctl start x\n"})
    assert graph.facts(UnitUse)[0].failure == "aborts"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo x | crontab -", [("", "", False)]),
        ("crontab -u app /opt/app/jobs", [("", "app", False)]),
        ("crontab -l", []),
        ("echo x > /etc/cron.d/app", [("/etc/cron.d/app", "", False)]),
        ("echo x >> /etc/crontab", [("/etc/crontab", "", True)]),
        ("D=/etc/cron.d\ncp app.cron $D/app", [("/etc/cron.d/app", "", False)]),
        ("sudo tee /etc/cron.d/app <<EOF\nx\nEOF", [("/etc/cron.d/app", "", False)]),
    ],
)
def test_cron(text: str, expected: list[tuple[str, str, bool]]) -> None:
    assert [(use.file, use.user, use.adds) for use in script(text).facts(CronWrite)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "curl https://a.example | sh",
        "wget -qO- https://a.example | sudo bash -s -- x",
        'eval "$(curl https://a.example)"',
    ],
)
def test_downloads_that_are_run(text: str) -> None:
    assert [run.host for run in script(text).facts(DownloadRun)] == ["a.example"]


@pytest.mark.parametrize("text", ["curl https://a.example | sh x.sh", "curl https://a.example | grep x", "x | sh"])
def test_downloads_that_are_not_run(text: str) -> None:
    assert not script(text).facts(DownloadRun)


def test_sql() -> None:
    calls = script(
        "export PGDATABASE=app PGOPTIONS='-c lock_timeout=5s'\n"
        "for f in a b; do psql -v ON_ERROR_STOP=1 -f $f.sql; done\n"
        "psql <<EOF\nSELECT 1;\nEOF\n"
        "mysql app < c.sql\n"
    ).facts(SqlCall)
    assert [[shown(file) for file in call.files] for call in calls] == [["a.sql"], ["b.sql"], [], ["c.sql"]]
    assert [call.stops_at_error for call in calls] == [True, True, False, True]
    assert {call.settings for call in calls[:3]} == {(("lock_timeout", "5s"),)}
    assert [place.first_line for place in calls[2].texts_at] == [5]


def test_prompts() -> None:
    text = "read -p 'Go on?' x\nwhile read y; do :; done < f\necho a | read z\n"
    assert [use.span.first_line for use in script(text).facts(Prompt)] == [2]


@pytest.mark.parametrize(
    ("calls", "asks"),
    [
        ("echo x | first", False),
        ("y=`echo x | first`\nz=$(first < names)", False),
        ("first", True),
        ("echo x | first\nfirst", True),
        (":", True),
    ],
)
def test_a_function_that_every_call_feeds_asks_nobody(calls: str, asks: bool) -> None:  # noqa: FBT001  # a parameter
    text = "#!/bin/sh\nfirst() {\n    read a rest\n    echo $a\n}\n" + calls + "\n"
    assert bool(script(text).facts(Prompt)) is asks


def test_files_and_their_modes() -> None:
    writes = script("chmod 777 /var/x\necho a > /etc/x\necho b >> /etc/y\necho c > /dev/null\n").facts(FileWrite)
    assert [(write.way, write.path) for write in writes] == [
        ("mode", "/var/x"),
        ("replaces", "/etc/x"),
        ("adds", "/etc/y"),
    ]


def test_values_come_from_sourced_files_and_go_to_them() -> None:
    graph = concluded(
        {
            "install.sh": '#!/bin/bash\nHERE="$(cd "$(dirname "$0")" && pwd)"\nPORT=8443\n. "$HERE/lib/env.sh"\n'
            "curl https://$HOST:$PORT/\nping_it\n",
            "lib/env.sh": "HOST=a.example\nping_it() {\n  nc -z $HOST $PORT\n}\n",
        }
    )
    uses = [(use.span.path, use.host, use.port) for use in graph.facts(NetworkUse)]
    assert uses == [("p.zip!/install.sh", "a.example", "8443"), ("p.zip!/lib/env.sh", "a.example", "8443")]


def test_the_way_from_a_job_to_a_command() -> None:
    graph = concluded(
        {
            "etc/cron.d/job": "0 3 * * * root /opt/app/bin/job\n",
            "opt/app/bin/job": "#!/bin/sh\nAPP=/opt/app\n. $APP/lib/a.sh\n$APP/bin/fetch\n",
            "opt/app/lib/a.sh": "X=1\n",
            "opt/app/bin/fetch": "#!/bin/sh\nsftp a.example\n",
        }
    )
    way = graph.starts("p.zip!/opt/app/bin/fetch")
    assert [[(place.span.path, place.span.first_line, place.message) for place in start.related] for start in way] == [
        [("p.zip!/opt/app/bin/job", 4, "runs fetch"), ("p.zip!/etc/cron.d/job", 1, "started by cron job at 03:00")]
    ]
    assert graph.starts("p.zip!/opt/app/lib/a.sh")[0].steps[0].message == "sources a.sh"


def test_units_and_jobs_start_what_stands_in_them() -> None:
    graph = concluded(
        {
            "etc/cron.d/job": "0 3 * * * root sftp a.example\n0 4 * * * root true\n",
            "lib/systemd/system/app.service": "[Service]\nExecStart=/opt/app/bin/run\n",
            "opt/app/bin/run": "#!/bin/sh\ncurl https://b.example\n",
        }
    )
    starts = {
        use.host: [start.trigger.title for start in graph.started_by(use.span)] for use in graph.facts(NetworkUse)
    }
    assert starts == {"a.example": ["cron job at 03:00"], "b.example": ["unit app.service"]}
