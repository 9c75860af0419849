"""What must hold of everything that reads text: readers of entries, redaction, settings and acceptances."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import msgspec

from pkgscan.config import read_config, render_config
from pkgscan.errors import UserError
from pkgscan.model import Entry, Fact, Gap, Span
from pkgscan.processes.messages import decode_by, encode, facts_decoder
from pkgscan.readers.base import Source
from pkgscan.reading import EntryReader, Read
from pkgscan.registry import load
from pkgscan.safe import redact, redact_pair, redact_words, safe, shown
from pkgscan.suppressions import read_baseline, read_suppressions

# Where an entry of a kind lies, as far as its reader cares; elsewhere it lies in a folder of no meaning.
PLACES = {
    "maintainer-script": ("p!/control.tar.gz", "postinst"),
    "image-blob": ("p", "blobs/sha256/" + "a" * 64),
    "image-index": ("p", "index.json"),
    "image-list": ("p", "manifest.json"),
}
ENTRY_FACTS = 20_000  # of one fuzzed text, which is short


def kinds() -> tuple[str, ...]:
    """Every kind that a reader owns."""
    return tuple(kind.name for reader in load().readers for kind in reader.kinds)


@cache
def _reader() -> EntryReader:
    return EntryReader(load(), texts=True)


def check_reader(kind: str) -> Callable[[bytes], None]:
    """The claim about the reader of a kind: facts or gaps, each standing in the text, the same ones every time."""

    def check(data: bytes) -> None:
        entry = _entry(kind, data)
        readings = _readings(entry, data)
        assert len(readings) <= ENTRY_FACTS + data.count(b"\n") + 1
        lines = [len(line) for line in Source(entry, kind, data).text.split("\n")]
        for reading in readings:
            for span in spans(reading):
                _check_span(span, entry.path, lines)
        facts = [reading for reading in readings if isinstance(reading, Fact)]
        assert decode_by(facts_decoder(load()), encode(facts)) == facts, "what crosses processes comes out otherwise"
        if len(data) % 4 == 0:
            assert _readings(entry, data) == readings, "a second reading said something else"

    return check


def _entry(kind: str, data: bytes) -> Entry:
    archive, member = PLACES.get(kind, ("p", f"etc/cron.d/{kind}"))
    mode = 0o755 if len(data) % 2 else 0o644
    return Entry(f"{archive}!/{member}", 1, member.encode(), kind, size=len(data), mode=mode, archive=archive)


def _readings(entry: Entry, data: bytes) -> list[Read]:
    readings = list(_reader().read(entry, data))
    for reading in readings:
        if isinstance(reading, Gap) and reading.traceback:
            raise AssertionError(f"the reader of {entry.kind} failed:\n{reading.traceback}")
    return readings


def spans(value: Any) -> Iterator[Span]:
    """Every place in a reading, however deep in its fields."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, Span):
            yield one
        elif isinstance(one, msgspec.Struct):
            pending += [getattr(one, name) for name in one.__struct_fields__]
        elif isinstance(one, tuple | list):
            pending += one


def _check_span(span: Span, path: str, lines: list[int]) -> None:
    assert span.path == path
    if not span.first_line:
        assert (span.first_column, span.last_column) == (0, 0)
        return
    assert 1 <= span.first_line <= span.last_line <= len(lines), f"{span} lies outside of {len(lines)} lines"
    if span.first_column:
        assert 1 <= span.first_column <= lines[span.first_line - 1] + 1, f"{span} begins behind its line"
        assert 1 <= span.last_column <= lines[span.last_line - 1] + 1, f"{span} ends behind its line"
        assert (span.first_line, span.first_column) <= (span.last_line, span.last_column), (
            f"{span} ends before it begins"
        )


def check_safe(data: bytes) -> None:
    """Any text is shown printable, and redacting what was redacted changes nothing."""
    for text in (data.decode("utf-8", "surrogateescape"), data.decode("latin-1")):
        assert shown(text).isprintable()
        assert safe(safe(text)) == safe(text)
        once = redact(text)
        assert redact(once) == once
        assert all(isinstance(word, str) for word in redact_words(text.split(" ")[:200]))
        name, _, value = text.partition("=")
        assert isinstance(redact_pair(name, value), str)


def check_settings(data: bytes) -> None:
    """Settings are read, or complained of; what is read and written out again is the same."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("pkgscan.toml", "pyproject.toml"):
            path = os.path.join(folder, name)
            _write(path, data)
            try:
                config = read_config(path)
            except UserError:
                continue
            again = os.path.join(folder, "again.toml")
            _write(again, render_config(config).encode("utf-8", "surrogatepass"))
            assert read_config(again) == msgspec.structs.replace(config, source=again)


def check_acceptances(data: bytes) -> None:
    """Suppressions and baselines are read, or complained of."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "accepted")
        _write(path, data)
        for read in (read_suppressions, read_baseline):
            try:
                read(path)
            except UserError:
                continue


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
