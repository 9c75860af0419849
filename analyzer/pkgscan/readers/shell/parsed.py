"""What a parser makes of a text: simple commands in the order they are written, and the constructs around them.

Both parsers make the same. Places are offsets into the text, an end is the one behind the last character. A
construct is a run of items; it closes before those around it, so that of two over the same items the later one is the
outer.
"""

from __future__ import annotations

from collections.abc import Sequence

from pkgscan.facts.shell import FrameKind
from pkgscan.values import Value

Place = tuple[int, int]


class Redirected:
    """A redirect; `body` is the text of a here-doc."""

    __slots__ = ("body", "expands", "operator", "target")

    def __init__(self, operator: str, target: Value) -> None:
        self.operator = operator
        self.target = target
        self.body: Place | None = None
        self.expands = False


class Setting:
    """An assignment: its place, and what it sets; of an array each element."""

    __slots__ = ("appends", "array", "by", "end", "first", "key", "name", "values")

    def __init__(self, first: int, end: int, name: str, values: tuple[Value, ...], by: str = "") -> None:
        self.first = first
        self.end = end
        self.name = name
        self.values = values
        self.by = by
        self.appends = False
        self.array = False
        self.key = ""


class Item:
    """A simple command, with the assignments before it; or assignments alone, which have no words."""

    __slots__ = ("ends", "firsts", "redirects", "settings", "values")

    def __init__(self) -> None:
        self.firsts: list[int] = []
        self.ends: list[int] = []
        self.values: list[Value] = []
        self.redirects: list[Redirected] = []
        self.settings: list[Setting] = []

    def move(self, places: Sequence[int]) -> None:
        """Stand where the characters of its text stand in another."""
        spans = [_moved(place, places) for place in zip(self.firsts, self.ends, strict=True)]
        self.firsts, self.ends = [first for first, _ in spans], [end for _, end in spans]
        for redirected in self.redirects:
            redirected.body = redirected.body and _moved(redirected.body, places)
        for setting in self.settings:
            setting.first, setting.end = _moved((setting.first, setting.end), places)

    @property
    def first(self) -> int:
        """The offset of its first word, or of its first assignment; 0 for a mere redirect."""
        if self.settings:
            return self.settings[0].first
        return self.firsts[0] if self.firsts else 0


class Construct:
    """A run of items, from `first` to the one before `end`, that stand in something; see `Frame`.

    `areas` are where the commands stand that decide; None stands for the command of item `inside`.
    """

    __slots__ = (
        "areas",
        "count",
        "end",
        "first",
        "inside",
        "kind",
        "name",
        "negated",
        "position",
        "redirects",
        "words",
    )

    def __init__(self, kind: FrameKind, first: int, end: int, areas: tuple[Place, ...] = (), name: str = "") -> None:
        self.kind = kind
        self.first = first
        self.end = end
        self.areas = areas
        self.name = name
        self.negated = False
        self.words: tuple[Value, ...] = ()
        self.position = 0
        self.count = 0
        self.inside: Item | None = None
        self.redirects: list[Redirected] = []


class Function:
    """A definition: its name and where that stands, where its body does, and how many items come before it."""

    __slots__ = ("before", "body", "end", "first", "name")

    def __init__(self, name: str, first: int, end: int, before: int) -> None:
        self.name = name
        self.first = first
        self.end = end
        self.before = before
        self.body: Place = (end, end)


class Parsed:
    """A text's items, constructs and functions, and where it was not read."""

    __slots__ = ("constructs", "functions", "items", "reader", "unread")

    def __init__(self, reader: str) -> None:
        self.reader = reader
        self.items: list[Item] = []
        self.constructs: list[Construct] = []
        self.functions: list[Function] = []
        self.unread: list[Place] = []

    def take_in(self, inner: Parsed, places: Sequence[int]) -> None:
        """Add what was parsed of a piece of the text, of which `places` says where each character stands."""
        before = len(self.items)
        for item in inner.items:
            item.move(places)
        for made in inner.constructs:
            made.first, made.end = made.first + before, made.end + before
            made.areas = tuple(_moved(area, places) for area in made.areas)
        for function in inner.functions:
            function.before += before
            function.first, function.end = _moved((function.first, function.end), places)
            function.body = _moved(function.body, places)
        self.items += inner.items
        self.constructs += inner.constructs
        self.functions += inner.functions


def _moved(place: Place, places: Sequence[int]) -> Place:
    return places[place[0]], places[place[1] - 1] + 1 if place[1] else places[0]


class RefusedError(ValueError):
    """Why a text is not read, and at which offset; and what was read before, up to `safe_at` beyond doubt."""

    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.at = at
        self.safe_at = 0  # behind the last list that nothing stands around
        self.before = Parsed("strict")  # all up to there
        self.after: list[Item] = []  # what else was read
