"""What must hold of everything a child may send: a FrameError or a value, and nothing else."""

from __future__ import annotations

from pkgscan.model import Entry, Gap
from pkgscan.processes import messages as say
from pkgscan.readers.base import Wants
from pkgscan.registry import load
from pkgscan.sandbox.frames import Frame, FrameBuffer, FrameError

KINDS = say.FROM_DECODER | say.FROM_ANALYSER | say.FROM_SCANNER
PIECES = 200  # at most, that a stream is cut into
_TYPES = (
    list[Entry], list[Gap], Entry, Wants, tuple[int, str], tuple[int, int], say.Piece, say.WalkOrder, say.FetchOrder,
    say.LookOrder,
)  # fmt: skip


def check_frames(data: bytes) -> None:
    """However a stream is cut up, its frames are the same, and so is the complaint."""
    step = max(1 + data[0] % 13, len(data) // PIECES) if data else 1
    whole, pieces = _frames(data, len(data) or 1), _frames(data, step)
    assert whole == pieces


def _frames(data: bytes, step: int) -> tuple[list[Frame], str, bool]:
    buffer = FrameBuffer(KINDS)
    found: list[Frame] = []
    try:
        for at in range(0, len(data), step):
            found += buffer.feed(data[at : at + step])
    except FrameError as error:
        return found, str(error), False
    finally:
        buffer.close()
    return found, "", buffer.cut


def check_messages(data: bytes) -> None:
    """Every payload is decoded, or refused; what was decoded can be said again."""
    for kind in _TYPES:
        try:
            value = say.decode(kind, data)
        except FrameError:
            continue
        assert say.decode(kind, say.encode(value)) == value
    for read in (say.unpack_entry, say.unpack_totals, say.unpack_entries, say.array_length, _facts):
        try:
            read(data)  # type: ignore[operator]  # each takes bytes
        except FrameError:
            continue
    _check_content(data)


def _facts(data: bytes) -> None:
    say.decode_by(say.facts_decoder(load()), data)


def _check_content(data: bytes) -> None:
    try:
        say.unpack_entry(data)
    except FrameError:
        return
    entry, content, truncated, cuts = say.unpack_content(data)
    assert data.endswith(content)
    assert say.unpack_content(say.pack_content(entry, content, truncated=truncated, cuts=cuts)) == (
        entry,
        content,
        truncated,
        cuts,
    )
