"""The locked requirements hold what pyproject.toml asks for, by hash, and name no place to get it from."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = {"build": ("build",), "run": ("",), "test": ("", "test"), "check": ("", "dev", "build")}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def asked_for(group: str) -> list[Requirement]:
    tables = project()
    entries = tables["dependency-groups"][group] if group else tables["project"]["dependencies"]
    found: list[Requirement] = []
    for entry in entries:
        found.extend([Requirement(entry)] if isinstance(entry, str) else asked_for(entry["include-group"]))
    return found


def blocks(lock: str) -> list[str]:
    return re.split(r"\n(?=\S)", (ROOT / "requirements" / f"{lock}.lock").read_text())


def versions(lock: str) -> dict[str, str]:
    pins = [block.split()[0].split("==") for block in blocks(lock)]
    return {canonicalize_name(name): version for name, version in pins}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_satisfies_what_is_asked_for(lock: str) -> None:
    locked = versions(lock)
    for requirement in (requirement for group in LOCKS[lock] for requirement in asked_for(group)):
        assert locked[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("lock", [*LOCKS, "fuzz"])
def test_every_version_is_pinned_by_hash(lock: str) -> None:
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for block in blocks(lock))


@pytest.mark.parametrize("lock", [*LOCKS, "fuzz"])
def test_a_lock_names_no_place(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.lock").read_text()
    assert not re.search(r"://|index-url|find-links|@ |^/", text, re.MULTILINE)


@pytest.mark.parametrize("lock", ["build", "run", "test"])
def test_the_locks_agree(lock: str) -> None:
    everything = versions("check")
    assert all(everything[name] == version for name, version in versions(lock).items())
