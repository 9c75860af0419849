"""Shell patterns as fnmatch(3) has them, in time that grows with pattern times text, whatever the pattern is.

Source: POSIX.1-2017, XCU 2.13; sudoers(5) "Wildcards".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

_MOST = 4096  # characters of a pattern or text: the longest path that Linux takes
_CLASSES: Mapping[str, Callable[[str], bool]] = MappingProxyType({
    "alpha": str.isalpha, "digit": str.isdecimal, "alnum": str.isalnum, "upper": str.isupper, "lower": str.islower,
    "space": str.isspace, "blank": " \t".__contains__, "print": str.isprintable,
    "punct": lambda char: char.isprintable() and not char.isalnum() and char != " ",
    "xdigit": "0123456789abcdefABCDEF".__contains__,
})  # fmt: skip


def matches(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern; `*`, `?` and brackets fit a slash like any other character."""
    if len(pattern) > _MOST or len(text) > _MOST:
        return False
    return _fits(_parts(pattern), text)


def matches_path(pattern: str, path: str) -> bool:
    """The same, but a slash is fitted by a slash alone (FNM_PATHNAME)."""
    patterns, names = pattern.split("/"), path.split("/")
    return len(patterns) == len(names) and all(map(matches, patterns, names))


def _fits(parts: list[str], text: str) -> bool:
    """The last star takes one character more each time that what follows it does not fit."""
    part = at = 0
    star = back = -1
    while at < len(text):
        if part < len(parts) and parts[part] == "*":
            star, back, part = part, at, part + 1
        elif part < len(parts) and _fits_one(parts[part], text[at]):
            part, at = part + 1, at + 1
        elif star >= 0:
            back += 1
            part, at = star + 1, back
        else:
            return False
    return all(rest == "*" for rest in parts[part:])


def _fits_one(part: str, char: str) -> bool:
    if part == "?":
        return True
    if part[0] == "[" and len(part) > 1:
        negated = part[1] in "!^"
        return _is_among(part[1 + negated : -1], char) is not negated
    return part[-1] == char  # a character, or a backslash and the character


def _parts(pattern: str) -> list[str]:
    parts, at = [], 0
    while at < len(pattern):
        end = at + 1
        if pattern[at] == "\\" and end < len(pattern):
            end += 1
        elif pattern[at] == "[":
            end = _bracket_end(pattern, at)
        parts.append(pattern[at:end])
        at = end
    return parts


def _bracket_end(pattern: str, at: int) -> int:
    """Where a bracket ends; behind its first character where it does not, and so is none."""
    end = at + 1
    end += pattern.startswith(("!", "^"), end)
    end += pattern.startswith("]", end)
    while end < len(pattern) and pattern[end] != "]":
        closing = pattern.find(":]", end) if pattern.startswith("[:", end) else -1
        end = closing + 2 if closing > 0 else end + 1
    return end + 1 if end < len(pattern) else at + 1


def _is_among(members: str, char: str) -> bool:
    """Whether a character is one of a bracket's: its characters, ranges, and named classes."""
    at, found = 0, False
    while at < len(members):
        end = members.find(":]", at) if members.startswith("[:", at) else -1
        if end > 0:
            is_of_class = _CLASSES.get(members[at + 2 : end])
            found |= is_of_class is not None and is_of_class(char)
            at = end + 2
            continue
        at += members[at] == "\\" and at + 1 < len(members)
        is_range = members[at + 1 : at + 2] == "-" and at + 2 < len(members)
        last = members[at + 2] if is_range else members[at]
        found |= members[at] <= char <= last
        at += 3 if is_range else 1
    return found
