"""The one value every reporter renders. Its JSON form is the contract `pkgscan-report/1`, additive only."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from pkgscan.model import Category, Finding, Gap, Severity

GateResult = Literal["pass", "fail", "incomplete", "error"]


class Tool(msgspec.Struct, frozen=True):
    """Which program made the report."""

    name: str
    version: str


class PackageInfo(msgspec.Struct, frozen=True):
    """The package as the user named it, and what it holds. `bytes` counts unpacked bytes, nested ones included."""

    path: str
    sha256: str
    size: int
    entries: int
    bytes: int


class Gate(msgspec.Struct, frozen=True):
    """Whether the package may pass, and why. `counted` findings stood at or above `fail_on`.

    `preview`: whether findings of rules in preview were counted, too.
    """

    result: GateResult
    fail_on: Severity | Literal["never"]
    counted: int
    incomplete: int  # gaps that lead to exit 3
    exit_code: int
    preview: bool = False


class Coverage(msgspec.Struct, frozen=True):
    """What was seen. `read`: entries a reader understood; `partial`, `unread`: entries named by such a gap."""

    entries: int
    read: int
    partial: int
    unread: int
    bytes: int


class RuleInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that was loaded, as reporters need it."""

    id: str
    title: str
    summary: str
    doc: str
    remedy: str
    category: Category
    severity: Severity
    grades: tuple[tuple[Category, Severity], ...]
    family: str
    stage: str
    since: str
    integrity: bool
    formerly: tuple[str, ...] = ()
    asks: str = ""  # the table of a profile without which it is not judged


class Snippet(msgspec.Struct, frozen=True):
    """The lines around a finding, already safe to print, from `first_line` on."""

    path: str
    first_line: int
    lines: tuple[str, ...]


class ArtifactInfo(msgspec.Struct, frozen=True):
    """An entry that a finding or gap speaks of, or an archive on the way to it."""

    path: str
    archive: str
    size: int
    sha256: str
    name: bytes


class ProfileInfo(msgspec.Struct, frozen=True):
    """The profile that the package was judged against: its file, and the host it speaks of, as far as it says."""

    path: str
    name: str = ""
    os: str = ""
    version: str = ""
    time_zone: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a reporter may show. `parts` holds the conclusions' rows by key, as plain data."""

    tool: Tool
    now: str
    sandbox: tuple[str, ...]
    package: PackageInfo
    gate: Gate
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    coverage: Coverage
    rules: tuple[RuleInfo, ...]
    parts: dict[str, list[Any]]
    notes: tuple[str, ...] = ()  # expired and unused suppressions, config found in the package
    snippets: tuple[Snippet, ...] = ()
    artifacts: tuple[ArtifactInfo, ...] = ()
    profile: ProfileInfo | None = None
