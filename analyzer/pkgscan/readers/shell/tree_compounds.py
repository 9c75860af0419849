"""Compound commands and functions in the tree that tree-sitter makes of a script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pkgscan.facts.shell import FRAME_AREAS, FrameKind
from pkgscan.readers.shell.parsed import Construct, Function, Item, Setting
from pkgscan.readers.shell.tree_walk import Change, Step, Walk, area_of, placed
from pkgscan.values import Value

SIDES: dict[str, tuple[FrameKind, FrameKind]] = {"&&": ("and-left", "and"), "||": ("or-left", "or")}
IF_WORDS = frozenset(("if", "then", "elif", "else", "fi"))


def read_list(walk: Walk, node: Any) -> list[Step]:
    """`a && b`: tree-sitter nests them to the left."""
    nodes = [child for child in node.children if child.is_named and child.type != "comment"]
    operator = next((walk.raw(child) for child in node.children if child.type in SIDES), "")
    if len(nodes) != 2 or not operator:  # noqa: PLR2004  # the two sides
        return list(node.children)
    left, right = nodes
    kinds = SIDES[operator]
    return [
        *walk.within(kinds[0], [left], placed(area_of(walk, [right]), negated=right.type == "negated_command")),
        *walk.within(kinds[1], [right], placed(area_of(walk, [left]), negated=left.type == "negated_command")),
    ]


def read_pipeline(walk: Walk, node: Any) -> list[Step]:
    """The commands of a pipeline."""
    stages = [child for child in node.children if child.is_named and child.type != "comment"]
    steps: list[Step] = []
    for at, stage in enumerate(stages):

        def change(made: Construct, at: int = at) -> None:
            made.areas, made.position, made.count = area_of(walk, stages), at, len(stages)

        steps += walk.within("pipe", [stage], change)
    return steps


def _parts(node: Any, words: frozenset[str]) -> dict[str, list[Any]]:
    """The children of a compound command by the reserved word before them."""
    parts: dict[str, list[Any]] = {"": []}
    current = parts[""]
    for child in node.children:
        if child.type in words:
            current = parts.setdefault(child.type, [])
        else:
            current.append(child)
    return parts


def _named(nodes: Sequence[Any]) -> list[Any]:
    return [node for node in nodes if node.is_named and node.type != "comment"]


def read_if(walk: Walk, node: Any) -> list[Step]:
    """The test and the branches."""
    parts = _parts(node, IF_WORDS)
    test, branch = parts.get("if", []), parts.get("then", [])
    clauses = [child for child in branch if child.type in ("elif_clause", "else_clause")]
    body = [child for child in branch if child not in clauses]
    steps = [*walk.within("test", test), *walk.within("if", body, _tested(walk, test))]
    failed = list(area_of(walk, _named(test)))
    for clause in clauses:
        inner = _parts(clause, IF_WORDS)
        if clause.type == "else_clause":
            read = inner.get("else", [])
        else:
            tested = inner.get("elif", [])
            read = [*walk.within("test", tested), *walk.within("elif", inner.get("then", []), _tested(walk, tested))]
        steps += walk.within("else", read, placed(tuple(failed[-FRAME_AREAS:])))
        failed += area_of(walk, _named(inner.get("elif", [])))
    return steps


def _tested(walk: Walk, test: Sequence[Any]) -> Change:
    nodes = _named(test)
    return placed(area_of(walk, nodes), negated=len(nodes) == 1 and nodes[0].type == "negated_command")


def read_while(walk: Walk, node: Any) -> list[Step]:
    """`while` and `until`."""
    kind: FrameKind = "until" if node.children and node.children[0].type == "until" else "while"
    body = [child for child in node.children if child.type == "do_group"]
    test = [child for child in node.children[1:] if child not in body]
    return [*walk.within("test", test), *walk.within(kind, body, _tested(walk, test))]


def read_for(walk: Walk, node: Any) -> list[Step]:
    """`for` and `select`."""
    kind: FrameKind = "select" if node.children and node.children[0].type == "select" else "for"
    names = [child for child in node.children if child.type == "variable_name" and walk.raw(child)]
    body = [child for child in node.children if child.type in ("do_group", "compound_statement")]
    rest = [child for child in node.children if child not in body]
    words = tuple(walk.value(child) for child in _named(rest) if child not in names)
    name = walk.raw(names[0]) if names else ""
    if names:
        item = Item()
        item.settings.append(Setting(*walk.place(names[0]), name, words, kind))
        walk.parsed.items.append(item)

    def change(made: Construct) -> None:
        made.name, made.words = name, words

    return [*rest, *walk.within(kind, body, change)]


def read_case(walk: Walk, node: Any) -> list[Step]:
    """The arms with their patterns."""
    subject = _named(node.children)[:1]
    words = tuple(walk.value(child) for child in subject)
    steps: list[Step] = []
    for child in node.children:
        if child.type != "case_item":
            steps.append(child)
            continue
        ends = [at for at, part in enumerate(child.children) if part.type == ")"]
        at = ends[0] if ends else 0
        patterns = tuple(walk.value(part) for part in _named(child.children[:at]))

        def change(made: Construct, patterns: tuple[Value, ...] = patterns) -> None:
            made.words = (*words, *patterns)

        steps += walk.within("case", child.children[at:], change)
    return steps


def read_function(walk: Walk, node: Any) -> list[Step]:
    """A definition, and its body."""
    names = [child for child in node.children if child.type == "word" and walk.raw(child)]
    body = [child for child in _named(node.children) if child not in names]
    if not names or not body:
        return list(node.children)
    made = Function(walk.raw(names[0]), *walk.place(names[0]), len(walk.parsed.items))
    made.body = walk.place(body[0], body[-1])

    def change(construct: Construct) -> None:
        construct.name, construct.areas = made.name, (made.body,)

    walk.parsed.functions.append(made)
    return walk.within("function", body, change)


def read_substitution(walk: Walk, node: Any) -> list[Step]:
    """Commands in a word."""
    opener = walk.raw(node)[:1]
    name = "`" if opener == "`" else walk.raw(node)[:2]
    inside = walk.parsed.items[-1] if walk.parsed.items else None

    def change(made: Construct) -> None:
        made.name, made.inside = name, inside

    return walk.within("substitution", node.children, change)


def read_error(walk: Walk, node: Any) -> list[Step]:
    """What is not shell; the commands in it are taken all the same."""
    walk.parsed.unread.append(walk.place(node))
    return list(node.children)
