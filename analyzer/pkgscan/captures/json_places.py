"""Where each value of a JSON text stands, which json does not say. The text is one that json has taken."""

from __future__ import annotations

import re

Key = str | int  # of an object, or a place in a list counted from 0
Keys = tuple[Key, ...]

_TOKEN = re.compile(r'[\s,:]*(?:("(?:[^"\\]|\\.)*")|([\[{])|([\]}])|([^\s,:\[\]{}"]+))')


def places(text: str) -> dict[Keys, int]:
    """The offset of each value, by the keys that lead to it."""
    import json  # noqa: PLC0415  # known to be there: it has taken the text

    found: dict[Keys, int] = {}
    around: list[tuple[Keys, bool, int]] = []  # keys, whether a list, items so far
    at, key = Keys(), None  # keys of the next value; of an object that it is in, None until its name was read
    for token in _TOKEN.finditer(text):
        if token[3]:
            around.pop()
        elif around and not around[-1][1] and key is None and token[1]:
            key = token[1][1:-1] if "\\" not in token[1] else json.loads(token[1])
            at = (*around[-1][0], key)
            continue
        else:
            if around and around[-1][1]:
                keys, is_list, count = around[-1]
                around[-1] = (keys, is_list, count + 1)
                at = (*keys, count)
            found[at] = token.end() - len(token[0].lstrip(" \t\r\n,:"))
            if token[2]:
                around.append((at, token[2] == "[", 0))
        key = None
    return found
