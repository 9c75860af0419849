"""Shell patterns over paths, as glob(3) takes them: `*` stops at a slash."""

from __future__ import annotations

from fnmatch import fnmatchcase


def path_matches(path: str, pattern: str) -> bool:
    """Whether an absolute path fits a pattern, component by component; a leading dot needs one in the pattern."""
    parts, patterns = path.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(map(_fits, parts, patterns))


def _fits(part: str, pattern: str) -> bool:
    if part.startswith(".") and not pattern.startswith("."):
        return False
    return fnmatchcase(part, pattern)
