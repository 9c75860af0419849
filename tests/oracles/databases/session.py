"""What a connection to a database server is to the oracles."""

from __future__ import annotations

from pathlib import Path
from socket import AF_UNIX, SOCK_STREAM, socket
from typing import Protocol

Row = tuple[str | None, ...]
PATIENCE = 300  # seconds until a statement counts as hung


class ServerError(RuntimeError):
    """What a server says of a statement that it refuses; `code` is its SQLSTATE or, of MariaDB, its number."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Session(Protocol):
    """A connection. `notices` are the messages since the start of the last `run`."""

    notices: list[str]

    def run(self, sql: str) -> list[Row]:
        """Runs one statement or several, as one query; the rows of the last that has any, values as text."""
        ...

    def close(self) -> None: ...


class Wire:
    """Exact reads and writes on a unix socket."""

    def __init__(self, path: Path) -> None:
        self._socket = socket(AF_UNIX, SOCK_STREAM)
        self._socket.settimeout(PATIENCE)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._input = self._socket.makefile("rb")

    def read(self, size: int) -> bytes:
        data = self._input.read(size)
        if len(data) != size:
            raise ConnectionError("the server closed the connection")
        return data

    def write(self, data: bytes) -> None:
        self._socket.sendall(data)

    def close(self) -> None:
        self._input.close()
        self._socket.close()
