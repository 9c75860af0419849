"""What is known of debian 12: facts that anybody can look up in its packages; names from a package may be anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgscan.captures.profile import load_target
from pkgscan.errors import UserError
from pkgscan.profile.model import Profile
from pkgscan.profile.reader import profile_of
from pkgscan.profile.release import Release, release, releases
from pkgscan.profile.target import Target
from pkgscan.tomlfile import parse_toml

HOST = '[host]\nos = "debian"\nversion = "12"\n'


@pytest.fixture(name="debian")
def debian_12() -> Release:
    found = release("debian", "12")
    assert found is not None
    return found


def target(text: str) -> Target:
    return Target(profile_of(parse_toml("p.toml", "profile = 1\n" + text)))


def test_packages_of_names(debian: Release) -> None:
    assert debian.unit("nginx.service") == "nginx-common"
    assert debian.unit("cron.service") == "cron"
    assert debian.command("psql") == "postgresql-client-common"
    assert debian.command("/usr/bin/ls") == debian.command("/bin/ls") == "coreutils"
    assert debian.user("www-data") == "base-passwd"
    assert debian.alias("sshd.service") == "ssh.service"
    assert debian.unit("sshd.service") == "openssh-server"
    assert debian.unit("exim4.service") == "exim4-base"  # of its init script
    assert debian.unit("exim4.timer") == ""
    assert debian.unit("billing-api.service") == debian.command("billingctl") == debian.user("billing") == ""
    assert debian.is_everywhere("coreutils")
    assert not debian.is_everywhere("nginx-common")


def test_a_release_before() -> None:
    found = release("debian", "11")
    assert found is not None
    assert (found.unit("nginx.service"), found.unit("ssh.service")) == ("nginx-common", "openssh-server")
    assert found.command("/bin/ls") == "coreutils"
    assert found.unit("polkit.service") == "policykit-1"
    assert found.unit("systemd-resolved.service") == "systemd"  # a package of its own from 12 on
    assert found.user("www-data") == "base-passwd"
    assert dict(found.versions())["base-passwd"] == "3.5.51"


def test_what_was_not_read_is_said(debian: Release) -> None:
    versions = dict(debian.versions())
    assert "base-passwd" in versions
    assert f"of {len(versions) - 1} of the " in debian.unread()


def test_a_unit_of_no_package() -> None:
    answer = target(HOST).unit("ngnix")
    assert (answer.holds, answer.near, answer.is_open) == (None, "nginx.service", True)
    assert answer.phrase == "is a unit of no package of debian 12"
    assert answer.span is not None
    assert answer.span.first_line == 3


def test_a_release_is_a_known_part_and_a_complete_list_is_all() -> None:
    assert target(HOST).unit("nginx").phrase == "is there if nginx-common is"
    listed = target(HOST + '[systemd]\nunits = ["ssh.service"]\n')
    assert listed.unit("sshd").holds is True
    assert listed.unit("nginx").phrase == "is not among the units this profile knows, though nginx-common brings it"
    assert target(HOST + "[systemd]\ncomplete = true\nunits = []\n").unit("nginx").holds is False


def test_what_every_host_of_the_release_has() -> None:
    assert target(HOST).command("/bin/ls").holds is True
    assert target(HOST).command("psql").holds is None
    assert target(HOST).user("www-data").holds is True
    assert target(HOST).user("postgres").holds is None
    assert target(HOST + 'complete = true\nusers = ["root"]\n').user("www-data").holds is False


@given(st.text(st.characters(codec="utf-8", exclude_categories=()), max_size=20))
def test_any_name_may_be_asked_for(name: str) -> None:
    found = release("debian", "12")
    assert found is not None
    for said in (found.unit(name), found.command(name), found.user(name), found.near_unit(name)):
        assert "\n" not in said
        assert "\t" not in said


def test_names_with_tabs_find_nothing(debian: Release) -> None:
    for name in ("nginx.service\tnginx-common", "a\nunit\tnginx.service", "", "\t", "\n"):
        assert debian.unit(name) == debian.command(name) == ""


def test_a_built_in_profile_by_its_name() -> None:
    profile = load_target("debian-12")
    assert isinstance(profile, Profile)
    assert Target(profile).unit("nginx").phrase == "is there if nginx-common is"
    assert "debian-12" in releases()
    with pytest.raises(UserError, match="did you mean 'debian-12'"):
        load_target("debain-12")


def test_a_release_is_loaded_when_somebody_asks() -> None:
    fresh = Release("debian-12")
    assert not vars(fresh).keys() & {"_names", "_commands"}
    fresh.unit("a.service")
    assert "_names" in vars(fresh)
    assert "_commands" not in vars(fresh)


def test_a_host_that_answers_by_itself_asks_no_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Release, "alias", lambda *_: pytest.fail("the release was asked"))
    host = target(HOST + '[systemd]\nunits = ["a.service"]\n')
    assert host.unit("a.service").holds is True
