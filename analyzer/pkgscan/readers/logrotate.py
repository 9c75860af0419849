"""logrotate's configuration, as far as to know which files it keeps small; by logrotate(8)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from pkgscan.facts.schedule import LogRotation
from pkgscan.model import Gap, Span
from pkgscan.patterns import pattern
from pkgscan.readers.base import Kind, Line, Reader, Reading, Source

# A file pattern: in quotes, or up to a blank or brace.
PATTERN = pattern(r'"([^"]*)"|\'([^\']*)\'|((?:\\.|[^\s{"\'\\])+)')
PATTERNS = 1000  # of one stanza; real ones have under twenty
SCRIPTS = frozenset(("postrotate", "prerotate", "firstaction", "lastaction", "preremove"))


class LogrotateReader(Reader):
    """Reads the stanzas of a logrotate file."""

    kinds = (
        Kind(
            name="logrotate", paths=("etc/logrotate.d/*",), names=("logrotate.conf",), suffixes=(".logrotate",)
        ),
    )  # fmt: skip
    facts = (LogRotation,)

    def read(self, source: Source) -> Iterator[Reading]:
        """One fact a stanza; a stanza that never ends is a gap."""
        heading: list[Line] = []
        inside: Line | None = None
        script = False
        for line in source.lines():
            text = line.text.strip()
            if inside is not None:
                script = text != "endscript" if script else text in SCRIPTS
                if not script and text.endswith("}"):
                    inside = None
            elif text and not text.startswith("#") and (heading or text[0] in "/\"'~{"):
                heading.append(line)
                if "{" in text:
                    yield from _stanza(heading)
                    inside, heading = (None if text.endswith("}") else line), []
        if inside is not None or heading:
            place = inside or heading[0]
            yield Gap(
                effect="partial", stage="read", reason="logrotate-syntax", detail="stanza does not end", span=place.span
            )


def _stanza(lines: list[Line]) -> Iterator[LogRotation]:
    heading = " ".join(line.text for line in lines).partition("{")[0]
    found = itertools.islice(PATTERN.finditer(heading), PATTERNS)
    patterns = tuple("".join(match.groups("")) for match in found)
    if patterns:
        first, last = lines[0].span, lines[-1].span
        span = Span(first.path, first.first_line, last.last_line, first.first_column, last.last_column)
        yield LogRotation(span=span, text=heading.strip(), patterns=patterns)
