"""A walk over the tree that tree-sitter makes of a script, with a stack of our own: what every handler stands on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pkgscan.facts.shell import FrameKind
from pkgscan.readers.shell.parsed import Construct, Parsed, Place, RefusedError
from pkgscan.readers.shell.strict import parse
from pkgscan.values import Unknown, Value

Step = Any  # a node still to be read, or what to do behind those before it
Change = Callable[[Construct], None]
Handler = Callable[["Walk", Any], "list[Step]"]  # the steps that read a node
WORDS = 4  # times a text may be looked through for the values of its words, which stand in each other in hostile ones


class Walk:
    """One walk over a tree."""

    def __init__(self, text: str, data: bytes, read: Mapping[str, Handler]) -> None:
        self.text = text
        self.read = read
        self.parsed = Parsed("tree-sitter")
        self.spent = 0  # characters of words looked into
        self.places = None if len(data) == len(text) else _places(text)

    def walk(self, root: Any) -> Parsed:
        """Every node once, children in order."""
        stack: list[Step] = [root]
        while stack:
            step = stack.pop()
            if callable(step):
                step()
            else:
                read = self.read.get(step.type)
                stack.extend(reversed(read(self, step) if read else step.children))
        return self.parsed

    def place(self, node: Any, last: Any = None) -> Place:
        """Where a node stands, or some nodes, in characters."""
        first, end = node.start_byte, (last or node).end_byte
        return (first, end) if self.places is None else (self.places[first], self.places[end])

    def raw(self, node: Any) -> str:
        """A node as written."""
        first, end = self.place(node)
        return self.text[first:end]

    def within(self, kind: FrameKind, nodes: Sequence[Step], change: Change | None = None) -> list[Step]:
        """Read these nodes, and state that their items stand in a construct."""
        return self.around(nodes, lambda first: self.state(kind, first, change))

    def around(self, nodes: Sequence[Step], behind: Callable[[int], None]) -> list[Step]:
        """Read these nodes, then do something, told which item was the first of theirs."""
        start: list[int] = []
        return [lambda: start.append(len(self.parsed.items)), *nodes, lambda: behind(start[0])]

    def state(self, kind: FrameKind, first: int, change: Change | None) -> None:
        """State a construct, if there is anything in it."""
        end = len(self.parsed.items)
        if end > first:
            made = Construct(kind, first, end)
            if change is not None:
                change(made)
            self.parsed.constructs.append(made)

    def value(self, node: Any) -> Value:
        """What a word stands for: read by the strict reader, which takes single words that it would know."""
        raw = self.raw(node)
        self.spent += len(raw)
        if self.spent > WORDS * len(self.text):
            return Unknown("not looked into")
        try:
            (item, *_) = parse(f": {raw}").items
        except RefusedError:
            return Unknown("not understood")
        return item.values[1] if len(item.values) == 2 else Unknown("not understood")  # noqa: PLR2004  # `:` and the word


def _places(text: str) -> list[int]:
    """Of each byte of a text in UTF-8, and of its end, the character."""
    places: list[int] = []
    for at, character in enumerate(text):
        places += [at] * len(character.encode("utf-8", "surrogatepass"))
    return [*places, len(text)]


def area_of(walk: Walk, nodes: Sequence[Any]) -> tuple[Place, ...]:
    """Where some nodes stand, as areas of a frame."""
    if not nodes:
        return ()
    is_negated = len(nodes) == 1 and nodes[0].type == "negated_command" and len(nodes[0].children) > 1
    return (walk.place(nodes[0].children[1] if is_negated else nodes[0], nodes[-1]),)


def placed(areas: tuple[Place, ...], *, negated: bool = False) -> Change:
    """Gives a construct its areas."""

    def change(made: Construct) -> None:
        made.areas, made.negated = areas, negated

    return change
