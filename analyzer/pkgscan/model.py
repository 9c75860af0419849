"""The values every part of pkgscan speaks in: entries, places, gaps and findings.

All of them are frozen, cross processes typed, and say nothing about how they are shown.
"""

from __future__ import annotations

from typing import Literal

import msgspec

# A path inside a package: `outer.zip!/inner.tar!/etc/cron.d/import`. It starts with the package's own file name.
MEMBER = "!/"

Category = Literal["defect", "assumption", "contradiction"]
Severity = Literal["info", "low", "medium", "high"]
Confidence = Literal["low", "medium", "high"]
EntryType = Literal["file", "directory", "symlink", "hardlink", "character-device", "block-device", "fifo", "socket"]
Role = Literal["package", "previous", "signature", "advisory", "trust"]
Effect = Literal["unread", "partial", "not-judged"]
Stage = Literal["open", "walk", "read", "link", "conclude", "judge"]

SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high")
CONFIDENCES: tuple[Confidence, ...] = ("low", "medium", "high")


class Span(msgspec.Struct, frozen=True, order=True, gc=False):
    """A place: a path, and where in it.

    Lines and columns count from 1, columns in characters, `last_column` is inclusive; 0 means unknown.
    For binaries `first_byte` counts from 0 and `last_byte` is inclusive; -1 means unknown.
    """

    path: str
    first_line: int = 0
    last_line: int = 0
    first_column: int = 0
    last_column: int = 0
    first_byte: int = -1
    last_byte: int = -1

    def covers(self, other: Span) -> bool:
        """Whether `other` lies on lines of this span, in the same entry."""
        return self.path == other.path and self.first_line <= other.first_line and other.last_line <= self.last_line


class Fact(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Something that is written in the package: a typed statement with its place and its text.

    A fact states, it does not judge. Subclasses add typed fields; the class name is the tag on the wire,
    so a third party's fact class names its own tag: `class Beat(Fact, frozen=True, tag="acme/Beat")`.
    """

    span: Span
    text: str = ""


class Entry(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One member of the package, or the package itself; a fact like any other.

    `path` is unique enough to show, not to identify: two members of one name share it and differ in `number`.
    `name` holds the raw bytes of the member's name in its archive (empty for the package itself). `gid` and `group`
    are recorded where the setgid bit makes them matter. On the wire an entry is an array: there are many, and their
    field names would be most of them.
    """

    path: str
    number: int = 0
    name: bytes = b""
    kind: str = ""
    type: EntryType = "file"
    size: int = 0
    mode: int = 0
    uid: int = 0
    gid: int = 0
    user: str = ""
    group: str = ""
    sha256: str = ""
    link_target: str = ""
    archive: str = ""  # path of the archive that holds it; empty for the package itself
    format: str = ""  # set when the entry was opened as an archive: zip, tar, deb ...
    has_mode: bool = True  # False where the archive records no permissions (a zip made on Windows)
    role: Role = "package"

    @property
    def span(self) -> Span:
        """The entry as a whole."""
        return Span(self.path)

    @property
    def member(self) -> str:
        """The path inside the innermost archive, as text."""
        return self.path[len(self.archive) + len(MEMBER) :] if self.archive else self.path


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was not seen, so that "not seen" is never taken for "clean".

    `unread`: bytes or an entry not seen, leads to exit 3. `partial`: seen but not understood in full.
    `not-judged`: a rule that needs a profile and has none. `reason` is a stable slug, `detail` is for people.
    """

    effect: Effect
    stage: Stage
    reason: str
    detail: str
    span: Span | None = None
    sha256: str = ""  # content it speaks of, by which it may be accepted
    fingerprint: str = ""
    traceback: str = ""  # of our own fault, for the JSON report
    suppressed: Suppressed | None = None


class Related(msgspec.Struct, frozen=True):
    """Another place that makes a finding matter, with a phrase that says why."""

    span: Span
    message: str


class Suppressed(msgspec.Struct, frozen=True):
    """By what a finding or gap was accepted: `suppressions` or `baseline`; the rest as the user wrote it."""

    by: Literal["suppressions", "baseline"]
    reason: str
    owner: str
    expires: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's problem, placed, graded and identified."""

    rule: str
    category: Category
    severity: Severity
    confidence: Confidence
    message: str
    span: Span | None
    related: tuple[Related, ...] = ()
    remedy: str = ""
    evidence: tuple[str, ...] = ()
    fingerprint: str = ""
    suppressed: Suppressed | None = None
