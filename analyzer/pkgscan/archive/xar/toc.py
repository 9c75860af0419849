"""Parses the table of contents of a xar: hostile XML, read as a stream, without DTD, entities or recursion.

What belongs together in the XML becomes a `Record`: a <file>, the <data> of a file, an <ea> (extended attribute), a
<checksum> or a <signature>. Records are handed out as their elements end, so children come before their directory.
"""

from __future__ import annotations

import binascii
from typing import Any

import msgspec

from pkgscan.archive.member import Charge, Damage

ELEMENT = 12  # bytes that the least element counts as, for it costs as much; writers make about 20 for a file
DEEPEST = 512  # elements in elements; PATH_MAX allows more folders, no package has them
TEXT = 16 << 10  # bytes of one name, link or number: four times PATH_MAX
TOKEN = 1 << 20  # bytes of one tag or comment; writers stay below a hundred, and expat would hold them all
PATH = 8 << 10  # bytes of a path that is put together: twice PATH_MAX, so that what is cut is said by the walk
UNNAMED = b"<no name>"

_FILE = frozenset({"name", "type", "link", "mode", "uid", "gid", "user", "group"})
_EXTENT = frozenset({"offset", "length", "size", "encoding", "archived-checksum", "extracted-checksum"})
# The texts that are kept of each kind of record.
_WANTED = {
    "file": _FILE,
    "data": _EXTENT,
    "ea": _EXTENT | {"name"},
    "checksum": _EXTENT,
    "signature": _EXTENT,
    "x-signature": _EXTENT,
}


class Text(msgspec.Struct, frozen=True):
    """The text of one element, and its attributes."""

    value: str
    attributes: dict[str, str]


class Record(msgspec.Struct):
    """One thing that the table speaks of; `path` is that of the file it belongs to, as far as it is known.

    `doubled` is the first element that stands in it twice, of which readers take one or the other.
    """

    kind: str
    attributes: dict[str, str]
    path: bytes = b""
    folder: bytes = b""
    texts: dict[str, Text] = {}
    data: Record | None = None
    doubled: str = ""
    misplaced: bool = False

    def text(self, name: str) -> str:
        """The text of one of its elements, without blanks around it."""
        found = self.texts.get(name)
        return found.value.strip() if found is not None else ""

    def attribute(self, name: str, attribute: str) -> str:
        """An attribute of one of its elements, in small letters."""
        found = self.texts.get(name)
        return found.attributes.get(attribute, "").strip().lower() if found is not None else ""


class Table:
    """The table of contents while its bytes come in."""

    def __init__(self, charge: Charge) -> None:
        from xml.parsers import expat  # noqa: PLC0415  # only for packages that hold one

        self._charge = charge
        self._error = expat.ExpatError
        self._parser: Any = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.XmlDeclHandler = _declared
        self._parser.StartDoctypeDeclHandler = self._parser.EntityDeclHandler = _refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._open: list[Record | None] = []  # an entry for each open element
        self._records: list[Record] = []  # the open ones among them
        self._text: list[str] | None = None
        self._attributes: dict[str, str] = {}
        self._length = self._fed = 0
        self._ready: list[Record] = []

    def feed(self, data: bytes, *, last: bool = False) -> None:
        """Parse the next bytes. Raises fatal Damage."""
        self._fed += len(data)
        try:
            self._parser.Parse(data, last)
        except self._error as error:
            raise Damage("corrupt", f"the table of contents is no XML: {error}", fatal=True) from None
        if self._fed - self._parser.CurrentByteIndex > TOKEN:
            raise Damage("corrupt", f"the table of contents has a tag of over {TOKEN} bytes", fatal=True)

    def take(self) -> list[Record]:
        """The records that ended since the last call."""
        ready, self._ready = self._ready, []
        return ready

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._charge(ELEMENT)
        if len(self._open) >= DEEPEST:
            raise Damage("corrupt", f"the table of contents is nested over {DEEPEST} deep", fatal=True)
        parent = self._records[-1] if self._open and self._records and self._open[-1] is self._records[-1] else None
        record: Record | None = None
        if self._text is not None:  # an element in a text, which readers put together differently
            self._records[-1].doubled = name
            self._text = None
        if parent is not None and name in _WANTED[parent.kind]:
            self._text, self._attributes, self._length = [], attributes, 0
        elif name in _WANTED:
            record = self._record(name, attributes)
            self._records.append(record)
        self._open.append(record)

    def _record(self, name: str, attributes: dict[str, str]) -> Record:
        """A new record, with what is known of the file around it."""
        around = self._records[-1] if self._records else None
        record = Record(name, attributes, texts={})
        if around is not None:
            record.misplaced = around.kind == "file" and not around.path
            if name == "file":
                record.folder = (around.path or UNNAMED) + b"/"
            else:
                record.path = around.path
        return record

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._length += len(text)
            if self._length > TEXT:
                raise Damage("corrupt", f"the table of contents has a text of over {TEXT} characters", fatal=True)
            self._text.append(text)

    def _end(self, name: str) -> None:
        record = self._open.pop()
        if record is not None:
            self._records.pop()
            self._close(record)
        elif self._text is not None:
            self._keep(self._records[-1], name, Text("".join(self._text), self._attributes))
        self._text = None

    def _keep(self, record: Record, name: str, text: Text) -> None:
        if name in record.texts:
            record.doubled = record.doubled or name
            return
        record.texts[name] = text
        if name == "name" and record.kind == "file":
            record.path = (record.folder + decoded(text))[:PATH]

    def _close(self, record: Record) -> None:
        around = self._records[-1] if self._records else None
        if record.kind == "data" and around is not None and around.kind == "file" and around.data is None:
            around.data = record
        else:
            if record.kind == "file" and not record.path:
                record.path = (record.folder + UNNAMED)[:PATH]
            self._ready.append(record)


def decoded(text: Text) -> bytes:
    """A name or a link target: UTF-8, or base64 of bytes that are none."""
    raw = text.value.encode("utf-8", "surrogatepass")
    if text.attributes.get("enctype") == "base64":
        try:
            return binascii.a2b_base64(raw)
        except binascii.Error:
            return raw
    return raw


def _declared(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in {"utf-8", "utf8", "us-ascii"}:
        detail = f"the table of contents is in {encoding}, which no xar writer uses and readers decode differently"
        raise Damage("unsupported-format", detail, fatal=True)


def _refuse(name: str, *_: object) -> None:
    raise Damage("corrupt", f"the table of contents declares a document type or an entity: {name}", fatal=True)
