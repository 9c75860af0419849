"""The simple commands in a tree that bashlex made of a command line, each with where it stands among the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pkgscan.facts.shell import Context


def simple_commands(trees: list[Any]) -> Iterator[tuple[Any, tuple[Context, ...], tuple[Any, ...]]]:
    """Every command node with its context and the redirects of the groups around it, with a stack of our own."""
    stack: list[tuple[Any, tuple[Context, ...], tuple[Any, ...]]] = [(tree, (), ()) for tree in reversed(trees)]
    while stack:
        node, context, outer = stack.pop()
        if node.kind == "command":
            yield node, context, outer
        elif node.kind == "compound":
            outer = (*outer, *node.redirects)
        for child, added in reversed(list(_children(node))):
            stack.append((child, (*context, *added), outer))


def _children(node: Any) -> Iterator[tuple[Any, tuple[Context, ...]]]:
    """The nodes below one, each with the context it adds."""
    if node.kind == "list":
        yield from _of_list(node.parts)
    elif node.kind == "if":
        yield from _of_if(node.parts)
    elif node.kind == "compound":
        subshell = getattr(node.list[0], "word", "") == "(" if node.list else False
        yield from ((part, ("subshell",) if subshell else ()) for part in node.list)
    elif node.kind in ("commandsubstitution", "processsubstitution"):
        yield node.command, ("substitution",)
    else:
        added = _ADDED.get(node.kind, ())
        if node.kind == "pipeline" and all(part.kind != "pipe" for part in node.parts):
            added = ()  # `! command` alone
        yield from ((part, added) for part in getattr(node, "parts", ()) or ())
        if node.kind == "redirect" and hasattr(node.output, "parts"):
            yield node.output, ()


_ADDED: dict[str, tuple[Context, ...]] = {
    "pipeline": ("pipe",),
    "for": ("loop",),
    "while": ("loop",),
    "until": ("loop",),
    "function": ("function",),
}
_BRANCHES: dict[str, tuple[Context, ...]] = {"then": ("if",), "elif": ("else",), "else": ("else",)}
_JOINS: dict[str, tuple[Context, ...]] = {"&&": ("and",), "||": ("or",)}


def _of_list(parts: list[Any]) -> Iterator[tuple[Any, tuple[Context, ...]]]:
    operators = [part.op if part.kind == "operator" else "" for part in parts]
    ends, end = [""] * len(parts), ""
    for at in range(len(parts) - 1, -1, -1):
        end = operators[at] if operators[at] and operators[at] not in _JOINS else end
        ends[at] = end
    for at, part in enumerate(parts):
        if not operators[at]:
            before = _JOINS.get(operators[at - 1], ()) if at else ()
            behind: tuple[Context, ...] = ("background",) if ends[at] == "&" else ()
            yield part, (*before, *behind)


def _of_if(parts: list[Any]) -> Iterator[tuple[Any, tuple[Context, ...]]]:
    added: tuple[Context, ...] = ()
    for part in parts:
        if part.kind == "reservedword":
            added = _BRANCHES.get(part.word, added)
        else:
            yield part, added
