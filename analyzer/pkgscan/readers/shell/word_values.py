"""What a word stands for, as far as its text says."""

from __future__ import annotations

from functools import lru_cache

from pkgscan.patterns import pattern
from pkgscan.readers.shell import tokens
from pkgscan.values import Literal, Unknown, Value, VariableRef, join

OUTPUT = Unknown("output of a command")
COMPUTED = Unknown("computed at run time")
HOME = Unknown("home directory")
WORDS_KEPT = 4096  # distinct words whose values are kept: scripts say the same few again and again
PIECE = pattern(
    rf"(?s)'([^']*+)'|\"((?:[^\"\\]++|\\.)*+)\"|\\(.)|\$'((?:[^'\\]++|\\.)*+)'"
    rf"|\$\{{?({tokens.NAME}|[0-9]++(?=\}})|[0-9@*#?$!-])\}}?|({tokens.PLAIN})"
)
QUOTED_PIECE = pattern(
    rf"(?s)\\([$`\"\\])|(\\\n)|\$(?:\{{({tokens.NAME}|[0-9]++|[@*#?$!-])\}}|({tokens.NAME}|[0-9@*#?$!-]))|([^$\\]++|[$\\])"
)
TILDE = pattern(r"~[A-Za-z0-9_.+-]*(?=/|\Z)")
SPECIAL = pattern(r"[\"'\\$~]")
ESCAPE = pattern(r"(?s)\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|c(.)|(.))")
ESCAPES = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip
RUN_TIME = frozenset("#?$!-")
TOP_CODE_POINT = 0x10FFFF


def parameter(name: str, *, splits: bool) -> VariableRef | Unknown:
    """The value of a parameter: a variable, a positional one, or what only a running shell has."""
    return Unknown("set at run time") if name in RUN_TIME else VariableRef(name, splits=splits)


@lru_cache(WORDS_KEPT)
def value_of(raw: str) -> Value:
    """The value of a word that matched SIMPLE_WORD, from its text."""
    if SPECIAL.search(raw) is None:
        return Literal(raw)
    parts: list[Literal | VariableRef | Unknown] = []
    at = 0
    if raw[0] == "~" and (tilde := TILDE.match(raw)):
        parts.append(HOME)
        at = tilde.end()
    for piece in PIECE.finditer(raw, at):
        group = piece.lastindex
        if group == 2:  # noqa: PLR2004  # the groups are named in PIECE
            parts.extend(_quoted(piece[2]))
        elif group == 5:  # noqa: PLR2004
            parts.append(parameter(piece[5], splits=True))
        elif group == 4:  # noqa: PLR2004
            parts.append(Literal(ansi_text(piece[4])))
        else:
            parts.append(Literal(piece[group or 0]))
    return join(parts)


def _quoted(text: str) -> list[Literal | VariableRef | Unknown]:
    """The parts of what stands in double quotes."""
    parts: list[Literal | VariableRef | Unknown] = [Literal("")] if not text else []
    for piece in QUOTED_PIECE.finditer(text):
        name = piece[3] or piece[4]
        if name:
            parts.append(parameter(name, splits=False))
        elif not piece[2]:
            parts.append(Literal(piece[1] or piece[5]))
    return parts


def ansi_text(text: str) -> str:
    """What stands in `$'...'`, its escapes taken for what they mean."""
    return ESCAPE.sub(lambda match: _escaped(*match.groups()), text)


def _escaped(  # noqa: PLR0913, PLR0917  # the groups of ESCAPE
    two: str | None, four: str | None, eight: str | None, octal: str | None, control: str | None, other: str | None
) -> str:
    digits = two or four or eight
    if digits or octal:
        code = int(digits, 16) if digits else int(octal or "0", 8) & 0xFF
        return chr(code) if 0 < code <= TOP_CODE_POINT and not 0xD800 <= code < 0xE000 else ""  # noqa: PLR2004  # surrogates
    if control:
        return chr(ord(control) & 0x1F)
    return ESCAPES.get(other or "", other if other in ("\\", "'", '"', "?") else f"\\{other}")
