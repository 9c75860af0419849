"""Paths inside archives as relative URIs that stay the same from one release to the next."""

from __future__ import annotations

import re
from urllib.parse import quote

from pkgscan.model import MEMBER
from pkgscan.safe import shown

LONGEST_NAME = 255  # bytes of a file name on any common file system

# A version, a date or a lone number, with the mark before it: -7.4.0, _v2, .2026-03-01, -1.6.5+dfsg-1.
_VERSION = re.compile(
    r"[-_.+~ ]?(?<![a-z0-9])(?<!x86_)[vr]?\d{1,32}"
    r"(?:[-_.+~:]?(?:\d{1,32}|(?:alpha|beta|build|deb|dfsg|el|fc|post|pre|rc|sp|ubuntu)\d{0,32}(?:u\d{1,32})?)(?![a-z])){0,16}"
    r"(?![a-z0-9])",
    re.IGNORECASE,
)
_UNRESERVED = "!$&'()*+,;=@~"  # legal in a path segment; a colon is left out, since the first segment may hold none


def label(package_name: str) -> str:
    """The stem of all paths: the package's file name without version and date, so that alerts outlive a release."""
    name = package_name.rstrip("/").rpartition("/")[2][:LONGEST_NAME]
    return _VERSION.sub("", name).strip("-_. ") or "package"


class Paths:
    """Maps paths of a report to URIs: those in the package start with its label, others stay."""

    def __init__(self, package_path: str, stem: str) -> None:
        self.package = package_path.rstrip("/").rpartition("/")[2]
        self.stem = stem

    def uri(self, path: str) -> str:
        """The composite URI of a path."""
        return quote_path(self._stemmed(path))

    def _stemmed(self, path: str) -> str:
        if path == self.package:
            return self.stem
        if path.startswith(self.package + MEMBER):
            return self.stem + path[len(self.package) :]
        return path.lstrip("/") or "package"


def quote_path(path: str) -> str:
    r"""A path as a relative URI; what readers would fold away is written out, such as `..` as `\x2e\x2e`."""
    pieces = (_inert(piece) for piece in path.split("/"))
    return quote("/".join(shown(piece) for piece in pieces), safe="/" + _UNRESERVED)


def _inert(piece: str) -> str:
    if piece in ("", ".", ".."):
        return "\\x2e" * len(piece) or "\\x2f"
    return piece
