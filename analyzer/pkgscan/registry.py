"""Finds rules, readers and conclusions: ours and third parties' the same way, by entry points.

An entry point of `pkgscan.rules`, `pkgscan.readers` or `pkgscan.conclusions` names a module or a package; every rule,
reader class or conclusion defined in it (in any module of a package) is loaded. Entry points are read from the
installed `entry_points.txt` files directly: the standard reader of them costs five bare interpreter starts.
"""

from __future__ import annotations

import importlib
import itertools
import os
import pkgutil
import sys
from collections.abc import Iterator
from functools import cache, cached_property
from types import ModuleType
from typing import TypeVar

from pkgscan.conclusion import Conclusion
from pkgscan.errors import UserError
from pkgscan.model import Fact
from pkgscan.readers.base import Reader
from pkgscan.rule import Rule

T = TypeVar("T")


class Registry:
    """What is installed, each part loaded when it is first asked for: to list a package's entries no rule is needed.

    Order is fixed: rules by id, readers and conclusions by name.
    """

    @cached_property
    def rules(self) -> tuple[Rule[object], ...]:
        """Every rule. Two of one id, or a module that fails to import, are a UserError."""
        rules = sorted(_instances("pkgscan.rules", Rule), key=lambda rule: rule.id)
        for one, next_one in itertools.pairwise(rules):
            if one.id == next_one.id:
                message = f"two installed rules are called {one.id}"
                raise UserError(message, "uninstall one of the packages that define it")
        return tuple(rules)

    @cached_property
    def readers(self) -> tuple[Reader, ...]:
        """One instance of every reader. A module that fails to import is a UserError."""
        readers = sorted(_subclasses("pkgscan.readers"), key=lambda kind: (kind.__module__, kind.__qualname__))
        return tuple(kind() for kind in readers)

    @cached_property
    def conclusions(self) -> tuple[Conclusion, ...]:
        """Every conclusion, each after those it stands on."""
        return _in_order(sorted(_instances("pkgscan.conclusions", Conclusion), key=lambda found: found.name))

    def fact_types(self) -> dict[str, type[Fact]]:
        """Every fact type that may cross processes, by its tag."""
        types = [fact for reader in self.readers for fact in reader.facts]
        return {str(kind.__struct_config__.tag): kind for kind in types}

    def rule(self, name: str) -> Rule[object] | None:
        """The rule of an id, its old ids included."""
        return next((rule for rule in self.rules if name == rule.id or name in rule.formerly), None)


@cache
def load() -> Registry:
    """The registry of this process."""
    return Registry()


def _in_order(conclusions: list[Conclusion]) -> tuple[Conclusion, ...]:
    known = {conclusion.name for conclusion in conclusions}
    ordered: list[Conclusion] = []
    while len(ordered) < len(conclusions):
        done = {conclusion.name for conclusion in ordered}
        ready = [c for c in conclusions if c.name not in done and done >= set(c.after) & known]
        if not ready:
            raise UserError("the installed conclusions wait for each other", "uninstall the package added last")
        ordered.append(ready[0])
    return tuple(ordered)


def _instances(group: str, kind: type[T]) -> Iterator[T]:
    for module in _modules(group):
        for name, value in vars(module).items():
            if isinstance(value, kind) and not name.startswith("_"):
                origin = getattr(getattr(value, "check", None) or getattr(value, "conclude", None), "__module__", None)
                if origin == module.__name__:
                    yield value


def _subclasses(group: str) -> Iterator[type[Reader]]:
    for module in _modules(group):
        for value in vars(module).values():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, Reader) and value.kinds:
                yield value


def _modules(group: str) -> Iterator[ModuleType]:
    for name, target in sorted(set(entry_points(group))):
        try:
            module = importlib.import_module(target.partition(":")[0])
            yield module
            for found in pkgutil.walk_packages(getattr(module, "__path__", ()), module.__name__ + "."):
                yield importlib.import_module(found.name)
        except ImportError as error:
            message = f"the {group} entry point {name} does not import: {error}"
            raise UserError(message, "reinstall the package that names it") from error


def entry_points(group: str) -> Iterator[tuple[str, str]]:
    """(name, target) of every installed entry point of a group; the first distribution of a name on sys.path wins."""
    seen: set[str] = set()
    for folder in sys.path:
        try:
            names = sorted(os.listdir(folder or "."))
        except OSError:
            continue
        for name in names:
            distribution = name.partition("-")[0].lower()
            if name.endswith(".dist-info") and distribution not in seen:
                seen.add(distribution)
                yield from _declared(os.path.join(folder, name, "entry_points.txt"), group)


def _declared(path: str, group: str) -> Iterator[tuple[str, str]]:
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError:
        return
    section = ""
    for line in (line.strip() for line in lines):
        if line.startswith("["):
            section = line.strip("[]")
        elif section == group and "=" in line:
            name, _, target = line.partition("=")
            yield name.strip(), target.strip()
