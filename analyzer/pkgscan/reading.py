"""Has one entry read by the reader of its kind, and what is embedded in it by theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from pkgscan.facts.text import TextLine
from pkgscan.model import Entry, Fact, Gap, Span, Stage
from pkgscan.readers.base import EMBEDDING_DEPTH, Embedded, Reader, Reading, Segment, Source, Wants
from pkgscan.registry import Registry

Read: TypeAlias = "Fact | Gap | Wants"

# Facts of one entry; a generated file of a million lines must not fill the memory. What is left out is a Gap.
FACTS_PER_ENTRY = 200_000


class EntryReader:
    """All loaded readers behind one door. `texts`: make a `TextLine` of every line of every text, too."""

    def __init__(self, registry: Registry, *, texts: bool = False) -> None:
        self._readers = {kind.name: reader for reader in registry.readers for kind in reader.kinds}
        self._texts = texts

    def read(self, entry: Entry, content: bytes, *, truncated: bool = False) -> Iterator[Read]:
        """Everything read from an entry. What a reader raises is a Gap of our own fault and costs this entry only."""
        source = Source(entry, entry.kind, content, truncated=truncated)
        if self._texts:
            yield from (TextLine(span=line.span, text=line.text) for line in source.lines())
        reader = self._readers.get(entry.kind)
        if reader is not None:
            yield from self._guarded(reader, reader.read(source), entry)

    def look_again(self, asker: Entry, purpose: str, sources: tuple[Source, ...]) -> Iterator[Read]:
        """The second look of the reader that asked for it while it read the entry `asker`."""
        reader = self._readers[asker.kind]
        yield from self._guarded(reader, reader.look_again(purpose, sources), asker)

    def _guarded(self, reader: Reader, readings: Iterator[Reading], entry: Entry) -> Iterator[Read]:
        pending = [(reader, readings, 0)]
        count = 0
        while pending:
            reader, readings, depth = pending[-1]
            try:
                reading = next(readings, None)
            except Exception as error:  # noqa: BLE001  # whatever a reader raises costs this entry, and is said
                yield fault("read", f"{type(reader).__name__} failed: {type(error).__name__}", Span(entry.path))
                pending.pop()
                continue
            if reading is None:
                pending.pop()
            elif isinstance(reading, Embedded):
                inner = self._embedded(reading, entry, depth)
                if isinstance(inner, Gap):
                    yield inner
                else:
                    pending.append((*inner, depth + 1))
            else:
                count += 1
                if count > FACTS_PER_ENTRY:
                    detail = f"over {FACTS_PER_ENTRY} facts; the rest of the entry was not read"
                    yield Gap(effect="unread", stage="read", reason="limit-facts", detail=detail, span=Span(entry.path))
                    return
                yield reading

    def _embedded(self, found: Embedded, entry: Entry, depth: int) -> tuple[Reader, Iterator[Reading]] | Gap:
        place = _first_place(entry, found.segments)
        if depth >= EMBEDDING_DEPTH:
            detail = f"{found.kind} nested over {EMBEDDING_DEPTH} languages deep"
            return Gap(effect="partial", stage="read", reason="embedding-depth", detail=detail, span=place)
        reader = self._readers.get(found.kind)
        if reader is None:
            detail = f"no reader for embedded {found.kind}"
            return Gap(effect="partial", stage="read", reason="no-reader", detail=detail, span=place)
        source = Source(entry, found.kind, found.text.encode("utf-8", "surrogatepass"), segments=found.segments)
        return reader, reader.read(source)


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
