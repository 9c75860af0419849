"""Where pictures, documents and some archives end by their own account: what stands behind, no viewer shows.

Each is followed from header to header while its bytes pass, so that the end is known without a second reading. A place
where no header stands that could is an end as well. Sources: PNG (ISO 15948, section 5), ITU T.81 annex B (JPEG), the
GIF89a specification, ISO 32000-1 sections 7.5.5 and 7.5.6 (PDF), the RIFF and BMP structures of the Windows API,
7zFormat (start header), [MS-CAB] section 2.1, ECMA-119 section 8.4 (ISO 9660).
"""

from __future__ import annotations

from collections.abc import Callable

from pkgscan.patterns import pattern

_MOST_HEADERS = 1 << 20  # followed, about a second; a picture of 256 MiB may have them, and what has more ends there
_MOST_CHUNK = 1 << 31  # bytes of a PNG chunk
_GIF_TABLE = 0x80  # flag: a table of colours follows
_GIF_EXTENSION, _GIF_IMAGE, _GIF_END = 0x21, 0x2C, 0x3B
_JPEG_SCAN, _JPEG_END, _JPEG_FILL = 0xDA, 0xD9, 0xFF
_JPEG_ALONE = frozenset({1, *range(0xD0, 0xD9)})  # markers without a length
_JPEG_MARKER = pattern(rb"\xff[^\0\xff\xd0-\xd7]")  # in the data of a scan, which marks its own bytes 255 otherwise
_PDF_END = b"%%EOF"
_PDF_TOLD = 32  # bytes by which it is told what follows an end
_PDF_BLANK = pattern(rb"[\0\t\n\f\r ]*")
# What follows an end that is not the last: another version of the document, or the rest of one around it.
_PDF_GOES_ON = pattern(rb"[0-9]{1,10} [0-9]{1,5} obj|xref|startxref|trailer|%|end(?:stream|obj)")
_7Z_HEADER, _CAB_HEADER = 32, 36
_ISO_VOLUME, _ISO_MARK = 32768, b"CD001"
_TEXT = 9  # the least byte of a text: as the highest of a size it means over 150 MB
_RIFF_UNKNOWN = frozenset({0, 0xFFFFFFFF})  # sizes that a writer leaves which cannot go back


class Carrier:
    """Follows the headers of one content. `end`: where it ends, negative while that is not known."""

    least = 1  # bytes that a step must have before it
    first = 0  # where the first header stands
    sure = True  # whether what is behind may be searched, or only what stands there at once is meant
    may_be_long = False  # whether much may follow that is no payload
    followed_by = ""  # the format that may follow, and is read with it

    def __init__(self) -> None:
        self.end = -1
        self._next, self._total, self._base = self.first, 0, 0
        self._headers = 0
        self._held = b""  # of a header that is not here as a whole
        self._open = True

    @property
    def is_done(self) -> bool:
        """Whether the end is known for good."""
        return not self._open

    def feed(self, block: bytes) -> None:
        """The next bytes of the content."""
        if self._open:
            self._follow(self._held + block if self._held else block, self._total - len(self._held))
        self._total += len(block)

    def _follow(self, data: bytes, base: int) -> None:
        self._base, at = base, self._next - base
        while self._open and at + self.least <= len(data) and (ahead := self._step(data, at)):
            at += ahead
            self._headers += 1
            self._open = self._open and self._headers < _MOST_HEADERS
        self._next = base + at
        self._held = data[at:] if self._open else b""
        if not self._open:
            self.end = self._next

    def _step(self, data: bytes, at: int) -> int:
        """How many bytes it is to the next header; 0 for more bytes to be had first, or at the end."""
        raise NotImplementedError

    def _stop(self) -> int:
        self._open = False
        return 0


class _Png(Carrier):
    least, first = 8, 8

    def _step(self, data: bytes, at: int) -> int:
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if not kind.isalpha() or length >= _MOST_CHUNK:
            return self._stop()
        self._open = kind != b"IEND"
        return 12 + length


class _Jpeg(Carrier):
    least, first = 2, 2
    _in_scan = False

    def _step(self, data: bytes, at: int) -> int:
        if self._in_scan:
            found = _JPEG_MARKER.search(data, at)
            if found is None:
                return len(data) - 1 - at  # of which the last byte may begin a marker
            self._in_scan = False
            if found.start() > at:
                return found.start() - at
        marker = data[at + 1]
        if data[at] != _JPEG_FILL or not marker:
            return self._stop()
        if marker in {_JPEG_FILL, _JPEG_END}:
            self._open = marker != _JPEG_END
            return 1 if self._open else 2
        if marker in _JPEG_ALONE:
            return 2
        length = data[at + 2 : at + 4]
        self._in_scan = marker == _JPEG_SCAN and len(length) == 2  # noqa: PLR2004  # bytes of a length
        return 2 + max(2, int.from_bytes(length, "big")) if len(length) == 2 else 0  # noqa: PLR2004


class _Gif(Carrier):
    first = 0
    _in_data = _is_begun = False
    least = 13

    def _step(self, data: bytes, at: int) -> int:
        if not self._is_begun:
            self._is_begun, self.least = True, 1
            return 13 + _table(data[at + 10])
        if self._in_data:
            self._in_data = data[at] > 0
            return 1 + data[at]
        if data[at] == _GIF_EXTENSION:
            self._in_data = True
            return 2
        if data[at] == _GIF_IMAGE:
            if len(data) - at < 10:  # noqa: PLR2004  # an image's header
                return 0
            self._in_data = True
            return 11 + _table(data[at + 9])
        self._open = False
        return 1 if data[at] == _GIF_END else 0


def _table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & _GIF_TABLE else 0


class _Pdf(Carrier):
    least = len(_PDF_END)
    _at_end = False

    def _step(self, data: bytes, at: int) -> int:
        if not self._at_end:
            found = data.find(_PDF_END, at)
            if found < 0:
                return len(data) - at - len(_PDF_END) + 1
            self._at_end, self.least, after = True, _PDF_TOLD, found + len(_PDF_END)
            self.end = self._base + after  # unless another follows
            return after - at
        blank = _PDF_BLANK.match(data, at)
        if blank is not None and blank.end() > at:
            return blank.end() - at
        if not _PDF_GOES_ON.match(data, at):
            return self._stop()
        self._at_end, self.least = False, len(_PDF_END)
        return 1


class _Sized(Carrier):
    """What states its whole size in its first bytes."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.end, self._open = size, False


class _Riff(_Sized):
    may_be_long = True  # long films come in several of them


class _Cab(_Sized):
    followed_by = "cab"


class _Iso(_Sized):
    sure = False  # a partition may follow, of a system that starts from the image


def _riff(head: bytes) -> Carrier | None:
    size = int.from_bytes(head[4:8], "little")
    is_text = min(head[4:8], default=0) >= _TEXT  # a word that begins like it
    return None if is_text or size in _RIFF_UNKNOWN else _Riff(8 + size + size % 2)


def _bmp(head: bytes) -> Carrier | None:
    size, start = int.from_bytes(head[2:6], "little"), int.from_bytes(head[10:14], "little")
    return _Sized(size) if not any(head[6:10]) and 26 <= start <= size else None  # noqa: PLR2004  # both headers


def _7z(head: bytes) -> Carrier | None:
    sizes = int.from_bytes(head[12:20], "little") + int.from_bytes(head[20:28], "little")
    return _Sized(_7Z_HEADER + sizes) if len(head) >= _7Z_HEADER else None


def _cab(head: bytes) -> Carrier | None:
    size = int.from_bytes(head[8:12], "little")
    return _Cab(size) if size >= _CAB_HEADER else None


def _iso(head: bytes) -> Carrier | None:
    volume = head[_ISO_VOLUME:]
    sectors, sector = int.from_bytes(volume[80:84], "little"), int.from_bytes(volume[128:130], "little")
    return _Iso(sectors * sector) if sectors and sector else None


_BY_MARK: tuple[tuple[bytes, Callable[[bytes], Carrier | None]], ...] = (
    (b"\x89PNG\r\n\x1a\n", lambda _: _Png()),
    (b"\xff\xd8\xff", lambda _: _Jpeg()),
    (b"GIF87a", lambda _: _Gif()),
    (b"GIF89a", lambda _: _Gif()),
    (b"%PDF-", lambda _: _Pdf()),
    (b"RIFF", _riff),
    (b"BM", _bmp),
    (b"7z\xbc\xaf\x27\x1c", _7z),
    (b"MSCF\0\0\0\0", _cab),
)
_FIRST = frozenset(mark[0] for mark, _ in _BY_MARK)


def carrier_of(head: bytes) -> Carrier | None:
    """What a content is that begins with `head` and knows its own end, to be fed from its first byte on."""
    if head and head[0] in _FIRST:
        for mark, make in _BY_MARK:
            if head.startswith(mark):
                return make(head)
    return _iso(head) if head[_ISO_VOLUME + 1 : _ISO_VOLUME + 6] == _ISO_MARK else None
