"""What a reader is, what it is given, and what it may yield."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import ClassVar, TypeAlias

import msgspec

from pkgscan.errors import UserError
from pkgscan.facts.shell import Frame
from pkgscan.model import Entry, Fact, Gap, Span

# Deeper nesting of languages (SQL in a here-doc in a `sh -c` in a cron line ...) is a Gap.
EMBEDDING_DEPTH = 4
_LITERAL = frozenset("?[")  # wildcards elsewhere, so whoever writes one means more than the character
_MEND_KIND = "report it to the makers of its reader, or uninstall it"


class Cut(msgspec.Struct, frozen=True, array_like=True):
    """Something was left out of a content: what follows stands at `line` and `column`, counted from 1.

    `why` is what is to be said of it, if anything. `offset` is where in what was kept, in bytes; set by the walk.
    """

    line: int
    column: int
    why: str = ""
    offset: int = 0


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of entry a reader owns, and by what it is known; the first that matches wins, in the order of the fields.

    `paths`: globs over the end of the member's path, whole components (`etc/cron.d/*`); `*` stops at a slash and is the
    only wildcard. `names`: whole file names. `suffixes`: ends of the file name, with their dot, in either case; the
    longest wins. `interpreters`: the program of a #! line, `env` looked through. `magic`: the first bytes. A kind with
    none of these is reached only from `Embedded`.
    A program or #! script is not of a kind by its name or suffix, unless the kind goes `by_name_alone`: what runs such
    files looks at nothing else, or takes the #! line for a comment.
    `heads` narrows the paths, names and suffixes: what begins in none of these ways is not of the kind, so that an
    archive at such a place is an archive alone, and other content is what it is by itself.
    `condense` leaves out of a long content what its reader does not need, while it streams by: it is given the member's
    path and the blocks, and yields what is kept, and a `Cut` before what stands behind something left out.
    `line_by_line`: each line is a command; how much of them is read in one package is limited (`--limit commands=N`).
    `companion_suffixes` are further ones for files that the user names beside the package.
    `executable_text`: a text with an execute bit, a name without a suffix and no #! line is of this kind, where it is
    of no other.
    What could never match is a UserError.
    """

    name: str
    paths: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    magic: tuple[bytes, ...] = ()
    by_name_alone: bool = False
    heads: tuple[bytes, ...] = ()
    line_by_line: bool = False
    companion_suffixes: tuple[str, ...] = ()
    executable_text: bool = False
    condense: Callable[[str, Iterator[bytes]], Iterator[bytes | Cut]] | None = None

    def __post_init__(self) -> None:
        dead = [
            *(glob for glob in self.paths if not all(glob.split("/")) or not _LITERAL.isdisjoint(glob)),
            *(name for name in (*self.names, *self.interpreters) if not name or "/" in name),
            *(suffix for suffix in self.suffixes if not suffix.startswith(".") or "/" in suffix),
            *(magic for magic in (*self.magic, *self.heads) if not magic),
        ]
        if dead:
            raise UserError(f"the kind {self.name} is known by {dead[0]!r}, which matches nothing", _MEND_KIND)


class Segment(msgspec.Struct, frozen=True):
    """From `offset` (characters into an embedded text) on, text stands at `line` and `column` of the outer entry.

    Text that `is_made` is not written there: it says in another language what is, and all of it has that one place.
    """

    offset: int
    line: int
    column: int
    is_made: bool = False


class Embedded(msgspec.Struct, frozen=True):
    """Another language found inside; the engine has it read by the reader of `kind`.

    `segments` map the text back to the entry and are sorted by offset; every line of the text starts one. `within` are
    the frames that its commands stand in, where it is run and not merely written. No segments: the text is that of the
    entry, whole. `becomes` is the file that it is written to, if it is.
    """

    kind: str
    text: str
    segments: tuple[Segment, ...]
    within: tuple[Frame, ...] = ()
    becomes: str = ""


THE_PACKAGE = ""  # among the entries of a wish: the package itself, whatever it is called


class Wants(msgspec.Struct, frozen=True):
    """After the walk, hand the whole content of these entries to this reader's `look_again`, in this order.

    For what cannot be judged in passing, such as a signature over another member. `ring`: kinds of which every entry
    is handed in behind those, with its content in `data`, such as the keys a signature may have been made with; first
    the user's own. `optional`: all but the first may be missing, and the asker says what follows from that.
    `digests`: nothing is handed in; instead the digests of all these entries by algorithms of hashlib beside SHA-256,
    which every entry has, are stated as `EntryDigests`.
    """

    entries: tuple[str, ...]
    purpose: str
    kind: str = ""  # of the reader that asked; set for it
    ring: tuple[str, ...] = ()
    optional: bool = False
    digests: tuple[str, ...] = ()


Reading: TypeAlias = "Fact | Gap | Embedded | Wants"


class Line(msgspec.Struct, frozen=True):
    """One line of a source, without its line end. `offset` counts characters from the start of the source."""

    number: int
    text: str
    span: Span
    offset: int
    terminated: bool  # ended by a newline


class Source:
    """What a reader is given: one entry's content, or a text embedded in one.

    `data` holds at most the analysis buffer; `truncated` says that there was more, and is already reported as a Gap.
    `within` are the frames that commands in an embedded text stand in, `becomes` the file it is written to.
    In a second look the content may be larger than any buffer: `data` is empty then, `blocks` gives it in pieces
    and `whole` at once, for whoever has looked at the size.
    """

    def __init__(  # noqa: PLR0913  # each is one thing a reader may need
        self,
        entry: Entry,
        kind: str,
        data: bytes = b"",
        *,
        truncated: bool = False,
        segments: tuple[Segment, ...] = (),
        within: tuple[Frame, ...] = (),
        becomes: str = "",
        blocks: Callable[[], Iterator[bytes]] | None = None,
        whole: Callable[[], bytes] | None = None,
        cuts: tuple[Cut, ...] = (),
    ) -> None:
        self.entry = entry
        self.kind = kind
        self.data = data
        self.truncated = truncated
        self.blocks = blocks or (lambda: iter((data,)))
        self.within = within
        self.becomes = becomes
        self.whole = whole or (lambda: b"".join(self.blocks()))
        self._segments = segments
        self._offsets = [segment.offset for segment in segments]
        self._cuts = cuts
        self._line_starts = [0]
        self._known = 0  # up to where the text was searched for line ends

    @property
    def path(self) -> str:
        """The path of the outermost entry."""
        return self.entry.path

    @cached_property
    def text(self) -> str:
        """The content as text: UTF-8 without its mark, or Latin-1 where it is not UTF-8."""
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.data.decode("latin-1")

    def lines(self) -> Iterator[Line]:
        """The lines, split at newline alone; a carriage return before it stays in the text."""
        text, offset, number = self.text, 0, 0
        while offset < len(text):  # one at a time: whoever stops early has not paid for a million lines
            number += 1
            end = text.find("\n", offset)
            piece = text[offset:] if end < 0 else text[offset:end]
            span = self.span(offset, max(offset, offset + len(piece) - 1))
            yield Line(number, piece, span, offset, end >= 0)
            offset += len(piece) + 1

    def span(self, first: int, last: int) -> Span:
        """The place of the characters `first` to `last` (inclusive, counted from 0) in the outermost entry."""
        first_line, first_column = self.place(first)
        last_line, last_column = self.place(last)
        return Span(self.path, first_line, last_line, first_column, last_column)

    @property
    def member(self) -> str:
        """What the text is a file of: the path in its archive, or the file that a script writes it to."""
        return self.becomes or self.entry.member

    @property
    def is_embedded(self) -> bool:
        """Whether it stands in a text of another kind."""
        return bool(self._segments)

    def segment(self, offset: int) -> Segment:
        """A segment for text that starts at `offset`, to build the map of an `Embedded` with."""
        line, column = self.place(offset)
        return Segment(0, line, column)

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column in the outermost entry of a character, counted from 0."""
        if self._segments:
            segment = self._segments[max(0, bisect_right(self._offsets, offset) - 1)]
            return segment.line, segment.column + (0 if segment.is_made else offset - segment.offset)
        row, column = self._row(offset)
        at = bisect_right(self._cut_offsets, offset) - 1
        if at < 0:
            return row + 1, column
        cut = self._cuts[at]
        cut_row, _ = self._row(self._cut_offsets[at])
        on_its_line = cut.column + offset - self._cut_offsets[at]
        return cut.line + row - cut_row, on_its_line if row == cut_row else column

    @cached_property
    def _cut_offsets(self) -> list[int]:
        """Where the cuts are, in characters."""
        found, at, before = [], 0, 0
        is_utf8 = len(self.text) != len(self.data)
        for cut in self._cuts:
            piece = self.data[before : cut.offset]
            at += len(piece.decode("utf-8-sig" if not before else "utf-8", "replace")) if is_utf8 else len(piece)
            before = cut.offset
            found.append(at)
        return found

    def _row(self, offset: int) -> tuple[int, int]:
        """(line from 0, column from 1) of a character of the text itself."""
        starts, text = self._line_starts, self.text
        while self._known <= offset:  # line starts are looked for no further than somebody asks
            found = text.find("\n", self._known)
            self._known = len(text) + 1 if found < 0 else found + 1
            if found >= 0:
                starts.append(found + 1)
            elif offset > len(text):
                break
        row = bisect_right(starts, offset) - 1
        return row, offset - starts[row] + 1


def interpreter(head: bytes) -> str:
    """The program a #! line names, `env` and its options looked through, version digits kept."""
    words = head[2:].split(b"\n", 1)[0].decode("latin-1").split()
    names = [word.rpartition("/")[2] for word in words]
    if names and names[0] == "env":
        names = [name for name in names[1:] if not name.startswith("-") and "=" not in name]
    return names[0] if names else ""


def unread_commands(whose: str, path: str) -> Gap:
    """The gap of an entry that holds commands which no reader reads: it was seen, and what it does was not."""
    detail = f"the commands of {whose} are not read"
    return Gap(effect="partial", stage="read", reason="no-reader", detail=detail, span=Span(path))


class Reader:
    """Reads entries of its kinds into facts. One instance serves a whole scan and keeps nothing between entries.

    `facts` lists every fact type it may yield, so that the other processes can decode them. Those of a reader that
    `compares` are made of every input; any other reads the package alone.
    What cannot be read is a `Gap` with its place and reason, never a silent skip and never a crash. Anything it raises
    costs this entry only, as a Gap of our own fault.
    """

    kinds: ClassVar[tuple[Kind, ...]] = ()
    facts: ClassVar[tuple[type[Fact], ...]] = ()
    compares: ClassVar[bool] = False

    def read(self, source: Source) -> Iterator[Reading]:
        """The facts of one source, in the order they are written."""
        raise NotImplementedError

    def look_again(self, purpose: str, sources: tuple[Source, ...]) -> Iterator[Reading]:
        """The facts of entries it asked for with `Wants`; entries that no longer fit are already reported as Gaps."""
        raise NotImplementedError(purpose, sources)
