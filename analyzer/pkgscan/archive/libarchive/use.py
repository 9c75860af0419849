"""Whether a walk used libarchive, from whichever reader: asked without loading it."""

from __future__ import annotations

import sys


def count() -> int:
    """How often this process asked for the library so far; more at the end of a walk that used it."""
    if "pkgscan.archive.libarchive.binding" not in sys.modules:
        return 0
    from pkgscan.archive.libarchive.binding import binding  # noqa: PLC0415  # heavy, and loaded by now

    asked = binding.cache_info()
    return asked.hits + asked.misses


def refused(before: int) -> str:
    """Which formats the library used since `count` was `before` is not let at; empty where it was not used."""
    if count() == before:
        return ""
    from pkgscan.archive.libarchive.binding import switched_off  # noqa: PLC0415  # heavy, and loaded by now

    return switched_off()
