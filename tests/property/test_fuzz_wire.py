"""Whatever a child sends is a value or a FrameError; whatever a report holds, it is rendered soundly."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import run_claims, seeds, wire_claims
from pkgscan.sandbox.wire import MAX_FRAME, encode

ANY = st.binary(max_size=300)
FRAMES = st.lists(st.tuples(st.sampled_from(sorted(wire_claims.KINDS)), st.binary(max_size=50)), max_size=6).map(
    lambda frames: b"".join(b"".join(encode(kind, payload, 0)) for kind, payload in frames)
)
PAYLOADS = list(seeds.payloads().values())


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """What a child says, with a byte changed or the end cut off."""
    data = bytearray(draw(st.sampled_from(PAYLOADS)))
    at = draw(st.integers(0, len(data) - 1))
    data[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(data)


@given(ANY | FRAMES | st.tuples(FRAMES, ANY).map(b"".join))
@settings(deadline=None)
def test_frames(data: bytes) -> None:
    wire_claims.check_frames(data)


@given(ANY | changed())
@settings(deadline=None)
def test_messages(data: bytes) -> None:
    wire_claims.check_messages(data)


@given(st.lists(st.text(st.characters(categories=None), max_size=30), min_size=1, max_size=11))
@settings(max_examples=50, deadline=None)
def test_reports(words: list[str]) -> None:
    run_claims.check_hostile_report(b"\xff".join(word.encode("utf-8", "replace") for word in words))


def test_a_stream_without_end_is_refused_at_its_head() -> None:
    wire_claims.check_frames((MAX_FRAME + 1).to_bytes(4, "big") + bytes(100))
