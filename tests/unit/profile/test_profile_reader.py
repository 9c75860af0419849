"""A profile is read with the place of each item, or refused with the place of what is wrong in it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgscan.errors import UserError
from pkgscan.profile.model import Listing, Profile, Stated
from pkgscan.profile.reader import profile_of, read_profile
from pkgscan.tomlfile import parse_toml

STORY = Path(__file__).parents[3] / "fixtures/packages/profile/profile.toml"
PIN = "openpgp:" + "AF91" * 10


def read(text: str) -> Profile:
    return profile_of(parse_toml("p.toml", "profile = 1\n" + text))


def place(stated: Stated | None) -> tuple[int, int]:
    assert stated is not None
    return stated.span.first_line, stated.span.first_column


def test_the_storys_host() -> None:
    profile = read_profile(str(STORY))
    lines = STORY.read_text().split("\n")
    host, window, databases = profile.host, profile.window, profile.databases
    assert host.name is not None
    assert host.name.value == "billing-prod-1"
    assert host.memory is not None
    assert host.memory.value == 32 << 30
    assert [user.value for user in host.users.items] == ["root", "deploy", "postgres", "billing"]
    assert profile.systemd.units.complete
    assert profile.systemd.units.lacks("billing-worker.service")
    assert profile.systemd.renamed[0].value == ("billing-worker.service", "billing-jobs.service")
    assert window is not None
    assert window.buffer is not None
    assert (window.start.value, window.end.value, window.minutes, window.buffer.value) == (120, 210, 90, 1800)
    assert [day.value for day in window.days] == ["sat"]
    assert profile.endpoints.retired[0].retired_on == date(2026, 3, 1)
    assert databases[0].tables[1].rows is not None
    assert databases[0].tables[1].rows.value == 310_000_000
    assert profile.signatures.trust[0].roots[0].value == "trust/vendor-root-2016.pem"
    for stated, text in (
        (host.name, '"billing-prod-1"'),
        (host.users.items[2], '"postgres"'),
        (profile.endpoints.retired[0].host, '"sftp-old.vendor.example"'),
        (databases[0].tables[1].bytes, '"88 GiB"'),
        (profile.installed[0], '"7.3.2"'),
    ):
        line, column = place(stated)
        assert lines[line - 1][column - 1 :].startswith(text)


def test_every_table_may_be_missing() -> None:
    profile = read("")
    assert profile.host.os is None
    assert profile.window is None
    assert not profile.systemd.units.lacks("cron.service")


def test_only_a_complete_listing_lacks_a_name() -> None:
    known = Listing(read('[systemd]\nunits = ["a.service"]\n').systemd.units.items)
    assert not known.lacks("b.service")
    complete = Listing(known.items, complete=True)
    assert complete.lacks("b.service")
    assert not complete.lacks("a.service")


def test_a_window_over_midnight() -> None:
    window = read('[window]\nstart = "23:30"\nend = "01:00"\n').window
    assert window is not None
    assert window.minutes == 90


WRONG = [
    ("prfile = 2\n", "2:1", "unknown key 'prfile'; did you mean 'profile'?"),
    ("[hots]\n", "2:1", "unknown key 'hots'; did you mean 'host'?"),
    ("host = 3\n", "2:8", "host must be a table, not 3"),
    ('[host]\nnam = "x"\n', "3:1", "unknown key 'nam'; did you mean 'name'?"),
    ("[host]\nname = 3\n", "3:8", "name must be a text in quotes, not 3"),
    ('[host]\nname = ""\n', "3:8", "name must be a text on one line that is not empty, not ''"),
    ('[host]\nname = "a\\nb"\n', "3:8", "name must be a text on one line that is not empty, not 'a\\nb'"),
    ('[host]\nname = "a\\u001bb"\n', "3:8", "name must be a text on one line"),
    ("[host]\nversion = 12\n", "3:11", "version must be a text in quotes, not 12"),
    ('[host]\ntime_zone = "Europe/Berln"\n', "3:13", "unknown time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?"),
    ('[host]\ntime_zone = "../../etc/passwd"\n', "3:13", "unknown time zone '../../etc/passwd'"),
    ('[host]\ntime_zone = "/etc/localtime"\n', "3:13", "unknown time zone"),
    ('[host]\ntime_zone = "Europe"\n', "3:13", "unknown time zone 'Europe'"),
    ("[host]\nunattended = 1\n", "3:14", "unattended must be true or false, not 1"),
    ("[host]\ncpus = -1\n", "3:8", "cpus must not be negative"),
    ("[host]\ncpus = true\n", "3:8", "cpus must be a whole number, not True"),
    ("[host]\ncpus = 1.5\n", "3:8", "cpus must be a whole number, not 1.5"),
    ('[host]\nmemory = "32 GB of it"\n', "3:10", "memory must be a size such as \"6 GiB\", not '32 GB of it'"),
    ("[host]\nmemory = 32\n", "3:10", "memory must be a text in quotes, not 32"),
    ('[host]\nusers = "root"\n', "3:9", "users must be a list in brackets, not 'root'"),
    ('[host]\nusers = ["a",\n  7]\n', "4:3", "users must hold texts on one line, not 7"),
    ('[host]\nusers = ["a", ""]\n', "3:15", "users must hold texts on one line, not ''"),
    ("[host.users]\nx = 1\n", "2:1", "users must be a list in brackets"),
    ("[installed]\nx = 1\n", "3:5", "x must be a text in quotes, not 1"),
    ('[imports]\nunits = "x"\n', "3:1", "unknown key 'units'"),
    ("[imports]\ntimers = 1\n", "3:10", "timers must be a text in quotes, not 1"),
    ('[systemd]\ncomplete = "yes"\n', "3:12", "complete must be true or false, not 'yes'"),
    ("[systemd]\nrenamed = []\n", "3:11", "systemd.renamed must be a table, not []"),
    ('[systemd]\nrenamed = { "a.service" = 7 }\n', "3:27", "a.service must be a text in quotes, not 7"),
    ('[sudo]\nmode = "never"\n', "3:8", "unknown mode 'never'; known: none, nopasswd, password"),
    ('[sudo]\nmode = "pasword"\n', "3:8", "unknown mode 'pasword'; did you mean 'password'?"),
    ('[window]\nstart = "02:00"\n', "2:1", "a window has a start and an end"),
    ('[window]\nstart = "2:00"\nend = "03:00"\n', "3:9", "start must be a time such as \"02:30\", not '2:00'"),
    ('[window]\nstart = "24:00"\nend = "03:00"\n', "3:9", "start must be a time"),
    ("[window]\nstart = 02:00:00\nend = 03:00:00\n", "3:9", "start must be a text in quotes"),
    ('[window]\nstart = "02:00"\nend = "03:00"\ndays = ["sat", "Sunday"]\n', "5:16", "unknown days 'Sunday'"),
    (
        '[window]\nstart = "02:00"\nend = "03:00"\nbuffer = "1h"\n',
        "5:10",
        "the buffer leaves nothing of the window of 60",
    ),
    ('[window]\nstart = "02:00"\nend = "03:00"\nbuffer = "soon"\n', "5:10", "buffer must be a duration"),
    ('[window]\nstart = "02:00"\nend = "03:00"\nbuffer = ""\n', "5:10", "buffer must be a text"),
    ("[endpoints]\nretired = 1\n", "3:11", "retired must be a list in brackets, not 1"),
    ("[endpoints]\nretired = [1]\n", "3:12", "endpoints.retired.0 must be a table, not 1"),
    ("[[endpoints.retired]]\n", "2:1", "endpoints.retired.0 lacks the key 'host'"),
    ('[[endpoints.retired]]\nhost = "a"\nretired_on = "2026-03-01"\n', "4:14", "retired_on must be a date such as"),
    ('[[endpoints.retired]]\nhost = "a"\nretired_on = 2026-03-01T10:00:00\n', "4:14", "retired_on must be a date"),
    ('[[endpoints.retired]]\nhost = "a"\nretired = 2026-03-01\n', "4:1", "did you mean 'retired_on'?"),
    ('[[mounts]]\nfree = "1 GiB"\n', "2:1", "mounts.0 lacks the key 'path'"),
    ('[[mounts]]\npath = "var"\n', "3:8", "a mount point begins with /, not 'var'"),
    ('[mounts]\npath = "/var"\n', "2:1", "mounts must be a list in brackets"),
    ('[[databases]]\nname = "a"\n', "2:1", "databases.0 lacks the key 'engine'"),
    ('[[databases]]\nengine = "postgres"\nname = "a"\n', "3:10", "did you mean 'postgresql'?"),
    ('[[databases]]\nengine = "mysql"\n', "2:1", "databases.0 lacks the key 'name'"),
    (
        '[[databases]]\nengine = "mysql"\nname = "a"\n[[databases.tables]]\nrows = 1\n',
        "5:1",
        "databases.0.tables.0 lacks",
    ),
    (
        '[[databases]]\nengine = "mysql"\nname = "a"\n[[databases.tables]]\nname = "t"\nrows = "1"\n',
        "7:8",
        "rows must be",
    ),
    ("[signatures]\nrequire = true\n", "3:1", "unknown key 'require'"),
    ("[[signatures.trust]]\n", "2:1", "signatures.trust.0 lacks the key 'vendor'"),
    ('[[signatures.trust]]\nvendor = "a"\npins = ["abc"]\n', "4:8", "no pin: 'abc'"),
    ('[[signatures.retired]]\npin = "openpgp:12"\n', "3:7", "no pin: 'openpgp:12'"),
    (f'[[signatures.rotation]]\nfrom = "{PIN}"\n', "2:1", "signatures.rotation.0 lacks the key 'to'"),
    ('[signatures.previous]\nsigner = "x509-sha256:zz"\n', "3:10", "no pin"),
    ("[signatures.crls]\nfiles = 1\n", "3:9", "files must be a list in brackets, not 1"),
    ("[contacts]\nAcme = 1\n", "3:8", "contacts.Acme must be a table, not 1"),
    ('[contacts.Acme]\nmail = "x"\n', "3:1", "unknown key 'mail'"),
    ("[host\n", "2:6", "no valid TOML"),
    ("[host]\nname = \n", "3:8", "no valid TOML"),
    ('[host]\nname = "a"\nname = "b"\n', "4:11", "no valid TOML"),
    ("x = " + "[" * 5000, "", "nest too deep"),
    ("[host]\ncpus = " + "9" * 5000 + "\n", "", "a number of thousands of digits"),
    ("[host]\ncpus = 0x" + "f" * 5000 + "\n", "3:8", "cpus is larger than anything that can be counted"),
    ("[host]\nname = 0x" + "f" * 5000 + "\n", "3:8", "name must be a text in quotes, not a number of thousands"),
    ("[host]\ncpus = 9223372036854775808\n", "3:8", "cpus is larger than anything"),
]


@pytest.mark.parametrize(("text", "where", "what"), WRONG)
def test_what_is_wrong_is_said_with_its_place(text: str, where: str, what: str) -> None:
    with pytest.raises(UserError) as caught:
        read(text)
    said = str(caught.value)
    assert said.startswith(f"p.toml:{where}: " if where else "p.toml: ")
    assert what in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "p.toml:1:1: it does not say that it is a profile; begin it with: profile = 1"),
        ("profile = 2\n", "p.toml:1:11: a profile of version 2 is not read; this pkgscan reads 1"),
        ("profile = true\n", "p.toml:1:11: profile must be a whole number, not True"),
        ("profile = -1\n", "p.toml:1:11: profile must not be negative"),
    ],
)
def test_the_version_of_the_format(text: str, said: str) -> None:
    with pytest.raises(UserError, match=re.escape(said)):
        profile_of(parse_toml("p.toml", text))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read"):
        read_profile(str(tmp_path / "none.toml"))


def refusal(text: str) -> str:
    try:
        profile_of(parse_toml("p.toml", text))
    except UserError as error:
        return str(error)
    return ""


@given(
    st.integers(0, 1 << 16),
    st.integers(0, 40),
    st.sampled_from(["", '"', "[", "]]", "= 7", "\n[host]\n", "\0", "7", "'''"]),
)
def test_a_changed_profile_is_read_or_refused(at: int, count: int, put: str) -> None:
    text = STORY.read_text()
    at %= len(text)
    said = refusal(text[:at] + put + text[at + count :])
    assert not said or re.match(r"p\.toml:\d+:\d+: ", said), said
    assert "\n" not in said
