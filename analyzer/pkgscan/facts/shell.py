"""Facts about commands, whoever runs them: cron lines, unit files, scripts."""

from typing import Literal

import msgspec

from pkgscan.model import Fact, Span
from pkgscan.values import Value

Certainty = Literal["must", "may"]
# Where a command stands in its list: after && or ||, in a pipe, in the branch of an if, in a loop, in a subshell ...
Context = Literal[
    "and", "or", "pipe", "if", "else", "loop", "case", "function", "subshell", "substitution", "background"
]


class Redirect(msgspec.Struct, frozen=True):
    """`>> /var/log/x`: the operator as written, and its target."""

    operator: str
    target: Value


class Command(Fact, frozen=True):
    """One simple command: its words as values, exactly where it is written.

    `span` is the command's words; `name_span` the command word alone. `reader` names the parser that saw it.
    """

    words: tuple[Value, ...]
    name_span: Span
    redirects: tuple[Redirect, ...] = ()
    context: tuple[Context, ...] = ()
    certainty: Certainty = "must"
    reader: str = ""
