"""Perl scripts: what they hand to system, exec, qx and backticks as a written-out string or list.

Perl is not parsed, only these calls are looked for, outside of comments and documentation; so what is found may be text
that is never run, and is said with that certainty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pkgscan.facts.shell import Area, Command, Frame
from pkgscan.patterns import pattern
from pkgscan.readers.base import Embedded, Kind, Line, Reader, Reading, Segment, Source
from pkgscan.values import Literal, Unknown, Value

LINE_LIMIT = 4096  # characters; a longer line is data
CALL = pattern(r"(?<![\w$@%&>:])(system|exec|qx|readpipe)[ \t]*+\(?[ \t]*+(?=[\"'q{/|(!])|`")
STRING = pattern(r"\"((?:[^\"\\]++|\\.)*+)\"|'((?:[^'\\]++|\\.)*+)'")
LIST = pattern(r"qw[ \t]*+[({\[/]([^)}\]/]*+)")
QUOTED = pattern(r"[ \t]*+(?:\{([^}]*+)\}|\(([^)]*+)\)|/([^/]*+)/|\|([^|]*+)\||!([^!]*+)!)")
BACKTICKED = pattern(r"`([^`]++)`")
COMMA = pattern(r"[ \t]*+(?:,|=>)[ \t]*+")
VARIABLE = pattern(r"[$@%][\w:{}\[\]>-]++")
DOCUMENTED = pattern(r"=[a-z]")
ENDS = ("__END__", "__DATA__")


class PerlReader(Reader):
    """Reads the commands that a Perl script hands to a shell or starts, line by line."""

    kinds = (Kind(name="perl-script", interpreters=("perl", "perl5")),)
    facts = (Command,)

    def read(self, source: Source) -> Iterator[Reading]:
        """Commands and lines for the shell, in order."""
        documented = False
        for line in source.lines():
            if line.text.strip() in ENDS:
                return
            if DOCUMENTED.match(line.text):
                documented = not line.text.startswith("=cut")
            elif not documented and len(line.text) <= LINE_LIMIT and not line.text.lstrip().startswith("#"):
                yield from _calls(source, line)


def _calls(source: Source, line: Line) -> Iterator[Reading]:
    at = 0
    while match := CALL.search(line.text, at):
        found = BACKTICKED.match(line.text, match.start()) if match[0] == "`" else None
        quoted = QUOTED.match(line.text, line.text.find("qx", match.start()) + 2) if match[1] == "qx" else None
        at = match.end()
        if found is not None:
            yield _line(source, line, found, 1)
            at = found.end()
        elif quoted is not None and quoted.lastindex:
            yield _line(source, line, quoted, quoted.lastindex)
            at = quoted.end()
        elif match[1] in ("system", "exec", "readpipe"):
            yield from _arguments(source, line, match.end())


def _arguments(source: Source, line: Line, at: int) -> Iterator[Reading]:
    """One string is a line for the shell, several words are a command."""
    listed = LIST.match(line.text, at)
    if listed is not None:
        words = [
            (Literal(word[0]), listed.start(1) + word.start(), listed.start(1) + word.end())
            for word in re.finditer(r"\S+", listed[1])
        ]
        if words:
            yield _command(source, line, words)
        return
    strings: list[re.Match[str]] = []
    while match := STRING.match(line.text, at):
        strings.append(match)
        comma = COMMA.match(line.text, match.end())
        if comma is None:
            break
        at = comma.end()
    if len(strings) == 1 and COMMA.match(line.text, strings[0].end()) is None:
        yield _line(source, line, strings[0], strings[0].lastindex or 1)
    elif strings:
        yield _command(source, line, [(_value(one), one.start(), one.end()) for one in strings])


def _value(match: re.Match[str]) -> Value:
    text = match[1] if match[2] is None else match[2]
    return Unknown("computed at run time") if match[2] is None and VARIABLE.search(text) else Literal(text)


def _command(source: Source, line: Line, words: Sequence[tuple[Value, int, int]]) -> Command:
    first, end = words[0][1], words[-1][2]
    return Command(
        span=source.span(line.offset + first, line.offset + end - 1),
        text=line.text[first:end],
        words=tuple(word for word, _, _ in words),
        name_span=source.span(line.offset + first, line.offset + words[0][2] - 1),
        certainty="may",
        reader="perl",
    )


def _line(source: Source, line: Line, match: re.Match[str], group: int) -> Embedded:
    """A line for the shell; Perl's variables look like the shell's."""
    place = source.segment(line.offset + match.start(group))
    area = Area(place.line, place.column, place.line, place.column + max(0, len(match[group]) - 1))
    return Embedded("shell", match[group], (Segment(0, place.line, place.column),), (Frame("string", "", (area,)),))
