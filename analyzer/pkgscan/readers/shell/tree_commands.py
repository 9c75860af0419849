"""Commands, assignments and redirects in the tree that tree-sitter makes of a script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pkgscan.readers.shell import tokens
from pkgscan.readers.shell.parsed import Item, Redirected, RefusedError, Setting
from pkgscan.readers.shell.strict import parse
from pkgscan.readers.shell.tree_walk import Step, Walk
from pkgscan.values import Literal, Unknown

REDIRECTS = frozenset(("file_redirect", "heredoc_redirect", "herestring_redirect"))
NOT_WORDS = REDIRECTS | {"variable_assignment", "variable_assignments", "ERROR", "comment"}
MENDED = (Literal("{"), Literal("}"), Literal("coproc"))  # what it takes for command words


def read_command(walk: Walk, node: Any) -> list[Step]:
    """A simple command, its assignments and redirects, and the commands in its words."""
    item = Item()
    rest: list[Step] = []
    for child in node.children:
        rest.append(child)
        if child.type == "variable_assignment" and node.type != "declaration_command":
            _assign(walk, item, child)
            rest += child.children
            rest.remove(child)
        elif child.type not in NOT_WORDS or child.type == "variable_assignment":
            _take(walk, item, child)
    _mend(item)
    if item.values or item.settings:
        walk.parsed.items.append(item)
    return [*(child for child in rest if child.type not in REDIRECTS), lambda: _redirects(walk, item, node.children)]


def _take(walk: Walk, item: Item, node: Any) -> None:
    first, end = walk.place(node)
    if first == end:  # tree-sitter puts in what it misses
        return
    item.firsts.append(first)
    item.ends.append(end)
    item.values.append(walk.value(node))


def _mend(item: Item) -> None:
    """Take off what is no command word: the brace of a group, and `coproc`."""
    while item.values and item.values[0] in MENDED:
        del item.values[0], item.firsts[0], item.ends[0]


def _assign(walk: Walk, item: Item, node: Any) -> None:
    first, end = walk.place(node)
    match = tokens.ASSIGNMENT.match(walk.text, first, end)
    if match is None:
        return
    made = Setting(first, end, match[1], ())
    made.key, made.appends = match[2] or "", bool(match[3])
    try:
        (read, *_) = parse(walk.text[first:end]).items
        made.values, made.array = read.settings[0].values, read.settings[0].array
    except (RefusedError, IndexError, ValueError):
        made.values = (Unknown("not understood"),)
    item.settings.append(made)


def read_assignment(walk: Walk, node: Any) -> list[Step]:
    """An assignment that is a command of its own."""
    item = Item()
    _assign(walk, item, node)
    if item.settings:
        walk.parsed.items.append(item)
    return list(node.children)


def _redirects(walk: Walk, item: Item, nodes: Sequence[Any]) -> None:
    for node in nodes:
        if node.type in REDIRECTS:
            item.redirects += _redirect(walk, node)


def _redirect(walk: Walk, node: Any) -> Iterator[Redirected]:
    parts = [child for child in node.children if child.type not in ("heredoc_end", "pipeline", "list")]
    bodies = [child for child in parts if child.type == "heredoc_body"]
    words = [child for child in parts if child.is_named and child.type not in ("file_descriptor", "heredoc_body")]
    operator = "".join(walk.raw(child) for child in parts if not child.is_named or child.type == "file_descriptor")
    if words:
        made = Redirected(operator.strip(), walk.value(words[0]))
        if bodies:
            first, end = walk.place(bodies[0])
            made.body = (first, end) if end > first else None
            made.expands = not set("'\"\\") & set(walk.raw(words[0]))
        yield made


def read_redirected(walk: Walk, node: Any) -> list[Step]:
    """A statement with redirects: those of a simple command are its own, those of a group are everybody's in it."""
    inner = [child for child in node.children if child.type not in REDIRECTS]
    outer = [child for child in node.children if child.type in REDIRECTS]

    def behind(first: int) -> None:
        items = walk.parsed.items
        found = [made for redirect in outer for made in _redirect(walk, redirect)]
        if inner and inner[0].type in ("compound_statement", "subshell") and len(items) > first:
            walk.state("group", first, lambda made: setattr(made, "redirects", found))
        elif len(items) > first:
            items[first if inner and inner[0].type == "command" else -1].redirects += found

    return [*walk.around(inner, behind), *outer]


def read_test(walk: Walk, node: Any) -> list[Step]:
    """`[ ... ]` or `[[ ... ]]`: its words are those of a command."""
    first, end = walk.place(node)
    try:
        item = parse(walk.text[first:end]).items[0]
        item.move(range(first, end + 1))
    except (RefusedError, IndexError):
        item = Item()
        for child in (node.children[0], *node.children[1:-1], node.children[-1]):
            _take(walk, item, child)
    walk.parsed.items.append(item)
    return list(node.children)
