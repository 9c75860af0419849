"""Reads beat files: `every 30s /opt/app/run` a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from acme_beat.facts import Beat
from pkgscan.model import Gap
from pkgscan.readers.base import Kind, Reader, Reading, Source

_LINE = re.compile(r"every (\d{1,9})s (\S.*)")


class BeatReader(Reader):
    """Beat files."""

    kinds = (Kind(name="acme-beat", suffixes=(".beat",)),)
    facts = (Beat,)

    def read(self, source: Source) -> Iterator[Reading]:
        """A fact for each line, a gap for each that is none."""
        for line in source.lines():
            match = _LINE.fullmatch(line.text)
            if match:
                yield Beat(span=line.span, text=line.text, seconds=int(match[1]), command=match[2])
            elif line.text.strip():
                detail = f"{line.text!r} is no beat"
                yield Gap(effect="partial", stage="read", reason="acme-beat-line", detail=detail, span=line.span)
