"""Finds rules, readers and conclusions: ours and third parties' the same way, by entry points.

An entry point of `pkgscan.rules`, `pkgscan.readers` or `pkgscan.conclusions` names a module or a package; every rule,
reader class or conclusion defined in it (in any module of a package) is loaded. A package below it that defines a
reader itself is taken for one module: what else is in it, it imports when it is needed. Entry points are read from the
installed `entry_points.txt` files directly: the standard reader of them costs five bare interpreter starts.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from types import ModuleType
from typing import TypeVar

from pkgscan.conclusion import RESERVED_KEYS, Conclusion
from pkgscan.errors import UserError
from pkgscan.facts.archive import Disagreement
from pkgscan.facts.signing import EntryDigests, Signature
from pkgscan.facts.text import TextLine
from pkgscan.model import Fact
from pkgscan.readers.base import Reader
from pkgscan.report import RuleInfo
from pkgscan.rule import Rule

OF_THE_WALK: tuple[type[Fact], ...] = (Disagreement, EntryDigests, Signature, TextLine)  # facts that the walk states
T = TypeVar("T")


class Registry:
    """What is installed, each part loaded when it is first asked for: to list a package's entries no rule is needed.

    Order is fixed: rules by id, readers and conclusions by name. A part of which nothing is found, two that claim one
    name, and a module that fails to import are UserErrors: a scan with less than what is installed must not pass.
    """

    @cached_property
    def rules(self) -> tuple[Rule[object], ...]:
        """Every rule."""
        rules = sorted(_instances("pkgscan.rules", Rule), key=lambda rule: rule.id)
        _distinct("rule", ((name, _place(rule.check)) for rule in rules for name in (rule.id, *rule.info.formerly)))
        return tuple(rules)

    @cached_property
    def readers(self) -> tuple[Reader, ...]:
        """One instance of every reader."""
        readers = sorted(_subclasses("pkgscan.readers"), key=lambda reader: (reader.__module__, reader.__qualname__))
        _check_readers(readers)
        return tuple(reader() for reader in readers)

    @cached_property
    def conclusions(self) -> tuple[Conclusion, ...]:
        """Every conclusion, each after those it stands on."""
        conclusions = sorted(_instances("pkgscan.conclusions", Conclusion), key=lambda found: found.name)
        _check_conclusions(conclusions)
        return _in_order(conclusions)

    def load_all(self) -> None:
        """Load every part now: what is there before the children are forked is loaded once, and shared."""
        for part in ("rules", "readers", "conclusions"):
            getattr(self, part)

    def fact_types(self) -> dict[str, type[Fact]]:
        """Every fact type that may cross processes, by its tag."""
        return {_tag(fact): fact for fact in (*OF_THE_WALK, *(one for reader in self.readers for one in reader.facts))}

    @property
    def infos(self) -> tuple[RuleInfo, ...]:
        """What every rule is, for whoever does not run it."""
        return tuple(rule.info for rule in self.rules)

    def rule(self, name: str) -> RuleInfo | None:
        """The rule of an id, its old ids included."""
        return next((info for info in self.infos if name == info.id or name in info.formerly), None)


@cache
def load() -> Registry:
    """The registry of this process."""
    return Registry()


def _check_readers(readers: list[type[Reader]]) -> None:
    facts = (*OF_THE_WALK, *(fact for reader in readers for fact in reader.facts))
    _distinct("fact tag", ((_tag(fact), _place(fact)) for fact in facts))
    _distinct("kind", ((kind.name, _place(reader)) for reader in readers for kind in reader.kinds))
    kinds = [kind for reader in readers for kind in reader.kinds]
    _distinct("path", ((path, kind.name) for kind in kinds for path in kind.paths))
    _distinct("file name", ((name, kind.name) for kind in kinds for name in kind.names))
    _distinct("suffix", ((suffix.lower(), kind.name) for kind in kinds for suffix in kind.suffixes))
    _distinct("interpreter", ((program, kind.name) for kind in kinds for program in kind.interpreters))
    _distinct("magic", ((magic, kind.name) for kind in kinds for magic in kind.magic))


def _check_conclusions(conclusions: list[Conclusion]) -> None:
    _distinct("conclusion", ((one.name, _place(one.conclude)) for one in conclusions))
    reserved = ((key, "the report itself") for key in RESERVED_KEYS)
    parts = ((one.part.key, f"the conclusion {one.name}") for one in conclusions if one.part is not None)
    _distinct("report key", (*reserved, *parts))
    known = {one.name for one in conclusions}
    for one in conclusions:
        if missing := set(one.after) - known:
            message = f"the conclusion {one.name} stands on {min(missing)}, which is not installed"
            raise UserError(message, "install the package that defines it")


def _distinct(what: str, claims: Iterable[tuple[object, str]]) -> None:
    """Refuse that two claim one name, of which only the last would have been heard; `claims` are (name, owner)."""
    owners: dict[object, str] = {}
    for name, owner in claims:
        if owners.setdefault(name, owner) != owner:
            message = f"{owners[name]} and {owner} both claim the {what} {name}"
            raise UserError(message, "uninstall one of the packages that define them")


def _tag(fact: type[Fact]) -> str:
    return str(fact.__struct_config__.tag)


def _place(owner: Callable[..., object]) -> str:
    return f"{owner.__module__}.{owner.__qualname__}"


def _in_order(conclusions: list[Conclusion]) -> tuple[Conclusion, ...]:
    ordered: list[Conclusion] = []
    before = {one.name: {*one.after, *_feeding(one, conclusions)} for one in conclusions}
    while len(ordered) < len(conclusions):
        done = {conclusion.name for conclusion in ordered}
        ready = [c for c in conclusions if c.name not in done and done.issuperset(before[c.name])]
        if not ready:
            raise UserError("the installed conclusions wait for each other", "uninstall the package added last")
        ordered.append(ready[0])
    return tuple(ordered)


def _feeding(one: Conclusion, conclusions: list[Conclusion]) -> Iterator[str]:
    """Those that conclude what it collects."""
    return (other.name for other in conclusions if other is not one and set(one.collects) & set(other.concludes))


def _instances(group: str, kind: type[T]) -> Iterator[T]:
    for module in _modules(group):
        for name, value in vars(module).items():
            if isinstance(value, kind) and not name.startswith("_"):
                origin = getattr(getattr(value, "check", None) or getattr(value, "conclude", None), "__module__", None)
                if origin == module.__name__:
                    yield value


def _subclasses(group: str) -> Iterator[type[Reader]]:
    for module in _modules(group):
        yield from (value for value in vars(module).values() if _is_reader(value, module))


def _modules(group: str) -> Iterator[ModuleType]:
    declared = sorted(set(entry_points(group)))
    if not declared:
        message = f"pkgscan is not installed properly: no entry point of {group} is found"
        raise UserError(message, "install it with pip; it runs neither from a zip file nor from its sources alone")
    for name, target in declared:
        try:
            module = importlib.import_module(target.partition(":")[0])
            yield module
            yield from _below(module)
        except ImportError as error:
            message = f"the {group} entry point {name} does not import: {error}"
            raise UserError(message, "reinstall the package that names it") from error


def _below(package: ModuleType) -> Iterator[ModuleType]:
    """The modules of a package, and of packages in it that do not define what is looked for themselves."""
    for found in pkgutil.iter_modules(getattr(package, "__path__", ()), package.__name__ + "."):
        module = importlib.import_module(found.name)
        yield module
        if found.ispkg and not any(_is_reader(value, module) for value in vars(module).values()):
            yield from _below(module)


def _is_reader(value: object, module: ModuleType) -> bool:
    is_class = isinstance(value, type) and issubclass(value, Reader) and bool(value.kinds)
    return is_class and value.__module__ == module.__name__


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
