"""The simple query protocol of PostgreSQL, as far as the oracles need it.

Source: https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

from databases.session import Row, ServerError, Wire

VERSION = 3 << 16
TRUSTED = b"\0\0\0\0"  # AuthenticationOk


class PostgresSession:
    """A connection as the superuser, to one database."""

    def __init__(self, path: Path, database: str = "postgres") -> None:
        self.notices: list[str] = []
        self._wire = Wire(path)
        options = ("user", "postgres", "database", database, "application_name", "oracle")
        words = "".join(f"{word}\0" for word in options)
        self._send(b"", struct.pack("!I", VERSION) + words.encode() + b"\0")
        try:
            self._answer()
        except (OSError, RuntimeError):
            self._wire.close()
            raise

    def run(self, sql: str) -> list[Row]:
        self.notices = []
        self._send(b"Q", sql.encode() + b"\0")
        return self._answer()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # it may be gone already
            self._send(b"X", b"")
        self._wire.close()

    def _send(self, kind: bytes, body: bytes) -> None:
        self._wire.write(kind + struct.pack("!I", len(body) + 4) + body)

    def _answer(self) -> list[Row]:
        """Messages until the server is ready again; an error is raised then."""
        rows: list[Row] = []
        errors: list[ServerError] = []
        while (message := self._message())[0] != b"Z":
            kind, body = message
            if kind == b"T":
                rows = []
            elif kind == b"D":
                rows.append(values(body))
            elif kind == b"E":
                errors.append(ServerError(fields(body)["C"], fields(body)["M"]))
            else:
                self._take(kind, body)
        if errors:
            raise errors[0]
        return rows

    def _take(self, kind: bytes, body: bytes) -> None:
        """What comes beside rows and errors."""
        if kind == b"N":
            self.notices.append(fields(body)["M"])
        elif kind == b"G":
            self._send(b"f", b"no data here\0")
        elif kind == b"R" and body != TRUSTED:
            raise ConnectionError("the server asks for a password")

    def _message(self) -> tuple[bytes, bytes]:
        kind, size = struct.unpack("!cI", self._wire.read(5))
        return kind, self._wire.read(size - 4)


def fields(body: bytes) -> dict[str, str]:
    """The fields of an error or a notice."""
    return {part[0]: part[1:] for part in body.decode("utf-8", "replace").split("\0") if part}


def values(body: bytes) -> Row:
    """A row, as text."""
    row: list[str | None] = []
    at = 2
    for _ in range(struct.unpack_from("!H", body)[0]):
        (size,) = struct.unpack_from("!i", body, at)
        at += 4
        row.append(None if size < 0 else body[at : at + size].decode())
        at += max(0, size)
    return tuple(row)
