"""The house rules that a program can check: sizes, imports, grades, and what a start may load."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pkgscan.registry import load
from pkgscan.rule import ASSUMPTION, CONTRADICTION, DEFECT, HIGH, Rule

ROOT = Path(__file__).parents[1]
MODULES = sorted([*ROOT.glob("analyzer/**/*.py"), *ROOT.glob("rules/**/*.py")])
RULE_MODULES = [path for path in MODULES if ROOT / "rules" in path.parents and path.name != "__init__.py"]
TREES = {path: ast.parse(path.read_text("utf-8")) for path in MODULES}
RULES = load().rules

MODULE_LINES = 300
FUNCTION_LINES = 50
ALLOWED_IN_RULES = re.compile(r"pkgscan\.(rule|reason|facts|model|values|profile)(\.|$)")
# What rules may use of the standard library: nothing that opens, decodes or parses a format, nor tells the time.
PURE = frozenset({
    "__future__", "bisect", "collections", "dataclasses", "datetime", "enum", "fnmatch", "functools", "heapq",
    "itertools", "math", "operator", "posixpath", "re", "stat", "statistics", "string", "types", "typing",
})  # fmt: skip
EXECUTING = frozenset({"subprocess", "multiprocessing", "pickle", "marshal", "shelve", "pty", "code", "runpy"})
EXECUTING_CALLS = frozenset({"eval", "exec", "compile", "system", "popen", "execv", "execve", "execvp", "posix_spawn"})
VAGUE = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "misc"})

# What costs a start dearly; `inspect` is not here since click itself loads it.
HEAVY = (
    "archi", "bashlex", "cronsim", "crontab", "cryptography", "dataclasses", "importlib.metadata", "isal",
    "jinja2", "json", "libarchive", "lief", "multiprocessing", "oncalendar", "pathlib", "rich", "sqlglot", "subprocess",
    "tomlkit", "tomllib", "tree_sitter", "zoneinfo",
)  # fmt: skip
# Needed for an answer about rules, and only there.
HEAVIER_THAN_A_VERSION = ("msgspec", "pkgscan.registry", "pkgscan.engine", "pkgscan_rules")
CLICK_LOADS = frozenset(
    {"inspect", "dataclasses"}
)  # the command line library's own; its price is in the start-up budget


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_modules_stay_short() -> None:
    lengths = {named(path): path.read_text("utf-8").count("\n") for path in MODULES}
    assert {name: lines for name, lines in lengths.items() if lines > MODULE_LINES} == {}


def test_functions_stay_short() -> None:
    long = {
        f"{named(path)}:{node.name}": length
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    }
    assert long == {}


def test_modules_say_what_they_are() -> None:
    assert [named(path) for path, tree in TREES.items() if not ast.get_docstring(tree)] == []
    assert [named(path) for path in MODULES if path.stem in VAGUE or path.parent.name in VAGUE] == []


def test_nothing_is_executed() -> None:
    found = {
        f"{named(path)}: {name}"
        for path, tree in TREES.items()
        for name in imported(tree)
        if name.partition(".")[0] in EXECUTING
    }
    for path, tree in TREES.items():
        calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
        for call in calls:
            builtin = isinstance(call, ast.Name) and call.id in EXECUTING_CALLS
            of_os = isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name) and call.value.id == "os"
            if builtin or (of_os and call.attr in EXECUTING_CALLS):  # type: ignore[union-attr]  # of_os says it has one
                found.add(f"{named(path)}:{call.lineno}")
    assert found == set()


def test_rules_never_parse() -> None:
    wrong = [
        f"{named(path)}: {name}"
        for path, tree in TREES.items()
        if path in RULE_MODULES
        for name in imported(tree)
        if name.partition(".")[0] not in PURE and not ALLOWED_IN_RULES.match(name)
    ]
    assert wrong == []


def test_a_rule_module_holds_one_rule_named_after_it() -> None:
    ours = [rule for rule in RULES if rule.check.__module__.startswith("pkgscan_rules.")]
    assert sorted(rule.check.__module__.rpartition(".")[2] for rule in ours) == sorted(
        path.stem for path in RULE_MODULES
    )
    assert [rule.id for rule in ours if rule.id != rule.check.__module__.rpartition(".")[2].replace("_", "-")] == []


def test_no_id_is_used_twice() -> None:
    names = [name for rule in RULES for name in (rule.id, *rule.info.formerly)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_grades_keep_to_their_class(rule: Rule[object]) -> None:
    """An assumption holds on some hosts only, so it may not fail a package by itself; the other classes may."""
    assert len(set(rule.info.grades)) == len(rule.info.grades)
    for category, severity in rule.info.grades:
        assert category in (DEFECT, ASSUMPTION, CONTRADICTION)
        assert category != ASSUMPTION or severity != HIGH
    assert not rule.info.integrity or all(category == DEFECT for category, _ in rule.info.grades)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_explains_itself(rule: Rule[object]) -> None:
    assert rule.info.summary.endswith(".")
    assert "\n\n" in rule.info.doc, "the docstring's second paragraph says why it matters"
    assert rule.info.remedy.endswith(".")
    assert not rule.info.title.endswith(".")
    assert re.fullmatch(r"\d+\.\d+", rule.info.since)


def loaded_by(*arguments: str) -> set[str]:
    """The modules a fresh interpreter holds after the command."""
    program = (
        "import sys\n"
        "from pkgscan.cli import main\n"
        f"code = main({arguments!r})\n"
        "assert code == 0, code\n"
        "sys.stderr.write('\\n'.join(['', *sys.modules]))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return set(run.stderr.splitlines())


def held(modules: set[str], names: tuple[str, ...]) -> list[str]:
    return sorted(name for name in names if name in modules)


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("scan", "--help")], ids=" ".join)
def test_a_start_loads_little(arguments: tuple[str, ...]) -> None:
    assert held(loaded_by(*arguments), (*HEAVY, *HEAVIER_THAN_A_VERSION)) == []


@pytest.mark.parametrize(
    "arguments", [("rules",), ("explain", RULES[0].id if RULES else "")], ids=lambda words: words[0]
)
def test_talking_of_rules_loads_no_parser(arguments: tuple[str, ...]) -> None:
    assert held(loaded_by(*arguments), HEAVY) == []
