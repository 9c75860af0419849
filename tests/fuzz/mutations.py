"""Changes to bytes, one random step after the other: for what is too slow to be led by coverage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from fuzz.mending import mended

NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
STEPS = 6  # at most, in one mutation
LONGEST = 96 << 10  # bytes of what comes out


def mutate(data: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """A mutation of some bytes, perhaps with a piece of another seed; half of them with their checksums made right."""
    raw = bytearray(data)
    for _ in range(random.randint(1, STEPS)):
        random.choice(_STEPS)(raw, random)
    if random.random() < 0.1:
        _splice(raw, random.choice(others), random)
    result = bytes(raw[:LONGEST]) or b"\0"
    return mended(result) if random.random() < 0.5 else result


def _place(raw: bytearray, random: Random) -> int:
    """Any place; as often one near an end, where headers and directories are."""
    if random.random() < 0.5:
        return random.randrange(len(raw)) if raw else 0
    near = min(len(raw), 200)
    return random.choice((0, len(raw) - near)) + random.randrange(near) if near else 0


def _flip(raw: bytearray, random: Random) -> None:
    if raw:
        raw[_place(raw, random)] ^= 1 << random.randrange(8)


def _set(raw: bytearray, random: Random) -> None:
    if raw:
        raw[_place(raw, random)] = random.randrange(256)


def _number(raw: bytearray, random: Random) -> None:
    at, size = _place(raw, random), random.choice((1, 2, 4, 8))
    value = random.choice(NUMBERS) & (1 << 8 * size) - 1
    raw[at : at + size] = value.to_bytes(size, random.choice(("little", "big")))


def _cut(raw: bytearray, random: Random) -> None:
    at = _place(raw, random)
    del raw[at : at + random.choice((1, 2, 4, 16, 512, len(raw)))]


def _repeat(raw: bytearray, random: Random) -> None:
    at, size = _place(raw, random), random.choice((1, 4, 16, 46, 512, 2048))
    raw[at:at] = raw[at : at + size]


def _splice(raw: bytearray, other: bytes, random: Random) -> None:
    start = random.randrange(len(other) or 1)
    at = _place(raw, random)
    raw[at:at] = other[start : start + random.choice((16, 512, len(other)))]


_STEPS: tuple[Callable[[bytearray, Random], None], ...] = (_flip, _flip, _set, _number, _number, _cut, _repeat)
