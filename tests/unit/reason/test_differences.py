"""Where two hosts differ, and which of it a package meets."""

from __future__ import annotations

import pytest

from pkgscan.facts.assumption import Assumption
from pkgscan.model import Span
from pkgscan.profile.model import Profile
from pkgscan.profile.reader import profile_of
from pkgscan.reason.differences import differences
from pkgscan.reason.touched import touches
from pkgscan.tomlfile import parse_toml


def host(text: str) -> Profile:
    return profile_of(parse_toml("p.toml", "profile = 1\n" + text))


def between(one: str, other: str) -> list[tuple[str, ...]]:
    return [(found.kind, found.subject, *found.said) for found in differences(host(one), host(other))]


def table(rows: int) -> str:
    return (
        f'[[databases]]\nname = "d"\nengine = "mysql"\nversion = "8"\n[[databases.tables]]\nname = "t"\nrows = {rows}\n'
    )


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ('[host]\nos = "debian"\nversion = "11"\n', '[host]\nos = "debian"\nversion = "12"\n',
         [("system", "operating system", "debian 11", "debian 12")]),
        ("", '[host]\ntime_zone = "UTC"\n', [("time zone", "time_zone", "not known", "UTC")]),
        ('[systemd]\nunits = ["a.service"]\n', '[systemd]\nunits = ["b.service"]\n', []),
        ('[systemd]\nunits = ["a.service"]\n', '[systemd]\ncomplete = true\nunits = ["b.service"]\n',
         [("unit", "a.service", "there", "not there")]),
        ('[systemd]\nunits = ["a.service"]\n', '[systemd]\nrenamed = { "a.service" = "b.service" }\n',
         [("unit", "a.service", "there", "called b.service")]),
        ('[sudo]\nmode = "nopasswd"\n', '[sudo]\nmode = "none"\n',
         [("right", "sudo", "without a password", "no sudo")]),
        ("[host]\nunattended = false\n", "[host]\nunattended = true\n",
         [("prompts", "unattended", "somebody answers them", "nobody answers them")]),
        (table(1000), table(1050), []),
        (table(1000), table(48_000), [("table", "t", "1,000 rows", "48,000 rows, 48 times as many")]),
        ('[endpoints]\nreachable = ["a:1"]\n', '[[endpoints.retired]]\nhost = "a:1"\n',
         [("host", "a:1", "can be reached", "is retired")]),
        ('[[mounts]]\npath = "/"\nfree = "10 GiB"\n', '[[mounts]]\npath = "/"\nfree = "1 GiB"\n',
         [("disk", "/", "10.0 GiB free", "1.0 GiB free")]),
        ('[installed]\na = "1"\n', '[installed]\na = "2"\n', [("installed", "a", "1", "2")]),
        (table(1), table(1), []),
    ],
)  # fmt: skip
def test_what_differs(one: str, other: str, expected: list[tuple[str, ...]]) -> None:
    assert between(one, other) == expected


def test_each_difference_has_both_places() -> None:
    (found,) = differences(host('[installed]\na = "1"\n'), host('[installed]\n\na = "2"\n'))
    assert [span.first_line for span in found.spans] == [3, 4]


def test_a_package_meets_what_it_relies_on() -> None:
    assumed = [
        Assumption(span=Span("a"), kind=kind, subject=subject)
        for kind, subject in (("unit", "a.service"), ("host", "db"), ("table", "invoices"), ("disk", "1 B below /opt"))
    ]
    one = host('[systemd]\ncomplete = true\nunits = ["a.service", "b.service"]\n'
               '[endpoints]\nreachable = ["db:1", "other:1"]\n[installed]\napp = "1"\nother = "1"\n'
               '[[mounts]]\npath = "/opt"\nfree = "1 GiB"\n[[mounts]]\npath = "/var"\nfree = "1 GiB"\n'
               '[sudo]\nmode = "none"\n')  # fmt: skip
    other = host('[systemd]\ncomplete = true\nunits = []\n[host]\nos = "debian"\ntime_zone = "UTC"\n')
    met = [
        (found.kind, found.subject)
        for found in differences(one, other)
        if touches(found, assumed, "app-1.0.zip", has_jobs=False)
    ]
    assert met == [
        ("system", "operating system"), ("unit", "a.service"), ("host", "db:1"), ("disk", "/opt"), ("installed", "app"),
    ]  # fmt: skip
