"""One archive that libarchive has open: where its bytes come from, and what its return codes mean."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

from pkgscan.archive.libarchive import complaints
from pkgscan.archive.libarchive.binding import binding
from pkgscan.archive.member import BLOCK, Damage, Window

EOF, OK, RETRY, WARN, FAILED, FATAL = 1, 0, -10, -20, -25, -30

Pull = Callable[[], bytes]


class Handle:
    """`pull` hands out the bytes, empty at the end; or they are read, to and fro, in `window`.

    `lib` is the binding, `handle` what its functions take. `failure` is what ended `pull` early,
    `member` the name of the member that was met last.
    """

    def __init__(self, pull: Pull, formats: tuple[str, ...], filters: tuple[str, ...], window: Window | None) -> None:
        self.lib = binding()
        self._pull = self._read if window is not None else pull
        self._window = window
        self._at = 0  # in the window
        self._block = self._before = b""  # libarchive holds a pointer to the first: it must outlive the callback
        self._fed = 0
        self.failure: BaseException | None = None
        self.member = b""
        self.handle = self.lib.new()
        self._callbacks = self.lib.read_callback(self._feed), self.lib.seek_callback(self._seek)
        supports = (*(self.lib.filters[name] for name in filters), *(self.lib.formats[name] for name in formats))
        for support in supports:
            if support(self.handle) != OK:  # a warning means "by an external program": never
                self.close()
                raise Damage("no-libarchive", f"the library at {self.lib.path} lacks a format", fatal=True)
        for form in {"cab", "lha"}.intersection(formats):  # whose names say nothing of their code; any byte is Latin-1
            self.lib.set_option(self.handle, form.encode(), b"hdrcharset", b"ISO-8859-1")

    @property
    def is_filtered(self) -> bool:
        """Whether a compression was recognised; without one, what comes out is what went in."""
        return bool(self.lib.filter_code(self.handle, 0))

    def disable(self, form: str, extension: str) -> None:
        """Have an extension of a format passed over."""
        self.lib.set_option(self.handle, form.encode(), extension.encode(), None)

    def close(self) -> None:
        """Let go of everything."""
        self.lib.free(self.handle)

    def open(self) -> None:
        """Begin to read. Raises `Damage`."""
        self.lib.on_read(self.handle, self._callbacks[0])
        if self._window is not None:
            self.lib.on_seek(self.handle, self._callbacks[1])
        self.lib.on_data(self.handle, None)  # makes room for the callbacks, too
        self.check(self.lib.open(self.handle), "open")

    def unread(self, at: int) -> Iterator[bytes]:
        """The bytes that the filter `at` (-1: the source) was not asked for, without the zeros that they begin with."""
        kept = self._before + self._block
        unread = self._fed - int(self.lib.filter_bytes(self.handle, at))
        rest = chain((kept[len(kept) - unread :],), iter(self._pull, b""))
        for block in rest:
            if found := block.lstrip(b"\0"):
                yield found
                yield from rest

    def _feed(self, _handle: Any, _context: Any, out: Any) -> int:
        try:
            block = self._pull()
            self._before, self._block = self._block, block
            self._fed += len(block)
        except BaseException as error:  # noqa: BLE001  # may not cross C code; raised again on the other side
            self.failure = error
            return FATAL
        out[0] = ctypes.cast(ctypes.c_char_p(block), ctypes.c_void_p)
        return len(block)

    def _read(self) -> bytes:
        window, at = self._window, self._at
        assert window is not None
        block = window.read(at, BLOCK)
        self._at = at + len(block)
        return block

    def _seek(self, _handle: Any, _context: Any, offset: int, whence: int) -> int:
        """As lseek: where the next block is read, in the window."""
        assert self._window is not None
        start = (0, self._at, self._window.size)[whence] + offset
        if start < 0:
            return FATAL
        self._at = min(start, self._window.size)
        return self._at

    def check(self, code: int, where: str) -> None:
        """Raise the `Damage` that a return code means, if it means any; `where`: at "open", "header" or "content"."""
        if self.failure is not None:
            raise self.failure
        if code in (OK, EOF):
            return
        text = self._error() or f"code {code} without a word"
        raise complaints.damage(text, where, self.member, fatal=code in (FATAL, RETRY) or where != "content")

    def header_damage(self, code: int) -> Damage | None:
        """What a code other than OK at a header costs. Raises fatal Damage where that is the archive."""
        if code != WARN:
            self.check(code, "header")
        damage = complaints.header_damage(self._error())
        if damage is not None and damage.fatal:
            raise damage
        return damage

    def _error(self) -> str:
        return text_of(self.lib.error(self.handle))


@lru_cache(maxsize=1024)
def text_of(raw: bytes | None) -> str:
    """A text of the library's."""
    return raw.decode("utf-8", "backslashreplace") if raw else ""
