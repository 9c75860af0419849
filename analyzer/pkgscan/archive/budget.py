"""Keeps the limits while bytes come out: counts what was really seen, never what an archive declares."""

from __future__ import annotations

from pkgscan.archive.limits import Limits
from pkgscan.archive.member import Damage, Exhausted


class Budget:
    """What the whole walk has used so far."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.entries = 0
        self.unpacked = 0
        self.paths = 0

    def archive(self) -> ArchiveBudget:
        """A budget for one more archive."""
        return ArchiveBudget(self)

    def unpacked_already(self) -> ArchiveBudget:
        """A budget for bytes that nothing was unpacked from: they have no ratio, whatever their number."""
        budget = ArchiveBudget(self)
        budget.packed = self.limits.unpacked
        return budget


class ArchiveBudget:
    """What one archive has used; `packed` is fed by whoever reads its bytes."""

    def __init__(self, whole: Budget) -> None:
        self._whole = whole
        self._limits = whole.limits
        self.entries = 0
        self.packed = 0
        self.unpacked = 0
        self.metadata = 0

    @property
    def most_entries(self) -> int:
        """How many entries one archive may have."""
        return self._limits.archive_entries

    def count_metadata(self, count: int) -> None:
        """More bytes of headers and tables. Raises fatal Damage at the limit."""
        self.metadata += count
        if self.metadata > self._limits.metadata:
            raise _breach("metadata", self._limits.metadata, "bytes of headers and tables in one archive")

    def count_entry(self, path: int) -> None:
        """One more entry, with a path so long. Raises fatal Damage at a limit of the archive or of the package."""
        self.entries += 1
        self._whole.paths += path
        self._whole.entries += 1
        if self.entries > self._limits.archive_entries:
            raise _breach("archive_entries", self._limits.archive_entries, "entries in one archive")
        if self._whole.entries > self._limits.entries:
            raise _breach("entries", self._limits.entries, "entries in the package", Exhausted)
        if self._whole.paths > self._limits.paths:
            raise _breach("paths", self._limits.paths, "bytes of paths in the package", Exhausted)

    def count_bytes(self, count: int) -> None:
        """More unpacked bytes. Raises fatal Damage at the limit of the package or of the archive's ratio."""
        self.unpacked += count
        self._whole.unpacked += count
        limits = self._limits
        if self.unpacked > limits.ratio_floor and self.unpacked > limits.ratio * max(self.packed, 1):
            raise _breach("ratio", limits.ratio, f"times its packed size ({self.packed} bytes gave {self.unpacked})")
        if self._whole.unpacked > limits.unpacked:
            raise _breach("unpacked", limits.unpacked, "unpacked bytes in the package", Exhausted)


def _breach(key: str, limit: int, what: str, kind: type[Damage] = Damage) -> Damage:
    slug = key.replace("_", "-")
    return kind(f"limit-{slug}", f"more than {limit} {what}; raise it with --limit {key}=N", fatal=True)
