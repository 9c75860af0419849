"""What texts do that a command hands to a shell."""

import pytest

from concluded import script
from pkgscan.facts.uses import NetworkUse, PrivilegeUse, UnitUse


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


@pytest.mark.parametrize(
    ("function", "call"),
    [
        ('f() { eval "$@"; }', "f sudo systemctl stop a"),
        ('f() { eval "$1"; }', "f 'sudo systemctl stop a'"),
        ('f() { sh -c "$*"; }', "f sudo systemctl stop a"),
        ('f() { su -c "$1"; }', "f 'sudo systemctl stop a' more"),
        ('f() { host=$1; shift; ssh "$host" "$1"; }', "f web1 'sudo systemctl stop a'"),
        (
            'f() { local user=$1; local cmd="$2"; ssh "$user@$HOST" "${cmd}"; }',
            'f ops "cd /x && sudo systemctl stop a"',
        ),
    ],
)
def test_a_text_that_a_function_hands_to_a_shell_is_told_at_the_call(function: str, call: str) -> None:
    graph = script(f"{function}\nf 'systemctl status b' 'systemctl status b'\n{call}")
    assert [(use.span.first_line, use.unit) for use in graph.facts(UnitUse) if use.kind == "action"] == [
        (4, "a.service")
    ]
    assert [use.span.first_line for use in graph.facts(PrivilegeUse) if use.program == "sudo"] == [4]


def test_what_a_function_hands_to_another_host_runs_there() -> None:
    graph = script('on() { ssh "ops@web1" "$1"; }\non "systemctl stop a"\nssh $i "systemctl stop b"')
    assert [(use.unit, use.where) for use in graph.facts(UnitUse)] == [
        ("a.service", "on web1"),
        ("b.service", "on $i"),
    ]
    assert [(use.span.first_line, use.host) for use in graph.facts(NetworkUse)] == [(2, "web1"), (4, "")]


@pytest.mark.parametrize("given", ['"$@"', "$@", '"$*"', '"$1"'])
def test_what_a_function_hands_to_another_host_does_not_run_here(given: str) -> None:
    uses = script(f"on() {{ shift; ssh web1 {given}; }}\non x 'systemctl stop a'\nsystemctl stop b").facts(UnitUse)
    assert [(use.span.first_line, use.unit, use.where) for use in uses] == [
        (3, "a.service", "on web1"),
        (4, "b.service", ""),
    ]


@pytest.mark.parametrize(
    "function", ['f() { echo "$1"; }', 'f() { cmd=$1; cmd=true; eval "$cmd"; }', 'f() { eval "$cmd"; }']
)
def test_a_function_that_hands_on_something_else(function: str) -> None:
    assert script(f"{function}\nf 'sudo x'").facts(PrivilegeUse) == ()


def test_a_client_behind_su_whose_host_is_a_variable() -> None:
    uses = script('su - postgres -c "psql -h$dbserver -p $port app"').facts(NetworkUse)
    assert [(use.program, use.host, use.unresolved) for use in uses] == [("psql", "", "$dbserver")]


def test_a_program_that_was_looked_for() -> None:
    uses = script('PKEXEC=$(command -v "pkexec")\n$PKEXEC /x/y "$@"').facts(PrivilegeUse)
    assert [(use.program, use.user) for use in uses] == [("pkexec", "root")]


def test_many_long_texts_cost_little() -> None:
    calls = "\n".join(f"f 'sudo {'x' * 4000} {number}'" for number in range(1000))
    found = script(f'f() {{ eval "$1"; }}\n{calls}').facts(PrivilegeUse)
    assert 50 < len(found) < 100


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("${PREFIX[$i]} \\\n  su -s /bin/sh -c 'x' - ${USER[$i]}", 3),
        ("$(prefix) sudo -n x", 2),
        ("/opt/a/lib/as_a sudo rm x", 2),
    ],
)
def test_a_prefix_that_nothing_is_known_of(text: str, line: int) -> None:
    uses = script(text).facts(PrivilegeUse)
    assert [(use.span.first_line, use.certainty) for use in uses] == [(line, "may")]


@pytest.mark.parametrize(
    "text",
    [
        "$INSTALL sudo",
        "$INSTALL sudo curl",
        "/usr/bin/which sudo curl ssh",
        "/opt/a/need sudo ssh curl",
        "/opt/a/need sudo 1.9",
        "echo sudo -n x",
    ],
)
def test_names_of_commands_that_are_not_run(text: str) -> None:
    graph = script(text)
    assert (graph.facts(PrivilegeUse), graph.facts(NetworkUse)) == ((), ())


def test_a_program_of_the_package_that_is_given_ssh() -> None:
    uses = script("/usr/lib/a/as_a ssh $HOST $COMMAND $NODE").facts(NetworkUse)
    assert [(use.program, use.unresolved, use.certainty) for use in uses] == [("ssh", "$HOST", "may")]


@pytest.mark.parametrize(
    "text",
    [
        'x-terminal-emulator -e "sudo ${x}"',
        "xterm -T a -e sudo x",
        "gnome-terminal -- sudo x",
        "/usr/bin/xterm -e 'sudo x'",
    ],
)
def test_what_a_terminal_is_opened_for(text: str) -> None:
    assert [use.program for use in script(f"xterm\n{text}").facts(PrivilegeUse)] == ["sudo"]


def test_a_text_that_a_terminal_hands_to_su() -> None:
    assert [use.user for use in script("""xterm -e "su - -c '${command}'\"""").facts(PrivilegeUse)] == ["root"]
