"""Which files cron would not heed, by the format that installs them."""

from datetime import UTC, datetime

import pytest

from pkgscan.circumstances import Circumstances
from pkgscan.conclusions.cron_files import conclude
from pkgscan.facts.schedule import CronFileUnterminated, CronLineRejected
from pkgscan.link import link
from pkgscan.model import Entry, Span

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def package(form, member, **described):
    """A package of one file: a deb's data.tar, an rpm's payload, or a bare zip."""
    outer = f"p.{form}"
    entries = [Entry(number=0, path=outer, format=form)]
    inner = {"deb": ("data.tar", "tar"), "rpm": ("payload.cpio", "cpio")}.get(form)
    holder = outer
    if inner:
        holder = f"{outer}!/{inner[0]}"
        entries.append(Entry(number=1, path=holder, archive=outer, format=inner[1]))
    path = f"{holder}!/{member}"
    entries.append(Entry(number=2, path=path, archive=holder, **{"mode": 0o644, **described}))
    return path, entries


def ignored(entries, *facts):
    by_type = {}
    for fact in facts:
        by_type[type(fact)] = (*by_type.get(type(fact), ()), fact)
    return [(fact.cause, fact.sure) for fact in conclude(link(entries, by_type), Circumstances(NOW))]


@pytest.mark.parametrize(("form", "expected"), [("deb", [("name", True)]), ("rpm", []), ("zip", [("name", False)])])
def test_a_dot_in_a_name(form, expected):
    assert ignored(package(form, "etc/cron.d/x.cron")[1]) == expected


@pytest.mark.parametrize(
    ("form", "expected"), [("deb", [("mode", True)]), ("rpm", [("mode", True)]), ("zip", [("mode", False)])]
)
def test_a_mode_that_lets_others_write(form, expected):
    assert ignored(package(form, "etc/cron.d/x", mode=0o664)[1]) == expected


def test_an_unknown_mode_is_no_matter():
    assert ignored(package("zip", "etc/cron.d/x", mode=0, has_mode=False)[1]) == []
    assert ignored(package("zip", "etc/cron.daily/x", mode=0, has_mode=False)[1]) == []


@pytest.mark.parametrize(("form", "expected"), [("deb", [("owner", True)]), ("rpm", []), ("tar", [])])
def test_an_owner_counts_where_the_format_keeps_it(form, expected):
    assert ignored(package(form, "etc/cron.d/x", uid=1000, user="build")[1]) == expected


@pytest.mark.parametrize(("mode", "expected"), [(0o644, ["not executable"]), (0o755, []), (0o700, [])])
@pytest.mark.parametrize("period", ["hourly", "daily", "weekly", "monthly"])
def test_run_parts_wants_an_executable(period, mode, expected):
    found = ignored(package("deb", f"etc/cron.{period}/x", mode=mode)[1])
    assert [cause for cause, _ in found] == expected


@pytest.mark.parametrize(
    "name", [".placeholder", "x.dpkg-old", "x.dpkg-dist", "x.rpmsave", "x~", "x.bak", "x.example", "x-disabled"]
)
def test_what_is_set_aside_is_no_matter(name):
    path, entries = package("deb", f"etc/cron.d/{name}", kind="crontab-system", mode=0o666)
    assert ignored(entries, refused(path)) == []


@pytest.mark.parametrize(
    "member", ["opt/x/cron.d/y.z", "etc/cron.d/x/y.z", "etc/cron.yearly/y.z", "usr/share/doc/x/etc/cron.d/y.z"]
)
def test_other_places_are_no_matter(member):
    assert ignored(package("deb", member)[1]) == []


def refused(path, accepted_by="", line=3):
    return CronLineRejected(span=Span(path, line, line), dialect="system", why="bad minute", accepted_by=accepted_by)


def test_the_first_line_that_no_cron_takes_stands_for_its_file():
    path, entries = package("deb", "etc/cron.d/x", kind="crontab-system")
    facts = (refused(path, "cronie", 1), refused(path, line=3), refused(path, line=5))
    by_type = {CronLineRejected: facts}
    (fact,) = conclude(link(entries, by_type), Circumstances(NOW))
    assert (fact.span.first_line, [span.first_line for span in fact.others]) == (3, [1, 5])


@pytest.mark.parametrize(("form", "expected"), [("deb", [("refused line", True)]), ("rpm", [])])
def test_what_cronie_takes_is_right_in_an_rpm(form, expected):
    path, entries = package(form, "etc/cron.d/x", kind="crontab-system")
    assert ignored(entries, refused(path, "cronie")) == expected


@pytest.mark.parametrize(("form", "expected"), [("deb", [("unterminated", True)]), ("rpm", [])])
def test_a_last_line_without_newline(form, expected):
    path, entries = package(form, "etc/cron.d/x", kind="crontab-system")
    assert ignored(entries, CronFileUnterminated(span=Span(path, 1, 1))) == expected


@pytest.mark.parametrize(("form", "expected"), [("deb", "cron"), ("rpm", "cronie")])
def test_cronie_skips_a_bad_line_alone(form, expected):
    path, entries = package(form, "etc/cron.d/x", kind="crontab-system")
    (fact,) = conclude(link(entries, {CronLineRejected: (refused(path),)}), Circumstances(NOW))
    assert fact.by == expected
