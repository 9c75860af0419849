"""The text protocol of MariaDB, as far as the oracles need it.

Source: https://mariadb.com/kb/en/clientserver-protocol/
"""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

from databases.session import Row, ServerError, Wire

# What this client knows: long flags, protocol 4.1, transactions, authentication by name of plugin, several statements
# in one query, several results.
ABILITIES = 0x4 | 0x200 | 0x2000 | 0x8000 | 0x80000 | 0x10000 | 0x20000
MAX_PACKET = 0xFFFFFF
UTF8MB4 = 45
MORE_RESULTS = 8
OK, ERROR, END = 0x00, 0xFF, 0xFE
QUERY, QUIT = b"\3", b"\1"
NULL = 0xFB
WIDTHS = {0xFC: 2, 0xFD: 3, 0xFE: 8}


class MariaSession:
    """A connection as root without a password."""

    def __init__(self, path: Path) -> None:
        self.notices: list[str] = []
        self._wire = Wire(path)
        self._number = 0
        try:
            self._log_in()
        except (OSError, RuntimeError):
            self._wire.close()
            raise

    def run(self, sql: str) -> list[Row]:
        self._number = 0
        self._send(QUERY + sql.encode())
        rows: list[Row] = []
        while True:
            found, status = self._result()
            rows = found if found is not None else rows
            if not status & MORE_RESULTS:
                return rows

    def close(self) -> None:
        self._number = 0
        with contextlib.suppress(OSError):  # it may be gone already
            self._send(QUIT)
        self._wire.close()

    def _log_in(self) -> None:
        refuse(self._packet())
        known = struct.pack("<IIB23x", ABILITIES, MAX_PACKET, UTF8MB4)
        self._send(known + b"root\0" + b"\0" + b"mysql_native_password\0")
        if self._packet_ok()[0] == END:  # another plugin is asked for; the empty password is empty in all
            self._send(b"")
            self._packet_ok()

    def _result(self) -> tuple[list[Row] | None, int]:
        """One result: its rows, None of a statement that has none, and the server's status."""
        first = self._packet_ok()
        if first[0] == OK:
            return None, status_of_ok(first)
        columns, _ = counted(first, 0)
        for _ in range(columns):
            self._packet()
        self._packet()  # the end of the columns
        rows: list[Row] = []
        while (packet := self._packet_ok())[0] != END or len(packet) > 8:
            rows.append(values(packet, columns))
        return rows, int(struct.unpack_from("<H", packet, 3)[0])

    def _packet_ok(self) -> bytes:
        return refuse(self._packet())

    def _send(self, body: bytes) -> None:
        self._wire.write(struct.pack("<I", len(body))[:3] + bytes([self._number]) + body)
        self._number = (self._number + 1) % 256

    def _packet(self) -> bytes:
        head = self._wire.read(4)
        self._number = (head[3] + 1) % 256
        return self._wire.read(int.from_bytes(head[:3], "little"))


def refuse(packet: bytes) -> bytes:
    """The packet, unless it says an error."""
    if packet[0] == ERROR:
        code = struct.unpack_from("<H", packet, 1)[0]
        raise ServerError(str(code), packet[3:].decode("utf-8", "replace").removeprefix("#")[5:])
    return packet


def status_of_ok(packet: bytes) -> int:
    _, at = counted(packet, 1)  # rows touched
    _, at = counted(packet, at)  # last id
    return int(struct.unpack_from("<H", packet, at)[0])


def counted(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable width, and where it ends."""
    width = WIDTHS.get(data[at], 0)
    return (int.from_bytes(data[at + 1 : at + 1 + width], "little") if width else data[at]), at + 1 + width


def values(packet: bytes, columns: int) -> Row:
    """A row, as text."""
    row: list[str | None] = []
    at = 0
    for _ in range(columns):
        if packet[at] == NULL:
            row.append(None)
            at += 1
            continue
        size, at = counted(packet, at)
        row.append(packet[at : at + size].decode("utf-8", "replace"))
        at += size
    return tuple(row)
