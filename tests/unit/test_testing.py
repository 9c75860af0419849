"""The public test helpers: they pack what they say, and a wrong case does not pass."""

from __future__ import annotations

import stat
import tarfile
import zipfile
from pathlib import Path
from typing import Literal

import pytest
from msgspec.structs import replace

from pkgscan.facts.schedule import CronJob
from pkgscan.model import EntryType
from pkgscan.readers.crontab import CrontabReader
from pkgscan.testing import Case, Member, check_case, pack_members, pack_tar, pack_zip, read, rule_cases, scan_tree

CASES = Path(__file__).parents[2] / "fixtures" / "rules"
RULE = "suspicious-cron-schedule"
ODD = "0 0 31 2 * root /bin/true\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "bad-case"
    (folder / "etc" / "cron.d").mkdir(parents=True)
    (folder / "etc" / "cron.d" / "import").write_text(ODD)
    (folder / "etc" / "cron.d" / "run").write_text("#!/bin/sh\n")
    (folder / "etc" / "cron.d" / "run").chmod(0o744)
    (folder / "etc" / "link").symlink_to("cron.d/run")
    (folder / "expected.txt").write_text("not packed")
    return folder


def test_both_archives_hold_the_same_tree(tree: Path, tmp_path: Path) -> None:
    pack_zip(str(tree), str(tmp_path / "a.zip"))
    pack_tar(str(tree), str(tmp_path / "a.tar.gz"))
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        zipped = {info.filename.rstrip("/"): info.external_attr >> 16 for info in archive.infolist()}
    with tarfile.open(tmp_path / "a.tar.gz") as archive:
        members = archive.getmembers()
    assert zipped == {
        "etc": stat.S_IFDIR | 0o755,
        "etc/cron.d": stat.S_IFDIR | 0o755,
        "etc/link": stat.S_IFLNK | 0o777,
        "etc/cron.d/import": stat.S_IFREG | 0o644,
        "etc/cron.d/run": stat.S_IFREG | 0o755,
    }
    assert {member.name: member.mode for member in members} == {name: mode & 0o777 for name, mode in zipped.items()}
    assert {(member.uid, member.uname) for member in members} == {(0, "root")}
    assert {member.name: member.linkname for member in members if member.issym()} == {"etc/link": "cron.d/run"}


def test_packing_is_reproducible(tree: Path, tmp_path: Path) -> None:
    for pack, name in ((pack_zip, "zip"), (pack_tar, "tar.gz")):
        for number in (1, 2):
            pack(str(tree), str(tmp_path / f"{number}.{name}"))
        assert (tmp_path / f"1.{name}").read_bytes() == (tmp_path / f"2.{name}").read_bytes()


def test_members_are_packed_as_told(tmp_path: Path) -> None:
    members = [
        Member("bin/run", b"x", mode=0o4755, group="mail"),
        Member("again", type="hardlink", link="bin/run"),
        Member("disk", type="block-device"),
        Member("link", type="symlink", link="bin/run"),
    ]
    pack_members(members, str(tmp_path / "a.tar"))
    with tarfile.open(tmp_path / "a.tar") as archive:
        run, again, disk, link = archive.getmembers()
    assert (run.mode, run.size, run.uname, run.gname) == (0o4755, 1, "root", "mail")
    assert (again.islnk(), again.linkname) == (True, "bin/run")
    assert disk.isblk()
    assert (link.issym(), link.linkname) == (True, "bin/run")
    pack_members(members[2:], str(tmp_path / "a.zip"), "zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        modes = [info.external_attr >> 16 for info in archive.infolist()]
        assert archive.read("link") == b"bin/run"
    assert modes == [stat.S_IFBLK | 0o644, stat.S_IFLNK | 0o644]


@pytest.mark.parametrize(("form", "kind"), [("zip", "hardlink"), ("tar", "socket")])
def test_what_a_format_cannot_hold_is_said(form: Literal["tar", "zip"], kind: EntryType, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"a {form} holds no {kind}"):
        pack_members([Member("a", type=kind)], str(tmp_path / "a"), form)


def bad(tree: Path) -> Case:
    return Case(RULE, "bad-case", str(tree))


def test_a_wrong_expectation_does_not_pass(tree: Path) -> None:
    with pytest.raises(AssertionError, match="instead of\nnot packed"):
        check_case(bad(tree))


def test_a_silent_bad_case_does_not_pass(tree: Path) -> None:
    (tree / "expected.txt").unlink()
    (tree / "etc" / "cron.d" / "import").write_text("")
    with pytest.raises(AssertionError, match="says nothing"):
        check_case(bad(tree))


def test_a_case_of_a_rule_that_is_not_installed_does_not_pass(tree: Path) -> None:
    for name in ("bad-case", "good-case"):
        with pytest.raises(AssertionError, match=r"no rule of this name is installed; is there an __init__\.py"):
            check_case(replace(bad(tree), rule="traced-shell", name=name))


def test_a_good_case_that_speaks_does_not_pass(tree: Path) -> None:
    (tree / "expected.txt").unlink()
    with pytest.raises(AssertionError, match=RULE):
        check_case(replace(bad(tree), name="good-case"))


def test_expectations_are_written_on_demand(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PKGSCAN_UPDATE", "1")
    check_case(bad(tree))
    assert RULE in (tree / "expected.txt").read_text()
    assert str(tree / "expected.txt") in capsys.readouterr().err
    monkeypatch.delenv("PKGSCAN_UPDATE")
    check_case(bad(tree))


def test_a_case_may_build_its_own_package(tmp_path: Path) -> None:
    folder = tmp_path / "bad-built"
    folder.mkdir()
    program = (
        f"import zipfile\ndef build(path):\n    zipfile.ZipFile(path, 'w').writestr('etc/cron.d/import', {ODD!r})\n"
    )
    (folder / "build.py").write_text(program)
    with pytest.raises(AssertionError, match=RULE):
        check_case(Case(RULE, "bad-built", str(folder)))


def test_cases_are_found_by_rule() -> None:
    cases = rule_cases(str(CASES))
    assert cases == sorted(cases, key=str)
    assert Case(RULE, "good-usual", str(CASES / RULE / "good-usual")) in cases


def test_scan_tree(tree: Path) -> None:
    report = scan_tree(str(tree))
    assert RULE in {finding.rule for finding in report.findings}
    assert report.package.path == "bad-case.zip"


def test_read() -> None:
    facts = read(CrontabReader(), ODD, "p.zip!/etc/cron.d/import")
    assert [fact.expression for fact in facts if isinstance(fact, CronJob)] == ["0 0 31 2 *"]
