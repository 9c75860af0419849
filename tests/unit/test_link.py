from __future__ import annotations

from collections.abc import Sequence

import pytest

from pkgscan.facts.package import MaintainerScript
from pkgscan.facts.schedule import CronJob
from pkgscan.facts.shell import Command
from pkgscan.facts.systemd import UnitService, UnitTimer
from pkgscan.graph import Graph, InstallPath
from pkgscan.link import link
from pkgscan.model import Entry, Fact, Span
from pkgscan.readers.base import Source
from pkgscan.readers.shell_line import ShellLineReader

CRON = "p.zip!/etc/cron.d/app"


def entries(paths: Sequence[str], **formats: str) -> list[Entry]:
    """Entries with an entry for each archive around them; `formats` by file name with `_` for dots."""
    found: dict[str, Entry] = {}
    for path in paths:
        pieces = path.split("!/")
        for depth in range(1, len(pieces) + 1):
            place = "!/".join(pieces[:depth])
            kind = formats.get(pieces[depth - 1].rpartition("/")[2].replace(".", "_").replace("-", "_"), "")
            archive = "!/".join(pieces[: depth - 1])
            found[place] = Entry(path=place, archive=archive, format=kind, number=len(found))
    return list(found.values())


def commands(text: str, path: str = CRON, line: int = 1) -> tuple[Command, ...]:
    readings = ShellLineReader().read(Source(Entry(path=path), "shell-line", ("\n" * (line - 1) + text).encode()))
    return tuple(reading for reading in readings if isinstance(reading, Command))


def graph_of(found: Sequence[Entry], *facts: Fact) -> Graph:
    kinds: dict[type, tuple[Fact, ...]] = {}
    for fact in facts:
        kinds[type(fact)] = (*kinds.get(type(fact), ()), fact)
    return link(found, kinds)


def cron_graph(command: str, paths: Sequence[str], **settings: str) -> Graph:
    line = Span(CRON, 1, 1, 1, 200)
    job = CronJob(
        span=line,
        dialect="system",
        expression="0 3 * * *",
        user="root",
        command=command,
        environment=tuple(settings.items()),
    )
    return graph_of(entries([CRON, *paths]), job, *commands(command))


def paths_of(graph: Graph, path: str) -> list[tuple[str, str]]:
    return [(place.path, place.certainty) for place in graph.install_paths(path)]


def test_members_of_a_deb_are_installed_for_sure_and_its_control_members_nowhere() -> None:
    data, control = "a.deb!/data.tar.xz!/etc/cron.d/x", "a.deb!/control.tar.xz!/postinst"
    graph = graph_of(entries([data, control], a_deb="deb", data_tar_xz="tar", control_tar_xz="tar"))
    assert graph.install_paths(data) == (InstallPath("/etc/cron.d/x", "must", "member of data.tar.xz"),)
    assert graph.install_paths(control) == ()
    assert graph.install_paths("a.deb!/data.tar.xz") == ()


def test_a_deb_within_a_zip_and_a_tar_within_an_xz() -> None:
    path = "p.zip!/debs/a.deb!/data.tar.xz!/data.tar!/opt/a/x"
    graph = graph_of(entries([path], a_deb="deb", data_tar_xz="xz", data_tar="tar", p_zip="zip"))
    assert paths_of(graph, path) == [("/opt/a/x", "must")]


def test_members_of_an_rpm_are_installed_for_sure() -> None:
    graph = graph_of(entries(["a.rpm!/usr/bin/x"], a_rpm="rpm"))
    assert paths_of(graph, "a.rpm!/usr/bin/x") == [("/usr/bin/x", "must")]


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("etc/cron.d/x", ["/etc/cron.d/x"]),
        ("release-1.2/rootfs/opt/app/bin/x", ["/opt/app/bin/x"]),
        ("usr/lib/app/etc/x", ["/usr/lib/app/etc/x"]),
        ("lib/systemd/system/a.service", ["/lib/systemd/system/a.service"]),
        ("lib/templates/etc/cron.d/x", ["/etc/cron.d/x", "/lib/templates/etc/cron.d/x"]),
        ("node_modules/m/lib/x.js", []),
        ("app/bin/run.sh", []),
        ("README", []),
        ("opt", []),
    ],
)
def test_a_known_top_directory_suggests_where_an_entry_may_lie(member: str, expected: list[str]) -> None:
    path = f"p.zip!/{member}"
    assert paths_of(graph_of(entries([path])), path) == [(place, "may") for place in expected]


def test_a_weak_name_beside_a_strong_one_is_a_top_directory() -> None:
    graph = graph_of(entries(["p.zip!/home/etc/x", "p.zip!/fs/etc/x", "p.zip!/fs/sbin/y"]))
    assert paths_of(graph, "p.zip!/fs/sbin/y") == [("/sbin/y", "may")]


@pytest.mark.parametrize(
    ("command", "source", "expected"),
    [
        ("cp bin/run.sh /opt/app/", "p.zip!/install/bin/run.sh", "/opt/app/run.sh"),
        ("cp bin/run.sh /opt/app/start.sh", "p.zip!/install/bin/run.sh", "/opt/app/start.sh"),
        ("install -m 755 -o root bin/run.sh /usr/local/bin", "p.zip!/install/bin/run.sh", "/usr/local/bin/run.sh"),
        ("cp -r bin /opt/app/", "p.zip!/install/bin/run.sh", "/opt/app/bin/run.sh"),
        ("cp -a bin/. /opt/app", "p.zip!/install/bin/run.sh", "/opt/app/run.sh"),
        ("cp bin/* /opt/app", "p.zip!/install/bin/run.sh", "/opt/app/run.sh"),
        ("sudo cp -t /opt/app bin/run.sh", "p.zip!/install/bin/run.sh", "/opt/app/run.sh"),
        ("rsync -a bin/ /srv/x/", "p.zip!/install/bin/run.sh", "/srv/x/run.sh"),
        ("mv ../app/lib.sh /opt/app/lib.sh", "p.zip!/app/lib.sh", "/opt/app/lib.sh"),
        ("tar -xzf ../app.tgz -C /opt", "p.zip!/app.tgz!/app/x", "/opt/app/x"),
        ("tar xf ../app.tgz --directory=/", "p.zip!/app.tgz!/app/x", "/app/x"),
        ("unzip -o ../app.tgz -d /opt/z", "p.zip!/app.tgz!/app/x", "/opt/z/app/x"),
    ],
)
def test_copy_and_unpack_commands_say_for_sure(command: str, source: str, expected: str) -> None:
    script = "p.zip!/install/install.sh"
    found = entries([script, "p.zip!/install/bin/run.sh", "p.zip!/app/lib.sh", "p.zip!/app.tgz!/app/x"])
    graph = graph_of(found, *commands(command, script))
    assert (expected, "must") in paths_of(graph, source)
    assert graph.resolve(expected, script) == source


def test_other_commands_place_nothing() -> None:
    script = "p.zip!/install.sh"
    for command in (
        "cp run.sh $HOME/x",
        "tar -czf run.sh -C /opt x",
        "install -d /opt/run.sh",
        "cp run.sh",
        "echo run.sh /opt",
    ):
        assert paths_of(graph_of(entries([script, "p.zip!/run.sh"]), *commands(command, script)), "p.zip!/run.sh") == []


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("/opt/app/bin/run", "p.zip!/x/opt/app/bin/run"),
        ("/opt//app/./lib/../bin/run", "p.zip!/x/opt/app/bin/run"),
        ("/opt/app/bin/other", None),
        ("/bin/tool", "p.zip!/x/usr/bin/tool"),
        ("tool", "p.zip!/x/usr/bin/tool"),
        ("/home/me/loose/scripts/go.sh", "p.zip!/loose/scripts/go.sh"),
        ("/usr/local/bin/go.sh", None),
        ("/elsewhere/go.sh", None),
        ("/usr/bin/python3", None),
        ("/opt/other/app/bin/run", None),
        ("", None),
        ("/opt/\0", None),
    ],
)
def test_resolution(reference: str, expected: str | None) -> None:
    paths = [
        "p.zip!/x/opt/app/bin/run",
        "p.zip!/x/usr/bin/tool",
        "p.zip!/loose/scripts/go.sh",
        "p.zip!/env/bin/python3",
    ]
    assert graph_of(entries(paths)).resolve(reference, "p.zip!/x/etc/cron.d/app") == expected


def test_of_variants_the_nearest_is_meant_and_of_equals_none() -> None:
    paths = ["p.zip!/deb/opt/a/run", "p.zip!/rpm/opt/a/run"]
    graph = graph_of(entries(paths))
    assert graph.resolve("/opt/a/run", "p.zip!/rpm/etc/cron.d/a") == "p.zip!/rpm/opt/a/run"
    assert graph.resolve("/opt/a/run", "p.zip!/etc/cron.d/a") is None
    assert graph.candidates("/opt/a/run", "p.zip!/etc/cron.d/a") == tuple(paths)


def test_links_of_directories_are_followed_and_circles_end() -> None:
    found = [
        *entries(["p.zip!/opt/a/releases/7/bin/run"]),
        Entry(path="p.zip!/opt/a/current", archive="p.zip", type="symlink", link_target="releases/7", number=90),
        Entry(path="p.zip!/opt/a/loop", archive="p.zip", type="symlink", link_target="/opt/a/loop/x", number=91),
    ]
    graph = graph_of(found)
    assert graph.resolve("/opt/a/current/bin/run", "p.zip") == "p.zip!/opt/a/releases/7/bin/run"
    assert graph.resolve("/opt/a/loop/bin/nothing", "p.zip") is None


def test_a_relative_path_is_beside_its_origin() -> None:
    graph = graph_of(entries(["p.zip!/a/run.sh", "p.zip!/b/run.sh"]))
    assert graph.resolve("./run.sh", "p.zip!/b/install.sh") is None  # the origin itself must be an entry
    assert (
        graph_of(entries(["p.zip!/b/run.sh", "p.zip!/b/i.sh"])).resolve("./run.sh", "p.zip!/b/i.sh")
        == "p.zip!/b/run.sh"
    )


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/opt/app/lib/missing", True),
        ("/opt/app/missing", True),
        ("/opt/other/x", False),
        ("/etc/cron.d/x", False),
        ("/usr/bin/x", False),
        ("/etc/app/x", True),
        ("/usr/lib/x86_64-linux-gnu/x", False),
        ("/lib/systemd/system/x", False),
        ("/usr/share/doc/app/x", True),
        ("/x", False),
    ],
)
def test_own_tree(path: str, *, own: bool) -> None:
    members = (
        "opt/app/bin/run", "etc/cron.d/app", "usr/bin/app", "etc/app/app.conf", "usr/lib/x86_64-linux-gnu/libapp.so",
        "lib/systemd/system/app.service", "usr/share/doc/app/copyright",
    )  # fmt: skip
    assert graph_of(entries([f"p.zip!/{member}" for member in members])).in_own_tree(path) == own


@pytest.mark.parametrize(
    "command",
    [
        "/opt/app/bin/run --now",
        "nice -n 10 ionice -c3 /opt/app/bin/run",
        "flock -n /run/l timeout -k 5 1h bash -eu /opt/app/bin/run x",
        "env A=b /usr/bin/python3.11 -u -W ignore /opt/app/bin/run",
        "test -x /opt/app/bin/other && /opt/app/bin/run",
        "cd /opt/app && ./bin/run",
        "cd /opt/app/bin; sh run",
        "sudo -u app -- /opt/app/bin/run",
        "perl -I/x /opt/app/bin/run",
        "run-parts --report /opt/app/bin",
        "X=1 exec /opt/app/bin/run | logger",
        "echo $(/opt/app/bin/run)",
        "$DIR/bin/run",
    ],
)
def test_a_cron_job_starts_the_entry_that_its_command_means(command: str) -> None:
    script = "p.zip!/opt/app/bin/run"
    graph = cron_graph(command, [script], DIR="/opt/app")
    (trigger,) = graph.triggers(script)
    assert (trigger.kind, trigger.title, trigger.span.first_line) == ("cron job", "cron job at 03:00", 1)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/opt/app/bin:/usr/bin", ("p.zip!/opt/app/bin/run",)),
        ("/usr/bin:/opt/app/bin/", ("p.zip!/usr/bin/run",)),
        ("/opt/lib:/opt/app/bin", ("p.zip!/opt/app/bin/run",)),
        ("/opt/other", ()),
        ("$HOME/bin:bin::", ()),
        ("", ()),
    ],
)
def test_a_bare_command_is_looked_for_on_the_path_of_its_crontab(path: str, expected: tuple[str, ...]) -> None:
    files = ["p.zip!/opt/app/bin/run", "p.zip!/usr/bin/run", "p.zip!/opt/lib/run/x"]
    graph = cron_graph("command -v run >/dev/null && run 1 1", files, PATH=path)
    assert graph.all_triggers()[0].starts == expected


def test_a_bare_command_is_looked_for_on_the_usual_path_where_none_is_set() -> None:
    graph = cron_graph("run", ["p.zip!/opt/app/bin/run", "p.zip!/usr/bin/run"])
    assert graph.all_triggers()[0].starts == ("p.zip!/usr/bin/run",)
    assert cron_graph("run", ["p.zip!/opt/app/bin/run"]).all_triggers()[0].starts == ()


def test_asking_for_a_command_does_not_start_it() -> None:
    assert cron_graph("command -v run", ["p.zip!/usr/bin/run"]).all_triggers()[0].starts == ()


@pytest.mark.parametrize("command", [". /opt/app/bin/run", "source /opt/app/bin/run", "cd /opt/app && . ./bin/run"])
def test_a_cron_job_reads_the_entry_that_it_sources(command: str) -> None:
    script = "p.zip!/opt/app/bin/run"
    (trigger,) = cron_graph(command, [script]).all_triggers()
    assert (trigger.starts, trigger.reads) == ((), (script,))


@pytest.mark.parametrize(
    "command",
    [
        "test -x /opt/app/bin/run",
        "echo /opt/app/bin/run",
        "python3 -m http.server /opt/app/bin/run",
        "perl -e 'x' /opt/app/bin/run",
        "$UNKNOWN/bin/run",
        "(cd /opt/app); sh bin/other",
    ],
)
def test_a_command_that_only_names_an_entry_does_not_start_it(command: str) -> None:
    assert cron_graph(command, ["p.zip!/opt/app/bin/run"]).triggers("p.zip!/opt/app/bin/run") == ()


def test_a_timer_starts_what_its_service_runs() -> None:
    unit, script = "p.zip!/etc/systemd/system/a@.service", "p.zip!/opt/a/run"
    timer = UnitTimer(
        span=Span("p.zip!/etc/systemd/system/a.timer", 2, 2),
        unit="a.timer",
        starts="a@x.service",
        calendars=(("daily", Span("p.zip!/etc/systemd/system/a.timer", 2, 2)),),
    )
    stop, start = Span(unit, 3, 3, 1, 99), Span(unit, 4, 4, 1, 99)
    service = UnitService(
        span=start, unit="a@.service", commands=(("ExecStop", "/opt/a/stop", stop), ("ExecStart", "/opt/a/run", start))
    )
    found = (*commands("/opt/a/stop", unit, 3), *commands("/opt/a/run", unit, 4))
    graph = graph_of(entries([unit, script, "p.zip!/opt/a/stop"]), timer, service, *found)
    (trigger,) = graph.all_triggers()
    assert (trigger.title, trigger.starts, trigger.commands_at) == ("timer a.timer at 00:00", (script,), (start,))


def test_run_parts_and_maintainer_scripts_start_by_themselves() -> None:
    daily, postinst = "p.zip!/x/etc/cron.daily/app", "p.zip!/a.deb!/control.tar.gz!/postinst"
    script = MaintainerScript(span=Span(postinst), tool="dpkg", phase="postinst")
    graph = graph_of(entries([daily, postinst, "p.zip!/doc/cron.daily/app"]), script)
    assert [(trigger.kind, trigger.title, trigger.starts) for trigger in graph.all_triggers()] == [
        ("maintainer script", "dpkg postinst", (postinst,)),
        ("run-parts", "run-parts of /etc/cron.daily", (daily,)),
    ]


def test_facts_of_a_span_and_of_conclusions_come_sorted() -> None:
    found = (*commands("c", line=3), *commands("a; b", line=1))
    graph = graph_of(entries([CRON]), *found)
    assert [fact.text for fact in graph.facts(Command)] == ["a", "b", "c"]
    assert [fact.text for fact in graph.facts_in(Command, Span(CRON, 1, 2))] == ["a", "b"]
    assert list(graph.facts_in(Command, Span("p.zip!/other", 1, 9))) == []
    more = graph.with_facts({Command: (*commands("e", line=4), *commands("d", line=2))})
    assert [fact.text for fact in more.facts(Command)] == ["a", "b", "d", "c", "e"]


def test_of_two_members_of_one_name_the_last_is_the_entry() -> None:
    graph = link(
        [Entry(path="p!/a", archive="p", number=2, size=2), Entry(path="p!/a", archive="p", number=1, size=1)], {}
    )
    found = graph.entry("p!/a")
    assert found is not None
    assert found.size == 2
