"""The limit on headers and tables, for tests that call a reader of archives by itself."""

from __future__ import annotations

from pkgscan.archive.budget import Budget
from pkgscan.archive.limits import Limits
from pkgscan.archive.member import Charge


def charge(most: int = Limits().metadata) -> Charge:
    """What counts the bytes of the headers and tables of one archive."""
    return Budget(Limits(metadata=most)).archive().count_metadata
