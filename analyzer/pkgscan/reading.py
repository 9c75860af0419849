"""Has one entry read by the reader of its kind, and what is embedded in it by theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeAlias

import msgspec

from pkgscan.facts.text import TextLine
from pkgscan.model import Entry, Fact, Gap, Span, Stage
from pkgscan.readers.base import EMBEDDING_DEPTH, Cut, Embedded, Reading, Segment, Source, Wants
from pkgscan.registry import Registry

Read: TypeAlias = "Fact | Gap | Wants"
Start: TypeAlias = "Callable[[], Iterable[Reading]]"

# Facts of one entry; a generated file of a million lines must not fill the memory. What is left out is a Gap.
FACTS_PER_ENTRY = 200_000


class EntryReader:
    """All loaded readers behind one door. `texts`: make a `TextLine` of every line of every text, too."""

    def __init__(self, registry: Registry, *, texts: bool = False) -> None:
        self._readers = {kind.name: reader for reader in registry.readers for kind in reader.kinds}
        self._texts = texts

    def read(
        self, entry: Entry, content: bytes, *, truncated: bool = False, cuts: tuple[Cut, ...] = ()
    ) -> Iterator[Read]:
        """Everything read from an entry. What a reader raises is a Gap of our own fault and costs this entry only."""
        source = Source(entry, entry.kind, content, truncated=truncated, cuts=cuts)
        if self._texts:
            yield from (TextLine(span=line.span, text=line.text) for line in source.lines())
        reader = self._readers.get(entry.kind)
        if reader is not None:
            yield from self._guarded(entry.kind, partial(reader.read, source), entry)

    def look_again(self, asker: Entry, purpose: str, sources: tuple[Source, ...]) -> Iterator[Read]:
        """The second look of the reader of the asker's kind."""
        reader = self._readers[asker.kind]
        yield from self._guarded(asker.kind, partial(reader.look_again, purpose, sources), asker)

    def _guarded(self, kind: str, start: Start, entry: Entry) -> Iterator[Read]:
        """Readings of a reader, and of those of what it finds embedded, each where it stands."""
        count = 0
        running = [_Running(kind, start)]
        while running:
            try:
                reading = running[-1].next()
            except Exception as error:  # noqa: BLE001  # whatever a reader raises costs this entry, and is said
                name = type(self._readers[running.pop().kind]).__name__
                yield fault("read", f"{name} failed: {type(error).__name__}", Span(entry.path))
                continue
            if reading is None:
                running.pop()
            elif isinstance(reading, Embedded):
                inner = self._embedded(reading, entry, len(running))
                if isinstance(inner, Gap):
                    yield inner
                else:
                    running.append(inner)
            else:
                count += 1
                if count > FACTS_PER_ENTRY:
                    detail = f"over {FACTS_PER_ENTRY} facts; the rest of the entry was not read"
                    yield Gap(effect="unread", stage="read", reason="limit-facts", detail=detail, span=Span(entry.path))
                    return
                yield msgspec.structs.replace(reading, kind=running[-1].kind) if isinstance(reading, Wants) else reading

    def _embedded(self, found: Embedded, entry: Entry, depth: int) -> _Running | Gap:
        place = _first_place(entry, found.segments)
        if depth > EMBEDDING_DEPTH:
            detail = f"{found.kind} nested over {EMBEDDING_DEPTH} languages deep"
            return Gap(effect="unread", stage="read", reason="embedding-depth", detail=detail, span=place)
        reader = self._readers.get(found.kind)
        if reader is None:
            detail = f"no reader for embedded {found.kind}"
            return Gap(effect="partial", stage="read", reason="no-reader", detail=detail, span=place)
        content = found.text.encode("utf-8", "surrogatepass")
        source = Source(entry, found.kind, content, segments=found.segments, within=found.within, becomes=found.becomes)
        return _Running(found.kind, partial(reader.read, source))


class _Running:
    """A reader at work; it is started by the first reading asked for, so that what it raises is caught in one place."""

    def __init__(self, kind: str, start: Start) -> None:
        self.kind = kind
        self._start = start
        self._readings: Iterator[Reading] | None = None

    def next(self) -> Reading | None:
        if self._readings is None:
            self._readings = iter(self._start())
        return next(self._readings, None)


def fault(stage: Stage, detail: str, span: Span | None) -> Gap:
    """A gap of our own fault, with the traceback of the exception at hand; its reason is `read-error` and so on."""
    import traceback  # noqa: PLC0415  # only when something broke

    return Gap(
        effect="unread",
        stage=stage,
        reason=f"{stage}-error",
        detail=detail,
        span=span,
        traceback=traceback.format_exc(),
    )


def _first_place(entry: Entry, segments: tuple[Segment, ...]) -> Span:
    if not segments:
        return Span(entry.path)
    return Span(entry.path, segments[0].line, segments[0].line, segments[0].column, segments[0].column)
