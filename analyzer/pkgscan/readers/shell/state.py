"""Where the strict parser stands: what is open around it, and the list, pipeline and command it is in.

The grammar is POSIX.1-2017, Shell Command Language, 2.10. Nothing here recurses: what is open lies on a stack.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from pkgscan.facts.shell import FrameKind
from pkgscan.readers.shell.parsed import Construct, Function, Item, Parsed, Place, Redirected, RefusedError
from pkgscan.values import Literal, Value

Mode: TypeAlias = "Callable[[State], Mode | None]"  # reads on, and says what reads on from there
Sink: TypeAlias = "Callable[[State, Value, int, int], Mode]"  # takes a word: its value, first offset and end
NESTING = 5000  # constructs in each other; the deepest of 7,000 real scripts has 20
LEFT: dict[str, FrameKind] = {"&&": "and-left", "||": "or-left"}
EXIT, EXEC = Literal("exit"), Literal("exec")
RIGHT: dict[str, FrameKind] = {"&&": "and", "||": "or"}


class Modes(NamedTuple):
    """What reads where a command may begin, in a simple command, behind a compound one, in a word, in backticks."""

    start: Mode
    simple: Mode
    after: Mode
    word: Mode
    inner: Callable[[State, int, int, bool], None]  # first offset and end, and whether the backticks are quoted


Saved: TypeAlias = "tuple[Mode, Item | None, object, Sink | None, int]"  # mode, command, word, sink, end


class Link:
    """One pipeline in a chain of `&&` and `||`: its items, its place, and the operator behind it."""

    __slots__ = ("at", "end", "first", "item", "negated", "operator")

    def __init__(self, item: int, first: int) -> None:
        self.item = item
        self.first = first
        self.at = 0  # the item behind its last
        self.end = 0
        self.operator = ""
        self.negated = False


class Level:
    """An open construct, and the list that is being read in it."""

    __slots__ = (
        "areas", "bang", "chain", "compound", "coproc", "end", "first", "function", "item", "kind", "limit", "link",
        "lists", "name", "negated", "negated_test", "part_first", "part_item", "patterns", "required", "saved",
        "stages", "step", "values",
    )  # fmt: skip

    def __init__(self, kind: str, first: int, item: int) -> None:
        self.kind = kind
        self.first = first  # offset of what opened it
        self.item = item  # its first item
        self.step = ""  # which part of it is being read
        self.areas: list[Place] = []  # tests so far
        self.part_item = item  # first item of the part being read
        self.part_first = -1  # offset of its first command
        self.lists = 0  # read in it
        self.negated = False  # the last of them is one pipeline behind `!`
        self.negated_test = False  # the test that has ended last is
        self.name = ""
        self.values: list[Value] = []
        self.patterns: list[Value] = []
        self.saved: Saved | None = None  # what reads on behind it
        self.limit = 0  # where the text ended for what is around it
        self.end = first  # behind the last thing read in it
        self.required = False  # an operator waits for its right side
        self.chain: list[Link] = []
        self.link: Link | None = None
        self.stages: list[Place] = []  # (first item, offset) of each command of the pipeline
        self.bang = -1  # offset of `!`
        self.coproc = -1  # first item behind `coproc`
        self.compound: tuple[int, list[Redirected]] | None = None  # a compound command just closed: its first item
        self.function: Function | None = None  # whose body the next command is


class State:
    """The registers of the parser."""

    __slots__ = (
        "command", "depth", "end", "left_at", "levels", "modes", "parsed", "pos", "prescans", "safe", "sink", "text",
        "top", "unfound", "waiting", "word",
    )  # fmt: skip

    def __init__(self, text: str, modes: Modes) -> None:
        self.text = text
        self.pos = 0
        self.end = len(text)  # of what is read now; less inside backticks and here-docs
        self.parsed = Parsed("strict")
        self.modes = modes
        self.top = Level("", 0, 0)
        self.levels = [self.top]
        self.command: Item | None = None
        self.word: object = None
        self.sink: Sink | None = None
        self.waiting: list[tuple[Redirected, str, bool]] = []  # here-docs: redirect, delimiter, tabs are stripped
        self.prescans = 0
        self.unfound: set[tuple[str, bool, int]] = set()  # delimiters of here-docs that no line is from here on
        self.depth = 0  # of backticks in backticks
        self.safe = 0, 0, 0, 0  # offset and counts of items, constructs and functions at the last list around all
        self.left_at = -1  # behind an `exit` that nothing makes conditional: no shell reads on

    def refuse(self, why: str, at: int = -1) -> RefusedError:
        """What to raise."""
        return RefusedError(why, self.pos if at < 0 else at)

    def push(self, kind: str, first: int) -> Level:
        """Open a construct."""
        if len(self.levels) > NESTING:
            raise self.refuse(f"nested deeper than {NESTING}", first)
        self.top = Level(kind, first, len(self.parsed.items))
        self.levels.append(self.top)
        return self.top

    def pop(self) -> Level:
        """Close the innermost construct."""
        closed = self.levels.pop()
        self.top = self.levels[-1]
        return closed

    def open(self, kind: str, first: int, step: str = "") -> Level:
        """A compound command begins."""
        self.begin(first)
        level = self.push(kind, first)
        self.part(step)
        return level

    def close(self) -> Mode:
        """The innermost compound command has ended: it is one command of the list around it."""
        level = self.pop()
        self.top.compound = (level.item, [])
        self.top.end = self.pos
        return self.modes.after

    def restore(self, level: Level) -> Mode:
        """Take up again what was put aside when a level was opened."""
        assert level.saved is not None
        mode, self.command, self.word, self.sink, self.end = level.saved
        return mode

    def construct(self, kind: FrameKind, first: int, areas: tuple[Place, ...] = (), name: str = "") -> Construct | None:
        """State that the items from `first` on stand in something; nothing where there are none."""
        end = len(self.parsed.items)
        if end == first:
            return None
        made = Construct(kind, first, end, areas, name)
        self.parsed.constructs.append(made)
        return made

    # --- commands, pipelines, lists ---

    def begin(self, first: int) -> None:
        """A command begins here."""
        top = self.top
        item = len(self.parsed.items)
        if top.part_first < 0:
            top.part_first = first
        if top.link is None:
            top.link = Link(item, first)
        top.stages.append((item, first))
        top.required = False

    def finish_command(self, end: int) -> None:
        """A command has ended, with the redirects behind it."""
        top = self.top
        top.end = max(top.end, end)
        if top.compound is not None:
            first, redirects = top.compound
            if redirects and (made := self.construct("group", first)):
                made.redirects = redirects
            top.compound = None
        if top.coproc >= 0:
            self.construct("background", top.coproc)
            top.coproc = -1
        if top.function is not None:
            function, top.function = top.function, None
            function.body = (function.body[0], end)
            self.construct("function", function.before, (function.body,), function.name)

    def finish_pipeline(self) -> Link | None:
        """A pipeline has ended; None if there was none."""
        top = self.top
        link, stages = top.link, top.stages
        if link is None or not stages:
            return None
        if len(stages) > 1:
            self._pipe(stages, (stages[0][1], top.end))
        if top.bang >= 0:
            self.construct("not", stages[0][0])
            link.negated, link.first = True, stages[0][1]
            top.bang = -1
        link.at, link.end = len(self.parsed.items), top.end
        top.link, top.stages = None, []
        return link

    def _pipe(self, stages: list[Place], area: Place) -> None:
        items = len(self.parsed.items)
        for at, (first, _) in enumerate(stages):
            end = stages[at + 1][0] if at + 1 < len(stages) else items
            if end > first:
                made = Construct("pipe", first, end, (area,))
                made.position, made.count = at, len(stages)
                self.parsed.constructs.append(made)

    def chain(self, operator: str) -> None:
        """`&&` or `||` behind a pipeline."""
        link = self.finish_pipeline()
        if link is None:
            raise self.refuse(f"{operator} without a command before it")
        link.operator = operator
        self.top.chain.append(link)
        self.top.required = True

    def finish_list(self, *, background: bool = False) -> None:
        """A list has ended, at `;`, `&`, a newline or the end of what it stands in."""
        top = self.top
        if top.required:
            raise self.refuse("an operator without its right side")
        link = self.finish_pipeline()
        if link is None:
            return
        first_item = link.item
        if top.chain:
            first_item = top.chain[0].item
            self._sides([*top.chain, link])
            top.chain = []
        if background:
            self.construct("background", first_item)
        top.lists += 1
        top.negated = link.negated and first_item == link.item
        if len(self.levels) == 1:
            self._note(link)

    def _note(self, link: Link) -> None:
        """A list ends that nothing stands around: what follows cannot change what it means.

        Behind an `exit` or `exec` that nothing makes conditional no shell reads on: installers carry archives there,
        and scripts of two languages the other one.
        """
        items = self.parsed.items
        if not self.waiting:
            self.safe = self.top.end, len(items), len(self.parsed.constructs), len(self.parsed.functions)
        last = items[link.item] if link.item == link.at - 1 else None
        if last is not None and not last.settings and (last.values[:1] == [EXIT] or _hands_over(last)):
            self.left_at = max(self.left_at, link.end)

    def _sides(self, chain: list[Link]) -> None:
        """What the links of a chain are to each other: of each its right side, its left one, and who catches it."""
        catches: Link | None = None  # the first pipeline behind a different operator than the next one
        for at in range(len(chain) - 1, -1, -1):
            link = chain[at]
            if at and link.at > link.item:
                left = chain[at - 1]
                negated = at == 1 and left.negated
                self._side(RIGHT[left.operator], link, (chain[0].first, left.end), negated)
            if link.operator and link.at > link.item:
                self._side(LEFT[link.operator], link, (chain[at + 1].first, chain[at + 1].end), chain[at + 1].negated)
            if at + 1 < len(chain) - 1 and chain[at + 1].operator != link.operator:
                catches = chain[at + 2]
            if catches is not None and link.operator and link.at > link.item:
                other = "||" if link.operator == "&&" else "&&"
                self._side(LEFT[other], link, (catches.first, catches.end), catches.negated)

    def _side(self, kind: FrameKind, link: Link, area: Place, negated: bool) -> None:  # noqa: FBT001  # of the area
        made = Construct(kind, link.item, link.at, (area,))
        made.negated = negated
        self.parsed.constructs.append(made)

    # --- parts of compound commands ---

    def part(self, step: str) -> None:
        """The next part of a compound command begins: its test, a branch, its body."""
        top = self.top
        top.step, top.part_item, top.part_first, top.lists, top.negated = step, len(self.parsed.items), -1, 0, False

    def tested(self) -> tuple[Place, bool]:
        """The place of the test that has just ended, and whether it is one pipeline behind `!`."""
        top = self.top
        return (max(top.part_first, 0), top.end), top.negated and top.lists == 1


def _hands_over(item: Item) -> bool:
    """Whether it is `exec` with a program, which takes the shell's place."""
    return item.values[:1] == [EXEC] and len(item.values) > 1
