"""Real packages for the oracles, fetched once and kept in `$XDG_CACHE_HOME/pkgscan-oracles`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from downloads import DownloadError, cache_folder, fetch

Fetch = Callable[..., Path]


def fetch_or_fail(kind: str, name: str, version: str = "") -> Path:
    """A package's file. An oracle without its package says nothing, so what the client said fails the test."""
    try:
        return fetch(kind, name, version, cache_folder("oracles"))
    except DownloadError as error:
        pytest.fail(f"package not fetched: {error}", pytrace=False)


@pytest.fixture(scope="session")
def deb() -> Fetch:
    """`deb(name)` or `deb(name, version)`: the path of a Debian package."""
    return lambda name, version="": fetch_or_fail("deb", name, version)


@pytest.fixture(scope="session")
def package() -> Fetch:
    """`package(kind, name, version)`: the path of a package; `kind` is deb, npm or pypi."""
    return fetch_or_fail
