"""Archives that bring an older 7z up to date: what 7-Zip deletes where it unpacks them is said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from comparison import do

from fuzz.walk_claims import walked
from pkgscan.facts.archive import Disagreement

SEVEN = next((name for name in ("7zz", "7z") if shutil.which(name)), "7zz")
ANTI = "-up0q3x2z0!"  # what is in the archive and not on disk becomes an anti-item
FORMS = {"plain": (), "header-unpacked": ("-mhc=off",), "solid-off": ("-ms=off",), "bcj2": ("-m0=BCJ2", "-m1=LZMA")}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_deleted_is_said(form: str, tmp_path: Path) -> None:
    tree, base, update, host = (tmp_path / name for name in ("tree", "base.7z", "update.7z", "host"))
    for name in ("keep", "changed", "gone", "sub/ünïcode", *(f"many/{number}" for number in range(50))):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(name * 50)
    (tree / "empty").touch()
    do(SEVEN, "a", "-bso0", base, ".", cwd=tree)
    shutil.copytree(tree, host)
    (tree / "gone").unlink()
    shutil.rmtree(tree / "sub")
    (tree / "changed").write_text("new" * 100)
    do(SEVEN, "u", "-bso0", *FORMS[form], base, "-u-", f"{ANTI}{update}", ".", cwd=tree)
    before = {path.relative_to(host).as_posix() for path in host.rglob("*")}
    do(SEVEN, "x", "-y", "-bso0", f"-o{host}", update)
    deleted = before - {path.relative_to(host).as_posix() for path in host.rglob("*")}
    facts = [event for event in walked(update.read_bytes()) if isinstance(event, Disagreement)]
    said = {fact.span.path.partition("!/")[2] for fact in facts if fact.disagreement == "type-differs" and fact.span}
    assert said == deleted == {"gone", "sub", "sub/ünïcode"}
    assert not [event for event in walked(base.read_bytes()) if isinstance(event, Disagreement)]
