"""What goes into the judging of a scan and what comes out of it: light, for every process to know."""

from __future__ import annotations

from typing import Any

import msgspec

from pkgscan.circumstances import Circumstances
from pkgscan.model import Finding, Gap
from pkgscan.report import ArtifactInfo, Coverage, PackageInfo, Snippet


class Judging(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine needs of the user's wishes. `rules`: ids to run, None for all. `facts`: hand them over, too."""

    circumstances: Circumstances
    rules: tuple[str, ...] | None = None
    findings_limit: int = 25_000
    facts: bool = False


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one scan found out, before the user's suppressions and gate are applied."""

    package: PackageInfo
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    coverage: Coverage
    parts: dict[str, list[Any]]
    snippets: tuple[Snippet, ...] = ()
    artifacts: tuple[ArtifactInfo, ...] = ()

    def named(self, path: str, size: int) -> Outcome:
        """The same with its package as the user named it, and its size even where the walk did not come to it."""
        package = msgspec.structs.replace(self.package, path=path, size=self.package.size or size)
        return msgspec.structs.replace(self, package=package)
