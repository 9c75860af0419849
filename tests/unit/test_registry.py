"""What is refused of what is installed: whatever would make a scan look at less than it seems to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pkgscan.conclusion import RESERVED_KEYS
from pkgscan.errors import UserError
from pkgscan.registry import Registry
from pkgscan.reporters.json.shape import Document

Install = Callable[[str], Registry]

READER = "from pkgscan.readers.base import Kind, Reader\nfrom pkgscan.model import Fact\n"
CONCLUSION = "from pkgscan.conclusion import Conclusion, Part\nfrom pkgscan.model import Fact\n"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a distribution whose one module is rules, readers and conclusions at once."""

    def installed(source: str) -> Registry:
        (tmp_path / "acme.py").write_text(source)
        folder = tmp_path / "acme-1.0.dist-info"
        folder.mkdir()
        groups = (f"[pkgscan.{part}]\nacme = acme\n" for part in ("rules", "readers", "conclusions"))
        (folder / "entry_points.txt").write_text("".join(groups))
        monkeypatch.syspath_prepend(str(tmp_path))
        return Registry()

    yield installed
    sys.modules.pop("acme", None)


@pytest.mark.parametrize("part", ["rules", "readers", "conclusions"])
def test_finding_nothing_is_no_pass(part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(UserError, match=r"pkgscan is not installed properly: .*; install it with pip"):
        getattr(Registry(), part)


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        (
            'Kind(name="unit-timer", suffixes=(".acme",)),',
            r"acme\.A and .*TimerReader both claim the kind unit-timer",
        ),
        ('Kind(name="acme", suffixes=(".TIMER",)),', r"acme and unit-timer both claim the suffix \.timer"),
        ('Kind(name="acme", names=("postinst",)),', "acme and maintainer-script both claim the file name postinst"),
        ('Kind(name="acme", paths=("etc/cron.d/*",)),', r"acme and crontab-system both claim the path etc/cron\.d/\*"),
        ('Kind(name="a", magic=(b"AC",)), Kind(name="b", magic=(b"AC",)),', "a and b both claim the magic b'AC'"),
        ('Kind(name="a", interpreters=("x",)), Kind(name="b", interpreters=("x",)),', "both claim the interpreter x"),
    ],
)
def test_two_kinds_do_not_share_what_they_are_known_by(install: Install, kinds: str, message: str) -> None:
    registry = install(f"{READER}class A(Reader):\n    kinds = ({kinds})\n")
    with pytest.raises(UserError, match=message):
        _ = registry.readers


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("CronJob", r"acme\.CronJob and pkgscan\.facts\.schedule\.CronJob both claim the fact tag CronJob"),
        ("TextLine", r"pkgscan\.facts\.text\.TextLine and acme\.TextLine both claim the fact tag TextLine"),
    ],
)
def test_two_facts_do_not_share_a_tag(install: Install, tag: str, message: str) -> None:
    fact = f"class {tag}(Fact, frozen=True):\n    pass\n"
    registry = install(f"{READER}{fact}class A(Reader):\n    kinds = (Kind(name='acme'),)\n    facts = ({tag},)\n")
    with pytest.raises(UserError, match=message):
        _ = registry.readers


def test_two_rules_do_not_share_an_id(install: Install) -> None:
    registry = install(
        '"""Acme."""\nfrom pkgscan.rule import *\nfrom pkgscan.rule import rule\nfrom pkgscan.model import Entry\n'
        '@rule(title="t", category=DEFECT, severity=LOW, looks_at=Entry, since="1.0", remedy="r.",'
        ' formerly=("unrotated-log",))\ndef check(entry, scan):\n    yield from ()\n'
    )
    message = r"acme\.check and pkgscan_rules\.[\w.]+\.check both claim the rule unrotated-log"
    with pytest.raises(UserError, match=message):
        _ = registry.rules


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ('name="names"', r"acme\.run and pkgscan\.conclusions\.names\.conclude both claim the conclusion names"),
        ('name="a", part=Part("gate", "t", Fact, str)', "the report itself and the conclusion a both .* key gate"),
        ('name="a", part=Part("schedule", "t", Fact, str)', "conclusion a and the conclusion schedule both .* key"),
        ('name="a", after=("jobs",)', "the conclusion a stands on jobs, which is not installed"),
    ],
)
def test_a_conclusion_takes_nothing_from_another(install: Install, declared: str, message: str) -> None:
    registry = install(
        f"{CONCLUSION}def run(graph, now): yield\nA = Conclusion({declared}, concludes=(), conclude=run)\n"
    )
    with pytest.raises(UserError, match=message):
        _ = registry.conclusions


def test_what_clashes_with_nothing_is_found(install: Install) -> None:
    registry = install(f"{READER}class A(Reader):\n    kinds = (Kind(name='acme', suffixes=('.acme',)),)\n")
    assert "acme" in {kind.name for reader in registry.readers for kind in reader.kinds}


def test_every_key_of_the_report_is_reserved() -> None:
    assert set(Document.__struct_fields__) <= RESERVED_KEYS
