"""Facts about commands, whoever runs them: cron lines, unit files, scripts.

A reader of shell states `ShellScript` once for a text; `Command`, `Assignment` and `FunctionDefinition` follow in the
order in which they are written. `source` and `set` are ordinary commands. Each tells by its frames where it stands, the
outermost first, those of the text it is embedded in before its own.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from pkgscan.model import Fact, Span
from pkgscan.values import Value

Certainty = Literal["must", "may"]
Dialect = Literal["sh", "bash", "dash", "ksh"]
FrameKind = Literal[
    "if",  # behind `then`: the test of `areas` succeeded
    "elif",  # the same behind an `elif`; a frame `else` with the tests before it stands around it
    "else",  # behind `else`, or in an `elif`: every test of `areas` failed
    "test",  # in the test of an if, a while or an until: `set -e` does not act here
    "and",  # on the right of `&&`; `areas` is what is on its left
    "or",  # on the right of `||`; `areas` is what is on its left
    "and-left",  # on the left of `&&`; `areas` is the pipeline on its right
    "or-left",  # on the left of `||`, where a failure does not count; `areas` is the pipeline on its right
    "for",  # `name` is the variable, `words` are its list
    "select",  # the same
    "while",  # `areas` is the test
    "until",  # `areas` is the test
    "case",  # `words` are the subject and then the patterns of this arm
    "pipe",  # a pipeline of `count` commands, this one at `position` (from 0); `areas` is all of it
    "not",  # behind `!`
    "function",  # the body of `name`; `areas` is the body
    "group",  # in braces that have redirects of their own
    "subshell",
    "substitution",  # in $( ), ` `, <( ) or >( ), which `name` tells; `areas` is the command it stands in, if any
    "background",  # ends in `&`, or behind `coproc`
    "string",  # a text handed to a shell by the command of `areas`: `sh -c`, `su -c`, `ssh host`, `eval`
    "trap",  # the same, run when one of the signals in `words` comes
    "here-doc",  # a here-doc that the command of `areas` runs or writes to a file; `name` is that file, if known
]
FRAMES = 32  # of one command, the innermost; real scripts nest 12 deep at most, and each command carries its own
FRAME_WORDS = 64  # of a list of `for` or the patterns of a case; the whole list of `for` is an `Assignment`
FRAME_AREAS = 16  # tests before an `else`, the last ones


class Area(msgspec.Struct, frozen=True, order=True, gc=False, array_like=True):
    """A place in the entry of the fact that holds it. Lines and columns count from 1, `last_column` is inclusive."""

    first_line: int
    first_column: int
    last_line: int
    last_column: int

    def holds(self, span: Span) -> bool:
        """Whether a place of the same entry lies in here, to the column."""
        begins = (self.first_line, self.first_column) <= (span.first_line, span.first_column)
        return begins and (span.last_line, span.last_column) <= (self.last_line, self.last_column)

    def span(self, path: str) -> Span:
        """The place in an entry."""
        return Span(path, self.first_line, self.last_line, self.first_column, self.last_column)


class Frame(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One construct that a command stands in: what decides whether and how often it runs. `kind` says what is in it.

    `areas` are where the commands stand that decide, so that a guard can be matched to what it guards; `negated` says
    that all there is in the (one) area is a pipeline behind `!`.
    """

    kind: FrameKind
    name: str = ""
    areas: tuple[Area, ...] = ()
    negated: bool = False
    words: tuple[Value, ...] = ()
    position: int = 0
    count: int = 0


class Redirect(msgspec.Struct, frozen=True, gc=False):
    """`>> /var/log/x`: the operator as written, with the descriptor before it, and its target.

    Of a here-doc the target is its delimiter, `body` where its text stands (None if it is empty), and `expands`
    whether variables in it are filled in. Of a here-string (`<<<`) the target is the text.
    """

    operator: str
    target: Value
    body: Area | None = None
    expands: bool = False


class Command(Fact, frozen=True, gc=False):
    """One simple command: its words as values, exactly where it is written.

    `span` is the command's words; `name_span` the command word alone. `word_places` are the line and column of each
    word where they stand on several lines, else empty. `environment` are the assignments before it.
    `context` is where it stands, the outermost frame first; redirects of groups around it are among its own, behind
    them. `certainty` is `may` where its text may be no shell, or where two readers read it differently. `reader` names
    the parser that saw it.
    """

    words: tuple[Value, ...]
    name_span: Span
    redirects: tuple[Redirect, ...] = ()
    environment: tuple[tuple[str, Value], ...] = ()
    context: tuple[Frame, ...] = ()
    certainty: Certainty = "must"
    reader: str = ""
    word_places: tuple[tuple[int, int], ...] = ()

    def stands_in(self, *kinds: FrameKind) -> bool:
        """Whether any frame around it is of one of these kinds."""
        return any(frame.kind in kinds for frame in self.context)


class Assignment(Fact, frozen=True, gc=False):
    """A variable of a script gets a value; `span` is `NAME=value`, or the name alone where there is no value.

    `values`: one; of a `for` or `select` one for each word of its list, of an array one for each element. `by` is the
    word that does it: `export`, `readonly`, `local`, `declare`, `typeset`, `for`, `select`, `read`; `:=` for a default
    in an expansion; empty for a mere assignment. `appends` is `+=`; `key` is what stands in `NAME[key]=`.
    """

    name: str
    values: tuple[Value, ...] = ()
    by: str = ""
    appends: bool = False
    is_array: bool = False
    key: str = ""
    context: tuple[Frame, ...] = ()


class FunctionDefinition(Fact, frozen=True, gc=False):
    """A function of a script; `span` is its name where it is defined, `body` where what it runs stands."""

    name: str
    body: Area
    context: tuple[Frame, ...] = ()


class ShellScript(Fact, frozen=True):
    """A text that was read as shell: a file, `span` is the entry, or a text embedded in one, `span` is where.

    `options` are those of its #! line: `e`, `u`, `pipefail`. `reader` is the parser whose reading counts; `whole`: it
    read all of it, else a gap says what it did not. `is_embedded`: it is a here-doc or a string in another text.
    `is_guess`: nothing but its content says that it is shell.
    """

    interpreter: str  # as its #! line names it, or what runs it; empty where nothing says it
    dialect: Dialect = "sh"
    options: tuple[str, ...] = ()
    reader: str = ""
    whole: bool = True
    is_embedded: bool = False
    is_guess: bool = False
