"""Patterns that are compiled late are still patterns, every one of them."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import pkgscan
from pkgscan import patterns
from pkgscan.patterns import pattern


def test_a_late_pattern_is_the_pattern() -> None:
    late = pattern(r"(a)(?P<b>B)", re.IGNORECASE)
    found = late.fullmatch("Ab")
    assert found is not None
    assert (found["b"], late.groups, late.sub("x", "zab")) == ("b", 2, "zx")
    assert pattern(rb"\d+").findall(b"1 22") == [b"1", b"22"]


def test_what_is_wrong_with_it_shows_when_it_is_used() -> None:
    late = pattern("(")
    with pytest.raises(re.error):
        late.search("x")


def test_all_of_ours_compile() -> None:
    names = [found.name for found in pkgutil.walk_packages(pkgscan.__path__, "pkgscan.")]
    modules = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
    late = [value for module in modules for value in vars(module).values() if type(value) is patterns._Pattern]
    assert len(late) > 15
    assert all(value.pattern for value in late)  # to ask for anything is to compile it
