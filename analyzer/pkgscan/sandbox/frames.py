"""Frames between the parent and its children: a length, a kind, a payload, and sometimes file descriptors.

A child blocks on its `Channel`; the parent serves many children through one `Port` each. Writing is by sendmsg alone:
sendto is refused in a child.
"""

from __future__ import annotations

import io
import os
import socket
from collections import deque
from collections.abc import Container, Iterator

from pkgscan.sandbox.wire import (
    BATCH_SIZE,
    FD_BYTES,
    HEADER,
    MAX_FDS,
    NO_SIGNAL,
    READ_SIZE,
    SCATTER,
    Ancillary,
    Buffer,
    Frame,
    FrameError,
    close_all,
    decode,
    encode,
    pack_fds,
    skip,
    unpack_fds,
)

__all__ = ["Channel", "Frame", "FrameBuffer", "FrameError", "Port"]


class Channel:
    """A child's end: blocking, one frame at a time."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._batch: list[Buffer] = []
        self._batched = 0
        self._fds: list[int] = []
        self.intact = True  # False while bytes of a frame are under way: nothing may be sent after an interrupted one

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._socket.fileno()

    def send(self, kind: int, payload: bytes | memoryview, fds: tuple[int, ...] = ()) -> None:
        """Send one frame now, after whatever was put before it. `fds` stay the caller's. Raises OSError."""
        self.flush()
        self._write(encode(kind, payload, len(fds)), fds)

    def put(self, kind: int, payload: bytes) -> None:
        """Send one small frame together with its followers; `flush`, `send` and `receive` see it off."""
        self._batch += encode(kind, payload, 0)
        self._batched += len(payload) + HEADER.size
        if self._batched >= BATCH_SIZE:
            self.flush()

    def flush(self) -> None:
        """Send what `put` has gathered. Raises OSError."""
        batch, self._batch, self._batched = self._batch, [], 0
        if batch:
            self._write(batch if len(batch) <= SCATTER else [b"".join(batch)], ())

    def _write(self, buffers: list[Buffer], fds: tuple[int, ...]) -> None:
        self.intact = False
        sent = self._socket.sendmsg(buffers, pack_fds(fds), NO_SIGNAL)
        while buffers := skip(buffers, sent):
            sent = self._socket.sendmsg(buffers, [], NO_SIGNAL)
        self.intact = True

    def receive(self, kinds: Container[int] | None = None) -> Frame | None:
        """Wait for the next frame; None at the end of the stream. Raises FrameError and OSError."""
        self.flush()
        header = self._read_header()
        if not header:
            return None
        length, kind, fd_count = decode(header, 0, kinds)
        if fd_count > len(self._fds):
            raise FrameError(f"a frame names {fd_count} descriptors and brings {len(self._fds)}")
        payload = self._read(length)
        fds, self._fds = tuple(self._fds[:fd_count]), self._fds[fd_count:]
        return Frame(kind, payload, fds)

    def _read_header(self) -> bytes:
        """The next six bytes and the descriptors that come with them; empty at the end of the stream."""
        header = b""
        while len(header) < HEADER.size:
            data, ancillary, _, _ = self._socket.recvmsg(
                HEADER.size - len(header), socket.CMSG_SPACE(MAX_FDS * FD_BYTES)
            )
            self._fds += unpack_fds(ancillary)
            if not data and header:
                raise FrameError("the stream ends inside a header")
            if not data:
                break
            header += data
        return header

    def _read(self, length: int) -> bytes:
        """Exactly `length` bytes, in one call and one copy as a rule."""
        data = self._socket.recv(length, socket.MSG_WAITALL) if length else b""
        while len(data) < length:
            more = self._socket.recv(length - len(data), socket.MSG_WAITALL)
            if not more:
                raise FrameError("the stream ends inside a frame")
            data += more
        return data

    def close(self) -> None:
        """Close the socket and every descriptor that no frame has claimed."""
        close_all(self._fds)
        self._fds = []
        self._socket.close()


class FrameBuffer:
    """Bytes as they come in, frames as they go out: the parent's reading of a child that may be hostile.

    Memory grows with the bytes that came, never with the length that a header claims.
    """

    def __init__(self, kinds: Container[int] | None = None) -> None:
        self._kinds = kinds
        self._head = b""  # an incomplete header, or a whole one whose payload is in `_body`
        self._body: io.BytesIO | None = None
        self._missing = 0
        self._fds: list[int] = []

    @property
    def cut(self) -> bool:
        """True inside a frame: a stream that ends here was truncated."""
        return bool(self._head)

    def feed(self, data: bytes | memoryview, fds: tuple[int, ...] = ()) -> Iterator[Frame]:
        """Each frame that `data` completes, in order. `data` is not needed once all were taken. Raises FrameError."""
        self._fds += fds
        if len(self._fds) > 2 * MAX_FDS:  # those of a frame still incomplete, and of the one after it
            raise FrameError(f"{len(self._fds)} descriptors that no frame names")
        view = memoryview(data)
        at = 0
        if self._head:
            at = self._resume(view)
            if self._missing or self._body is None:
                return
            yield self._finish()
        while len(view) - at >= HEADER.size:
            length, kind, fd_count = decode(view, at, self._kinds)
            end = at + HEADER.size + length
            if end > len(view):
                self._start(bytes(view[at : at + HEADER.size]), length, view[at + HEADER.size :])
                return
            yield Frame(kind, bytes(view[at + HEADER.size : end]), self._claim(fd_count))
            at = end
        self._head = bytes(view[at:])
        if self._fds and not self._head:  # between frames none may be left over
            raise FrameError(f"{len(self._fds)} descriptors that no frame names")

    def _resume(self, view: memoryview) -> int:
        """Go on with the frame that earlier bytes began; gives how many bytes of `view` belong to it."""
        at = 0
        if self._body is None:
            at = HEADER.size - len(self._head)
            self._head += bytes(view[:at])
            if len(self._head) < HEADER.size:
                return len(view)
            self._start(self._head, decode(self._head, 0, self._kinds)[0], view[at:at])
        assert self._body is not None
        taken = view[at : at + self._missing]
        self._body.write(taken)
        self._missing -= len(taken)
        return at + len(taken)

    def _start(self, head: bytes, length: int, begun: memoryview) -> None:
        self._head = head
        self._body = io.BytesIO()
        self._body.write(begun)
        self._missing = length - len(begun)

    def _finish(self) -> Frame:
        assert self._body is not None
        _, kind, fd_count = HEADER.unpack(self._head)
        payload = self._body.getvalue()  # hands out its own bytes object, no copy
        self._head, self._body = b"", None
        return Frame(kind, payload, self._claim(fd_count))

    def _claim(self, count: int) -> tuple[int, ...]:
        if count > len(self._fds):
            raise FrameError(f"a frame names {count} descriptors and brings {len(self._fds)}")
        fds, self._fds = tuple(self._fds[:count]), self._fds[count:]
        return fds

    def close(self) -> None:
        """Close the descriptors that no frame has claimed."""
        close_all(self._fds)
        self._fds = []


class _Outgoing:
    """One frame in the queue: what is left of its buffers, and its descriptors until the first byte is sent."""

    __slots__ = ("buffers", "fds")

    def __init__(self, buffers: list[Buffer], fds: tuple[int, ...]) -> None:
        self.buffers = buffers
        self.fds = fds


class Port:
    """The parent's end, for use with selectors: never blocks.

    It reads at most 256 KiB a call, so that no child starves another.
    `accepts_fds` says whether this child may send descriptors; those of a child that may not are never installed.
    """

    def __init__(self, sock: socket.socket, kinds: Container[int] | None = None, *, accepts_fds: bool = False) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._buffer = FrameBuffer(kinds)
        self._scratch = memoryview(bytearray(READ_SIZE))
        self._ancillary = socket.CMSG_SPACE(MAX_FDS * FD_BYTES) if accepts_fds else 0
        self._queue: deque[_Outgoing] = deque()
        self.sent = 0  # bytes so far
        self.ended = False

    def fileno(self) -> int:
        """The socket's descriptor, for selectors."""
        return self._socket.fileno()

    @property
    def cut(self) -> bool:
        """True when the stream ended, or stands, inside a frame."""
        return self._buffer.cut

    @property
    def unsent(self) -> bool:
        """True while queued frames wait: watch for writability."""
        return bool(self._queue)

    def read(self) -> list[Frame]:
        """The frames that have come whole, possibly none; sets `ended` at the end of the stream. Raises FrameError."""
        try:
            size, ancillary, _, _ = self._socket.recvmsg_into([self._scratch], self._ancillary)
        except BlockingIOError:
            return []
        except ConnectionResetError:
            size, ancillary = 0, []
        self.ended = size == 0
        return list(self._buffer.feed(self._scratch[:size], tuple(unpack_fds(ancillary))))

    def queue(self, kind: int, payload: bytes | memoryview, fds: tuple[int, ...] = ()) -> None:
        """Have one frame sent by `flush`. `fds` stay the caller's; a memoryview must not change until it was sent."""
        buffers = encode(kind, payload, len(fds))
        self._queue.append(_Outgoing(buffers, tuple(os.dup(fd) for fd in fds)))

    def flush(self) -> bool:
        """Send what the socket takes; True when nothing is left. Raises BrokenPipeError when the child is gone."""
        while self._queue:
            try:
                sent = self._socket.sendmsg(*self._gather(), NO_SIGNAL)
            except BlockingIOError:
                return False
            self._drop(sent)
        return True

    def _gather(self) -> tuple[list[Buffer], Ancillary]:
        """Buffers of the first frames; a frame with descriptors begins a call, for they go with its first byte."""
        buffers: list[Buffer] = []
        for outgoing in self._queue:
            if buffers and (outgoing.fds or len(buffers) >= SCATTER):
                break
            buffers += outgoing.buffers
        return buffers, pack_fds(self._queue[0].fds)

    def _drop(self, sent: int) -> None:
        """Forget `sent` bytes of the queue."""
        self.sent += sent
        close_all(self._queue[0].fds)
        self._queue[0].fds = ()
        while sent:
            first = self._queue[0]
            size = sum(memoryview(buffer).nbytes for buffer in first.buffers)
            if sent < size:
                first.buffers = skip(first.buffers, sent)
                return
            sent -= size
            self._queue.popleft()

    def close(self) -> None:
        """Close the socket and every descriptor still held; frames not sent are lost."""
        for outgoing in self._queue:
            close_all(outgoing.fds)
        self._queue.clear()
        self._buffer.close()
        self._socket.close()
