"""How a frame looks on the wire.

Payload length (4 bytes, big-endian), kind (1 byte), number of descriptors (1 byte), payload. Descriptors travel by
SCM_RIGHTS with the first byte of their frame.
"""

from __future__ import annotations

import array
import os
import socket
import struct
from collections.abc import Container, Iterable
from typing import TypeAlias

import msgspec

Buffer: TypeAlias = "bytes | memoryview"
Ancillary: TypeAlias = "list[tuple[int, int, bytes]]"

HEADER = struct.Struct(">IBB")
MAX_FRAME = 64 << 20  # twice the largest entry buffer: a whole entry with its metadata fits, nothing honest is longer
MAX_FDS = 5  # in one frame; a second look has four contents and its ring
READ_SIZE = 256 << 10  # just above what a socket of the default size holds, so that one call empties it
JOIN_SIZE = 4 << 10  # below this, copying a payload behind its header is cheaper than a scatter list of two
BATCH_SIZE = 64 << 10  # bytes that `put` gathers: fewer calls, and little lost when a child dies
SCATTER = 64  # buffers in one sendmsg; the kernel takes 1024, more than 64 gains nothing

FD_BYTES = array.array("i").itemsize
NO_SIGNAL = getattr(socket, "MSG_NOSIGNAL", 0)


class FrameError(Exception):
    """The other side does not keep to the protocol: it is broken or hostile, and nothing more of it can be trusted."""


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One message. The receiver owns `fds` and closes them."""

    kind: int
    payload: bytes
    fds: tuple[int, ...] = ()


def encode(kind: int, payload: bytes | memoryview, fd_count: int) -> list[Buffer]:
    """The buffers of one frame, header first."""
    size = len(payload) if isinstance(payload, bytes) else payload.nbytes
    if size > MAX_FRAME:
        raise ValueError(f"a frame of {size} bytes is longer than {MAX_FRAME}")
    if fd_count > MAX_FDS:
        raise ValueError(f"{fd_count} descriptors in a frame, {MAX_FDS} is the most")
    header = HEADER.pack(size, kind, fd_count)
    return [header + payload] if size < JOIN_SIZE else [header, payload]


def decode(header: bytes | bytearray | memoryview, at: int, kinds: Container[int] | None) -> tuple[int, int, int]:
    """Length, kind and descriptor count of the header at `at`. Raises FrameError."""
    length, kind, fd_count = HEADER.unpack_from(header, at)
    if length > MAX_FRAME:
        raise FrameError(f"a frame of {length} bytes, {MAX_FRAME} is the most")
    if fd_count > MAX_FDS:
        raise FrameError(f"a frame with {fd_count} descriptors, {MAX_FDS} is the most")
    if kinds is not None and kind not in kinds:
        raise FrameError(f"a frame of the unknown kind {kind}")
    return length, kind, fd_count


def pack_fds(fds: tuple[int, ...]) -> Ancillary:
    """The ancillary data that carries these descriptors."""
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds).tobytes())] if fds else []


def unpack_fds(ancillary: Ancillary) -> list[int]:
    """The descriptors that came, as new numbers of this process."""
    fds = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) - len(data) % FD_BYTES])
    return fds.tolist()


def close_all(fds: Iterable[int]) -> None:
    """Close these descriptors."""
    for fd in fds:
        os.close(fd)


def skip(buffers: list[Buffer], sent: int) -> list[Buffer]:
    """The buffers without their first `sent` bytes; no byte is copied."""
    for index, buffer in enumerate(buffers):
        size = len(buffer) if isinstance(buffer, bytes) else buffer.nbytes
        if sent < size:
            return [memoryview(buffer).cast("B")[sent:], *buffers[index + 1 :]]
        sent -= size
    return []
