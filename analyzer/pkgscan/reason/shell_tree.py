"""The simple commands in a tree that bashlex made of a command line, each with where it stands among the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pkgscan.facts.shell import FRAME_AREAS, FRAMES, Area, Frame, FrameKind

Locate = Callable[[int, int], Area]  # the place of some characters: the first, and the one behind the last
Placed = tuple[Any, tuple[Frame, ...]]  # a node, and the frames that it adds
_BRANCHES: dict[str, FrameKind] = {"then": "if", "elif": "elif", "else": "else"}
_JOINS: dict[str, FrameKind] = {"&&": "and", "||": "or"}
_LEFT: dict[str, FrameKind] = {"&&": "and-left", "||": "or-left"}


def simple_commands(trees: list[Any], locate: Locate) -> Iterator[tuple[Any, tuple[Frame, ...], tuple[Any, ...]]]:
    """Every command node with its frames and the redirects of the groups around it, with a stack of our own."""
    stack: list[tuple[Any, tuple[Frame, ...], tuple[Any, ...]]] = [(tree, (), ()) for tree in reversed(trees)]
    while stack:
        node, context, outer = stack.pop()
        if node.kind == "command":
            yield node, context, outer
        elif node.kind == "compound":
            outer = (*outer, *node.redirects)
        for child, added in reversed(list(_children(node, locate))):
            stack.append((child, (*context, *added)[-FRAMES:], outer))


def _children(node: Any, locate: Locate) -> Iterator[Placed]:
    """The nodes below one, each with the frames it adds."""
    if node.kind == "list":
        yield from _of_list(node.parts, locate)
    elif node.kind == "if":
        yield from _of_if(node.parts, locate)
    elif node.kind == "pipeline":
        yield from _of_pipeline(node, locate)
    elif node.kind in ("while", "until"):
        yield from _of_loop(node, locate)
    elif node.kind == "compound":
        subshell = getattr(node.list[0], "word", "") == "(" if node.list else False
        yield from ((part, (Frame("subshell"),) if subshell else ()) for part in node.list)
    elif node.kind in ("commandsubstitution", "processsubstitution"):
        yield node.command, (Frame("substitution"),)
    else:
        added = _added(node)
        yield from ((part, added) for part in getattr(node, "parts", ()) or ())
        if node.kind == "redirect" and hasattr(node.output, "parts"):
            yield node.output, ()


def _added(node: Any) -> tuple[Frame, ...]:
    names = [part.word for part in node.parts if part.kind == "word"] if node.kind in ("for", "function") else []
    if node.kind == "for":
        return (Frame("for", names[0] if names else ""),)
    return (Frame("function", names[0] if names else ""),) if node.kind == "function" else ()


def _area(nodes: Sequence[Any], locate: Locate) -> tuple[tuple[Area, ...], bool]:
    """Where some nodes stand, and whether they are one pipeline behind `!`."""
    if not nodes:
        return (), False
    negated = len(nodes) == 1 and nodes[0].kind == "pipeline" and nodes[0].parts[0].kind == "reservedword"
    return (locate(nodes[0].pos[0], nodes[-1].pos[1]),), negated


def _of_pipeline(node: Any, locate: Locate) -> Iterator[Placed]:
    stages = [part for part in node.parts if part.kind not in ("pipe", "reservedword")]
    negated: tuple[Frame, ...] = (Frame("not"),) if len(node.parts) > 2 * len(stages) - 1 else ()
    areas, _ = _area(stages, locate)
    for at, part in enumerate(stages):
        piped = (Frame("pipe", areas=areas, position=at, count=len(stages)),) if len(stages) > 1 else ()
        yield part, (*negated, *piped)


def _of_list(parts: list[Any], locate: Locate) -> Iterator[Placed]:
    operators = [part.op if part.kind == "operator" else "" for part in parts]
    ends, end = [""] * len(parts), ""
    for at in range(len(parts) - 1, -1, -1):
        end = operators[at] if operators[at] and operators[at] not in _JOINS else end
        ends[at] = end
    start = 0  # of the chain of && and || that a part belongs to
    for at, part in enumerate(parts):
        if not operators[at]:
            background = (Frame("background"),) if ends[at] == "&" else ()
            yield part, (*background, *_sides(parts, operators, start, at, locate))
        elif operators[at] not in _JOINS:
            start = at + 1


def _sides(parts: list[Any], operators: list[str], start: int, at: int, locate: Locate) -> Iterator[Frame]:
    """What a part of a chain of && and || is to its neighbours."""
    following = operators[at + 1] if at + 1 < len(parts) else ""
    if following in _LEFT:
        yield Frame(_LEFT[following], "", *_area(parts[at + 2 : at + 3], locate))
    if at > start:
        yield Frame(_JOINS[operators[at - 1]], "", *_area(parts[start : at - 1], locate))


def _of_if(parts: list[Any], locate: Locate) -> Iterator[Placed]:
    around: tuple[Frame, ...] = ()
    own: tuple[Frame, ...] = (Frame("test"),)
    failed: list[Area] = []
    tests: list[Any] = []
    word = "if"
    for part in parts:
        if part.kind != "reservedword":
            tests += [part] if word in ("if", "elif") else []
            yield part, (*around, *own)
            continue
        kind: FrameKind = "elif" if word == "elif" else "if"
        word = part.word
        if word == "then":
            areas, negated = _area(tests, locate)
            own = (Frame(kind, "", areas, negated),)
            failed = [*failed, *areas][-FRAME_AREAS:]
        elif word in ("elif", "else"):
            around, tests = (Frame("else", "", tuple(failed)),), []
            own = (Frame("test"),) if word == "elif" else ()


def _of_loop(node: Any, locate: Locate) -> Iterator[Placed]:
    """While and until: the test, then what is done."""
    words = [part.word if part.kind == "reservedword" else "" for part in node.parts]
    at = words.index("do") if "do" in words else len(words)
    areas, negated = _area([part for part in node.parts[1:at] if part.kind != "reservedword"], locate)
    for place, part in enumerate(node.parts):
        yield part, (Frame("test"),) if place < at else (Frame(node.kind, "", areas, negated),)
