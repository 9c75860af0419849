"""Settings: where they are looked for, how strictly they are read, and that a package never brings its own."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from pkgscan.archive.limits import Limits
from pkgscan.config import (
    KEYS,
    Config,
    Found,
    check_rules,
    find_config,
    lies_inside,
    read_config,
    refuse_inside,
    render_config,
)
from pkgscan.errors import UserError

FULL = """\
fail-on = "medium"
fail-confidence = "low"
preview = true
min-severity = "low"
min-confidence = "medium"
select = ["unrotated-log"]
ignore = ["hidden-entry"]
baseline = "before.json"
suppressions = "sub/accepted.toml"
label = "billing"
incomplete = "strict"
sandbox = "require"
jobs = 2
timeout = 600

[limits]
spool = "1g"
depth = 4

[rules.unrotated-log]
severity = "info"

[rules."acme/beat"]
severity = "high"

[output]
sarif = "out/report.sarif"
"""


class Known(msgspec.Struct, frozen=True):
    id: str
    formerly: tuple[str, ...] = ()
    integrity: bool = False


RULES = (Known("unrotated-log", ("log-grows",)), Known("hidden-entry", integrity=True))


def write(folder: Path, name: str, text: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    return str(path)


def expected(folder: Path, source: str) -> Config:
    return Config(
        fail_on="medium",
        fail_confidence="low",
        preview=True,
        min_severity="low",
        min_confidence="medium",
        select=("unrotated-log",),
        ignore=("hidden-entry",),
        baseline=str(folder / "before.json"),
        suppressions=str(folder / "sub" / "accepted.toml"),
        label="billing",
        incomplete="strict",
        sandbox="require",
        jobs=2,
        timeout=600,
        limits=Limits(spool=1 << 30, depth=4),
        severities=(("unrotated-log", "info"), ("acme/beat", "high")),
        outputs=(("sarif", str(folder / "out" / "report.sarif")),),
        source=source,
    )


def test_every_key_of_a_file_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, "pkgscan.toml", FULL)
    assert read_config(path) == expected(tmp_path, path)


def test_every_key_of_a_shared_file(tmp_path: Path) -> None:
    text = "[tool.other]\nkey = 1\n\n[tool.pkgscan]\n" + FULL.replace("\n[", "\n[tool.pkgscan.")
    path = write(tmp_path, "pyproject.toml", text)
    assert read_config(path) == expected(tmp_path, path)


def test_an_empty_file_sets_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "pkgscan.toml", "")
    assert read_config(path) == Config(source=path)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("fail_on = \n", 1, ("TOML",)),
        ('a = """\n', 1, ("TOML",)),
        ("\n\nfial-on = 'high'\n", 3, ("fial-on", "did you mean 'fail-on'?")),
        ("fail-on = 7\n", 1, ("fail-on", "7")),
        ("# x\nfail-on = 'enormous'\n", 2, ("enormous", "medium")),
        ("preview = 'yes'\n", 1, ("preview", "true or false")),
        ("jobs = true\n", 1, ("jobs", "whole number")),
        ("jobs = 0\n", 1, ("jobs", "1 or more")),
        ("select = 'unrotated-log'\n", 1, ("select", "list")),
        ("select = [\n 'a',\n 7]\n", 1, ("select", "texts")),
        ("preview = true\nignore = [\n 7,\n]\n", 2, ("ignore", "texts")),
        ("[limits]\ndepth = 3\nspol = 1\n", 3, ("spol", "did you mean 'spool'?")),
        ("[limits]\nspool = 'much'\n", 2, ("spool", "much")),
        ("limits = 7\n", 1, ("limits", "table")),
        ("[rules]\nunrotated-log = 'low'\n", 2, ("unrotated-log", "[rules.unrotated-log]")),
        ("[rules.unrotated-log]\n\nsevrity = 'low'\n", 3, ("sevrity", "did you mean 'severity'?")),
        ("[rules.unrotated-log]\nseverity = 'awful'\n", 2, ("awful", "info")),
        ('baseline = "a\\u0000"\n', 1, ("baseline", "NUL")),
        ("[output]\nsarif = 7\n", 2, ("sarif", "text")),
        ("[output]\njson = 'x'\nxml = 'x'\n", 3, ("xml", "known: facts, json, sarif, text")),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: tuple[str, ...]) -> None:
    path = write(tmp_path, "pkgscan.toml", text)
    with pytest.raises(UserError) as caught:
        read_config(path)
    said = str(caught.value)
    assert said.startswith(f"{path}:{line}:"), said
    assert [word for word in words if word not in said] == [], said


def test_the_line_in_a_shared_file(tmp_path: Path) -> None:
    path = write(tmp_path, "pyproject.toml", "[project]\nname = 'x'\n\n[tool.pkgscan]\nfial-on = 'high'\n")
    with pytest.raises(UserError, match=r"pyproject\.toml:5:1: "):
        read_config(path)


def test_found_in_the_working_directory_or_above(tmp_path: Path) -> None:
    path = write(tmp_path / "repo", "pkgscan.toml", "")
    (tmp_path / "repo" / ".git").mkdir()
    deep = tmp_path / "repo" / "a" / "b"
    deep.mkdir(parents=True)
    assert find_config(str(deep), "") == Found(path)
    near = write(tmp_path / "repo" / "a", "pyproject.toml", "[tool.pkgscan]\n")
    assert find_config(str(deep), "") == Found(near)


def test_not_above_the_repository(tmp_path: Path) -> None:
    write(tmp_path, "pkgscan.toml", "")
    inner = tmp_path / "repo"
    (inner / ".git").mkdir(parents=True)
    assert find_config(str(inner), "") == Found()


def test_not_above_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "pkgscan.toml", "")
    home = tmp_path / "home"
    (home / "work").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    assert find_config(str(home / "work"), "") == Found()


@pytest.mark.parametrize("text", ["[tool.other]\n", "this is no TOML", "[project]\nname = 'pkgscan-rules'\n"])
def test_a_shared_file_without_our_table_is_none_of_our_business(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, "pkgscan.toml", "")
    write(tmp_path / "sub", "pyproject.toml", text)
    assert find_config(str(tmp_path / "sub"), "") == Found(path)


def test_the_package_brings_no_settings(tmp_path: Path) -> None:
    own = write(tmp_path, "pkgscan.toml", "")
    package = tmp_path / "delivery"
    planted = write(package / "a", "pkgscan.toml", "this is no TOML")
    found = find_config(str(package / "a"), str(package))
    assert found.path == own
    assert found.notes == (f"settings in {planted} are ignored: the file is part of what is scanned",)


def test_a_link_does_not_smuggle_settings_in(tmp_path: Path) -> None:
    package = tmp_path / "delivery"
    planted = write(package, "settings", "")
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "pkgscan.toml").symlink_to(planted)
    assert lies_inside(str(tmp_path / "repo" / "pkgscan.toml"), str(package))
    assert not lies_inside(str(tmp_path / "delivery.toml"), str(package))
    assert not lies_inside(planted, str(tmp_path / "delivery.zip"))
    with pytest.raises(UserError, match="part of what is scanned"):
        refuse_inside(planted, str(package))


def test_rules_must_be_known(tmp_path: Path) -> None:
    path = write(tmp_path, "pkgscan.toml", "\nignore = ['unrotated-lag']\n")
    with pytest.raises(
        UserError, match=r"pkgscan\.toml:2: unknown rule 'unrotated-lag'; did you mean 'unrotated-log'\?"
    ):
        check_rules(read_config(path), RULES)
    with pytest.raises(UserError, match=r"^unknown rule 'x'"):
        check_rules(Config(select=("x",)), RULES)


def test_old_ids_of_rules_keep_working() -> None:
    old = Config(select=("log-grows",), ignore=("log-grows",), severities=(("log-grows", "low"),))
    new = Config(select=("unrotated-log",), ignore=("unrotated-log",), severities=(("unrotated-log", "low"),))
    assert check_rules(old, RULES) == new


def test_integrity_rules_are_not_regraded(tmp_path: Path) -> None:
    path = write(tmp_path, "pkgscan.toml", "[rules.hidden-entry]\nseverity = 'info'\n")
    with pytest.raises(UserError, match=r"pkgscan\.toml:1: .*hidden-entry cannot be changed"):
        check_rules(read_config(path), RULES)


@pytest.mark.parametrize("text", [FULL, ""])
def test_what_is_in_force_is_shown_as_a_file(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, "pkgscan.toml", text)
    config = read_config(path)
    again = write(tmp_path / "again", "pkgscan.toml", render_config(config))
    assert msgspec.structs.replace(read_config(again), source=path) == config
    assert tomllib.loads(render_config(Config()))["fail-on"] == "high"


def test_the_documented_settings_are_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    config = read_config(write(tmp_path, "pkgscan.toml", example))
    named = set(re.findall(r"^([a-z-]+) = ", example.split("[limits]")[0], re.MULTILINE))
    assert named == set(KEYS) - {"limits", "rules", "output"}
    assert (config.limits.spool, config.severities) == (8 << 30, (("unrotated-log", "info"),))
