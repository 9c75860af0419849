"""A statement made ready for a parser, without moving a character: what is a template's or a client's is filled in."""

from __future__ import annotations

import re

from pkgscan.facts.sql import Dialect

DEEPEST = 200  # brackets in brackets; parsers that recurse stand some thousands, people write twenty
_EXECUTED = re.compile(r"/\*M?!\d*+|\*/")
_TEMPLATE = re.compile(
    r"\$\{[\w.:-]++\}|\{\{[^{}\n]{0,200}+\}\}|\{%[^%\n]{0,200}+%\}|%\(\w++\)s|@@?\{\w++\}|#\{[\w.]++\}|\$\(\w++\)|__[A-Z_]++__"
)
# It begins with its one character, which is looked for fast, and only then with what may not stand before that.
_CLIENT_VARIABLE = re.compile(r":(?<![:\w]:)(?::?+'\w++'|\"\w++\"|[A-Za-z_]\w*+)")
_BRACKET = re.compile(r"[()]|'[^']*+'?|\"[^\"]*+\"?|--[^\n]*+")


def prepared(text: str, dialect: Dialect) -> str:
    """The text, of the same length, with placeholders as names and MySQL's executed comments opened."""
    if "/*" in text and dialect in {"mysql", "mariadb"} and ("/*!" in text or "/*M!" in text):
        text = _opened(text)
    if any(mark in text for mark in ("{", "%(", "$(", "__")):
        text = _TEMPLATE.sub(_filled, text)
    if dialect == "postgresql" and ":" in text:
        text = _CLIENT_VARIABLE.sub(_filled, text)
    return text


def _opened(text: str) -> str:
    inside = False
    pieces, at = [], 0
    for mark in _EXECUTED.finditer(text):
        opens = mark.group() != "*/"
        if opens or inside:
            pieces += [text[at : mark.start()], " " * len(mark.group())]
            at = mark.end()
        inside = opens
    return "".join((*pieces, text[at:]))


def _filled(match: re.Match[str]) -> str:
    found = match.group()
    if found.startswith("::"):
        return found
    if found.startswith("{%"):
        return " " * len(found)
    if found.startswith(":'"):
        return " " + found[1:]
    if found.startswith(':"'):
        return " " + found[1:]
    return ("p_" + re.sub(r"\W", "_", found))[: len(found)].ljust(len(found), "_")


def is_too_deep(text: str) -> bool:
    """Whether brackets are nested deeper than a parser should be asked to follow."""
    if text.count("(") <= DEEPEST:
        return False
    depth = 0
    for mark in _BRACKET.finditer(text):
        depth += {"(": 1, ")": -1}.get(mark.group(), 0)
        if depth > DEEPEST:
            return True
    return False
