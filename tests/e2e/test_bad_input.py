"""What is wrong with the input is said in one line that names it and what to do, with the documented exit code."""

from __future__ import annotations

import ctypes
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from command import Pkgscan, Run
from packing import tar_of, zip_of

USAGE, INCOMPLETE, FAILED, PASSED = 2, 3, 1, 0
NOW = "2026-07-15T12:00:00Z"
PR_CAPBSET_DROP = 24  # linux/prctl.h
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2  # linux/capability.h: what lets root read everything
RETIRED = b"0 3 * * * root /opt/app/run.sh\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    target = tmp_path / "package.zip"
    target.write_bytes(zip_of({"etc/cron.d/import": RETIRED, "opt/app/run.sh": b"#!/bin/sh\ntrue\n"}))
    return target


def complaint(run: Run, code: int) -> str:
    """The one line on standard error of a run that ended with `code`."""
    said = run.stderr.decode()
    assert run.returncode == code, said
    assert "Traceback" not in said + run.stdout.decode()
    assert len(said.splitlines()) == 1, said
    return said


def complains(run: Run, code: int, *words: str) -> None:
    said = complaint(run, code)
    assert [word for word in words if word not in said] == [], said


def test_missing_package(pkgscan: Pkgscan, tmp_path: Path) -> None:
    complains(pkgscan("scan", tmp_path / "gone.zip"), USAGE, "gone.zip", ";")


def test_missing_package_without_the_word_scan(pkgscan: Pkgscan) -> None:
    complains(pkgscan("gone.zip"), USAGE, "gone.zip")


def test_missing_package_of_tree(pkgscan: Pkgscan) -> None:
    complains(pkgscan("tree", "gone.zip"), USAGE, "gone.zip")


def drop_privilege() -> None:
    """Makes root obey file modes, in a child about to start the command."""
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def test_package_without_the_right_to_read(pkgscan: Pkgscan, package: Path) -> None:
    package.chmod(0)
    obey: Callable[[], None] | None = drop_privilege if os.geteuid() == 0 else None
    complains(pkgscan("scan", package, preexec_fn=obey), USAGE, "package.zip", "ermi", ";")


def test_directory_with_parts_nobody_may_read(pkgscan: Pkgscan, tmp_path: Path) -> None:
    """What can be read is, what cannot is named, and the run says that it did not see everything."""
    root = tmp_path / "delivery"
    (root / "etc" / "cron.d").mkdir(parents=True)
    (root / "etc" / "cron.d" / "import").write_bytes(RETIRED)
    (root / "etc" / "secret").write_bytes(b"secret")
    (root / "shut").mkdir()
    (root / "etc" / "secret").chmod(0)
    (root / "shut").chmod(0)
    obey: Callable[[], None] | None = drop_privilege if os.geteuid() == 0 else None
    try:
        done = pkgscan("scan", "-f", "json", root, preexec_fn=obey)
    finally:
        (root / "shut").chmod(0o755)
    complains(done, INCOMPLETE, "delivery", "unreadable")
    report = json.loads(done.stdout)
    unreadable = [gap["detail"] for gap in report["gaps"] if gap["reason"] == "unreadable"]
    assert [detail.partition(" cannot")[0] for detail in unreadable] == ["shut", "etc/secret"]
    assert "scheduled-job-added" in {finding["rule"] for finding in report["findings"]}


NAMES = [b"caf\xe9.zip", "caf\u00e9.zip".encode(), b"two\nlines.zip", b"\x1b[31mred.zip"]
LOCALES = [
    {"LC_ALL": "C.UTF-8"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},  # ASCII and nothing else
]


@pytest.mark.parametrize("env", LOCALES, ids=["utf-8", "ascii"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", ["scan", "tree"])
def test_names_in_any_bytes(  # noqa: PLR0917  # fixtures and cases
    pkgscan: Pkgscan, package: Path, tmp_path: Path, name: bytes, env: dict[str, str], command: str
) -> None:
    """A package called anything is read like any other, and nothing in its name reaches the terminal as it is."""
    target = os.fsencode(tmp_path) + b"/" + name
    os.rename(package, target)
    done = pkgscan(command, os.fsdecode(target), env=env)
    said = done.stdout + done.stderr
    assert done.returncode == PASSED, said
    assert b"\x1b" not in said
    assert said.isascii() or env == LOCALES[0]
    assert b"etc/cron.d/import" in said


@pytest.mark.parametrize("env", LOCALES, ids=["utf-8", "ascii"])
@pytest.mark.parametrize("name", NAMES)
def test_reports_by_any_name_of_packages_by_any_name(
    pkgscan: Pkgscan, package: Path, tmp_path: Path, name: bytes, env: dict[str, str]
) -> None:
    target = os.fsencode(tmp_path) + b"/" + name
    os.rename(package, target)
    outputs = [os.fsdecode(b"%s=%s.%s" % (form, name, form)) for form in (b"json", b"sarif", b"facts", b"text")]
    options = [word for output in outputs for word in ("-o", output)]
    done = pkgscan("scan", *options, "-q", os.fsdecode(target), env=env)
    assert done.returncode == PASSED, done.stderr
    written = {os.fsencode(file) for file in os.listdir(tmp_path / "cwd")}
    assert written == {b"%s.%s" % (name, form) for form in (b"json", b"sarif", b"facts", b"text")}
    report = json.loads(Path(os.fsdecode(os.fsencode(tmp_path) + b"/cwd/" + name + b".json")).read_bytes())
    assert report["package"]["path"] == name.decode(errors="backslashreplace")


@pytest.mark.parametrize("env", LOCALES, ids=["utf-8", "ascii"])
@pytest.mark.parametrize("name", NAMES)
def test_complaints_about_names_in_any_bytes(pkgscan: Pkgscan, name: bytes, env: dict[str, str]) -> None:
    complains(pkgscan("scan", os.fsdecode(name), env=env), USAGE, ".zip", "no such file")
    output = os.fsdecode(b"json=/nonexistent/" + name)
    complains(pkgscan("scan", "-o", output, os.fsdecode(name), env=env), USAGE, "/nonexistent/")


def test_something_that_is_no_package(pkgscan: Pkgscan) -> None:
    complains(pkgscan("scan", "/dev/null/x"), USAGE, "/dev/null/x")
    complains(pkgscan("scan", "/dev/zero"), USAGE, "/dev/zero")


def test_empty_file(pkgscan: Pkgscan, tmp_path: Path) -> None:
    """Nothing was delivered: that is no package, and never one that passes."""
    target = tmp_path / "empty.zip"
    target.touch()
    complains(pkgscan("scan", target), USAGE, "empty.zip", "empty", ";")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.zip", zip_of({"etc/cron.d/import": RETIRED * 99, "b": b"b" * 999})[:-60]),
        ("cut.tar.gz", tar_of({"etc/cron.d/import": RETIRED, "b": os.urandom(5000)}, "w:gz")[:-2000]),
        ("cut.tar", tar_of({"etc/cron.d/import": RETIRED, "b": b"b" * 5000})[:3000]),
    ],
)
def test_truncated_archive(pkgscan: Pkgscan, tmp_path: Path, name: str, content: bytes) -> None:
    """What is there is read, what is not is a gap, and the run says that it did not see everything."""
    target = tmp_path / name
    target.write_bytes(content)
    done = pkgscan("scan", "-f", "json", target)
    complains(done, INCOMPLETE, name)
    report = json.loads(done.stdout)
    assert report["gate"]["result"] == "incomplete"
    assert [gap["span"]["path"].startswith(name) for gap in report["gaps"] if gap["effect"] == "unread"]
    assert report["package"]["path"].endswith(name)


@pytest.mark.parametrize("option", ["--no-such-option", "--fail-on=enormous", "--jobs=many", "--limit=spool"])
def test_wrong_option(pkgscan: Pkgscan, package: Path, option: str) -> None:
    complains(pkgscan("scan", option, package), USAGE, option.split("=", maxsplit=1)[0].removeprefix("--"))


def test_unknown_limit_names_the_known_ones(pkgscan: Pkgscan, package: Path) -> None:
    complains(pkgscan("scan", "--limit", "spol=1g", package), USAGE, "spol", "spool")


def test_wrong_time(pkgscan: Pkgscan, package: Path) -> None:
    complains(pkgscan("scan", "--now", "yesterday", package), USAGE, "yesterday")


def test_output_that_cannot_be_written(pkgscan: Pkgscan, package: Path) -> None:
    complains(pkgscan("scan", "-o", "json=/nonexistent/report.json", package), USAGE, "/nonexistent/report.json")


@pytest.mark.parametrize("output", ["report.json", "jsn=report.json"])
def test_output_without_a_known_format(pkgscan: Pkgscan, package: Path, output: str) -> None:
    complains(pkgscan("scan", "-o", output, package), USAGE, output.split("=", maxsplit=1)[0], "json")


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_unknown_rule_gets_a_hint(pkgscan: Pkgscan, package: Path, option: str) -> None:
    complains(pkgscan("scan", option, "unrotated-lag", package), USAGE, "unrotated-lag", "unrotated-log")


def test_unknown_command_is_taken_for_a_package(pkgscan: Pkgscan) -> None:
    complains(pkgscan("explain", "unrotated-lag"), USAGE, "unrotated-lag", "unrotated-log")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fail_on = \n", ("pkgscan.toml:1",)),
        ("\n\nfial-on = 'high'\n", ("pkgscan.toml:3", "fial-on", "fail-on")),
        ("fail-on = 7\n", ("pkgscan.toml:1", "fail-on", "7")),
        ("ignore = ['unrotated-lag']\n", ("pkgscan.toml", "unrotated-lag", "unrotated-log")),
    ],
)
def test_broken_config(pkgscan: Pkgscan, package: Path, tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    (tmp_path / "cwd" / "pkgscan.toml").write_text(text)
    complains(pkgscan("scan", package), USAGE, *words)


def test_missing_config(pkgscan: Pkgscan, package: Path) -> None:
    complains(pkgscan("scan", "--config", "gone.toml", package), USAGE, "gone.toml")


def test_config_of_the_package_is_ignored(pkgscan: Pkgscan, tmp_path: Path) -> None:
    """Scanning from inside the scanned folder takes nothing from it."""
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "pkgscan.toml").write_text("this is no TOML")
    done = pkgscan("scan", folder, cwd=folder)
    assert done.returncode == PASSED, done.stderr.decode()
    assert b"pkgscan.toml" in done.stdout + done.stderr


def accept(fingerprint: str, expires: str) -> str:
    return f'[[accept]]\nfingerprint = "{fingerprint}"\nreason = "known"\nowner = "ops"\nexpires = {expires}\n'


def test_expired_suppression_comes_back_loudly(pkgscan: Pkgscan, package: Path, tmp_path: Path) -> None:
    first = json.loads(pkgscan("scan", "-f", "json", "--now", NOW, package).stdout)
    fingerprint = next(f["fingerprint"] for f in first["findings"] if f["rule"] == "scheduled-job-added")
    for expires, code in (("2027-01-01", PASSED), ("2026-07-14", FAILED)):
        (tmp_path / "cwd" / "accepted.toml").write_text(accept(fingerprint, expires))
        options = ("--select", "scheduled-job-added", "--fail-on", "info", "--now", NOW)
        done = pkgscan("scan", "--suppressions", "accepted.toml", *options, package)
        assert done.returncode == code, done.stderr.decode()
    complains(done, FAILED, fingerprint, "expired", "2026-07-14", "ops")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[accept]\n", ("accepted.toml:1",)),
        ("[[accept]]\nrule = 'unrotated-log'\npath = '*'\nowner = 'ops'\n", ("accepted.toml", "reason")),
        (accept("zz", "2027-01-01"), ("accepted.toml:2", "zz")),
    ],
)
def test_broken_suppressions(
    pkgscan: Pkgscan, package: Path, tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    (tmp_path / "cwd" / "accepted.toml").write_text(text)
    complains(pkgscan("scan", "--suppressions", "accepted.toml", package), USAGE, *words)


def test_broken_baseline(pkgscan: Pkgscan, package: Path, tmp_path: Path) -> None:
    (tmp_path / "cwd" / "before.json").write_text("{")
    complains(pkgscan("scan", "--baseline", "before.json", package), USAGE, "before.json")
