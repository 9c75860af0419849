"""What formats share: their options, how gaps of one cause are told together, and JSON in ASCII."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from pkgscan.conclusion import Part
from pkgscan.model import MEMBER, Effect, Gap
from pkgscan.safe import redact, redact_pair, redact_words

# From what exits the run to what merely informs.
EFFECTS: tuple[Effect, ...] = ("unread", "partial", "not-judged")

_NOT_ASCII = r"[^\x0a\x20-\x7e]"
_UNPAIRED = "[\ud800-\udfff]"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How to render. Each format heeds what concerns it.

    `parts` describes the rows of `Report.parts`, as the loaded conclusions declare them. `width` is in columns, 0 for
    lines as long as they come. `label` is the stem of SARIF paths; empty: made from the package's name.
    """

    parts: tuple[Part, ...] = ()
    width: int = 100
    color: bool = False
    verbose: bool = False
    label: str = ""


class GapGroup(msgspec.Struct, frozen=True):
    """The gaps of one effect, reason and archive, in the order of the report. `archive` is empty for the run itself."""

    effect: Effect
    reason: str
    archive: str
    gaps: tuple[Gap, ...]


def merge_gaps(gaps: tuple[Gap, ...]) -> tuple[GapGroup, ...]:
    """Gaps together by effect, archive and reason: many encrypted members of one archive are one thing to mend."""
    groups: dict[tuple[Effect, str, str], list[Gap]] = {}
    for gap in gaps:
        groups.setdefault((gap.effect, _archive(gap), gap.reason), []).append(gap)
    merged = [GapGroup(effect, reason, archive, tuple(found)) for (effect, archive, reason), found in groups.items()]
    return tuple(sorted(merged, key=lambda group: (EFFECTS.index(group.effect), group.archive, group.reason)))


def _archive(gap: Gap) -> str:
    if gap.span is None:
        return ""
    return gap.span.path.rpartition(MEMBER)[0] or gap.span.path


def plain(value: Any) -> Any:
    r"""A value of our own types as plain data fit for JSON: without secrets, bytes in base64.

    An unpaired surrogate, which JSON cannot hold, is written out as `\udce9`. Control characters stay.
    """
    return _clean(msgspec.to_builtins(value, builtin_types=(bytes,)))


def _clean(value: Any) -> Any:
    # As deep as our own types nest, whatever the package holds.
    if isinstance(value, str):
        return _paired(redact(value))
    if isinstance(value, bytes):
        from base64 import b64encode  # noqa: PLC0415  # a report on a terminal needs none

        return b64encode(value).decode()
    if isinstance(value, list | tuple):
        return [_clean(one) for one in _without_secrets(value)]
    if isinstance(value, dict):
        if isinstance(value.get("name"), str) and isinstance(value.get("value"), str):  # a variable, a setting
            value = {**value, "value": redact_pair(value["name"], value["value"])}
        return {key: _clean(one) for key, one in value.items()}
    return value


def _paired(text: str) -> str:
    return text if text.isascii() else re.sub(_UNPAIRED, lambda match: f"\\u{ord(match[0]):04x}", text)


def _without_secrets(values: Sequence[Any]) -> Sequence[Any]:
    """A list without what is a secret for the place it has in it: the words of a command, pairs of name and value."""
    if len(values) > 1 and all(isinstance(one, str) for one in values):
        return redact_words(values)
    if values and all(_is_pair(one) for one in values):
        return [(name, redact_pair(name, value)) for name, value in values]
    texts = [_word(one) for one in values]
    known = [text for text in texts if text is not None]
    if len(known) < len(values):
        return values
    return [
        one if before == after else {"type": "Literal", "text": after}
        for one, before, after in zip(values, known, redact_words(known), strict=True)
    ]


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(one, str) for one in value)  # noqa: PLR2004


def _word(value: Any) -> str | None:
    """A word of a command as one text, what is not known of it as a variable; None for anything else."""
    match value:
        case {"type": "Literal", "text": str(text)}:
            return text
        case {"type": "Join", "parts": parts}:
            return "".join(_word(part) or "" for part in parts)
        case {"type": "VariableRef" | "Unknown"}:
            return f"${value.get('name', '')}"
    return None


def ascii_json(tree: Any, indent: int = -1) -> str:
    """Plain data as JSON in ASCII, every control character and letter beyond ASCII escaped; -1 is one line."""
    text = msgspec.json.encode(tree)
    if indent >= 0:
        text = msgspec.json.format(text, indent=indent)
    return re.sub(_NOT_ASCII, _escape, text.decode())


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
