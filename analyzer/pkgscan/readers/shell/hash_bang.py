"""The first line of a script: what runs it, and with which options."""

from __future__ import annotations

import msgspec

from pkgscan.facts.shell import Dialect
from pkgscan.patterns import pattern

LINE = pattern(r"#!([^\n]*)")
BASH, KSH = frozenset(("bash", "rbash")), frozenset(("ksh", "mksh", "ksh93", "pdksh"))
NAMED = "o"  # the option that is followed by the name of another


class HashBang(msgspec.Struct, frozen=True):
    """What runs a script, as far as its first line says; `options` as `set` would take them: e, u, pipefail."""

    interpreter: str = ""
    dialect: Dialect = "sh"
    options: tuple[str, ...] = ()


def hash_bang(text: str) -> HashBang:
    """What the first line says; nothing where it is none."""
    match = LINE.match(text)
    words = match[1].split() if match else []
    while words and (words[0].rpartition("/")[2] == "env" or (words[0].startswith("-") and len(words) > 1)):
        words.pop(0)
    if not words:
        return HashBang()
    name = words[0].rpartition("/")[2]
    dialect: Dialect = "bash" if name in BASH else "ksh" if name in KSH else "dash" if name == "dash" else "sh"
    return HashBang(name, dialect, tuple(_options(words[1:])))


def _options(words: list[str]) -> list[str]:
    found: list[str] = []
    for at, word in enumerate(words):
        if word.startswith("-") and not word.startswith("--"):
            found += [letter for letter in word[1:] if letter != NAMED]
            found += words[at + 1 : at + 2] if NAMED in word else []
    return found
