"""What PostgreSQL does to a table whose column changes its type: nothing, its indexes anew, or every row anew."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from pkgscan.readers.sql.action import Action
from pkgscan.readers.sql.state import UnitState

Change = Literal["", "compatible", "rewrite", "index-rebuild"]  # empty: not known
_Parts: TypeAlias = tuple[str, tuple[int, ...]]  # a type's name and its numbers
_TYPE = re.compile(r"([^(\[]*+)(?:\(([\d,\s-]*+)\))?(\[\])*+")
_TEXTS = frozenset({"text", "varchar", "citext"})
_LENGTHENED = frozenset({"varbit", "timestamp", "timestamptz", "time", "timetz", "interval"})
_SAME_BYTES = frozenset({("cidr", "inet"), ("xml", "text"), ("xml", "varchar"), ("int", "oid"), ("int", "regclass")})


def type_change(old: str, action: Action, state: UnitState) -> Change:
    """What a change from the old type to that of an action does.

    Source: ATColumnChangeRequiresRewrite and the support functions of varchar, numeric, varbit, timestamp and interval.
    """
    if not old:
        return ""
    new, constrained = state.domains.get(action.type, (action.type, False))
    if constrained or action.has("using"):
        return "rewrite"
    return "compatible" if new == old else _between(_parts(old), _parts(new), action, state)


def _between(old: _Parts, new: _Parts, action: Action, state: UnitState) -> Change:
    (before, old_numbers), (after, new_numbers) = old, new
    if {before, after} == {"timestamp", "timestamptz"}:
        return _time_zone(action, state)
    if before == after == "numeric":
        return _numeric(old_numbers, new_numbers)
    if before in _TEXTS and after in _TEXTS:
        keeps = not new_numbers or (before == "varchar" and bool(old_numbers) and new_numbers[0] >= old_numbers[0])
    elif before == after and before in _LENGTHENED:
        keeps = not new_numbers or (bool(old_numbers) and new_numbers >= old_numbers)
    else:
        keeps = (before, after) in _SAME_BYTES
    return "compatible" if keeps else "rewrite"


def _numeric(old: tuple[int, ...], new: tuple[int, ...]) -> Change:
    if not new:
        return "compatible"
    scales = [(*numbers, 0)[1] for numbers in (old, new)]
    return "compatible" if old and new[0] >= old[0] and scales[0] == scales[1] else "rewrite"


def _time_zone(action: Action, state: UnitState) -> Change:
    zone = state.setting("timezone")
    if not zone:
        return ""
    if zone not in {"utc", "gmt", "0", "etc/utc", "zulu"}:
        return "rewrite"
    indexed = any(table == action.table and action.column in columns for table, columns in state.indexes.values())
    return "index-rebuild" if indexed else "compatible"


def _parts(name: str) -> _Parts:
    match = _TYPE.fullmatch(name)
    if match is None:
        return name, ()
    numbers = tuple(int(one) for one in (match[2] or "").split(",") if one.strip().isdigit())
    return match[1].strip() + (match[3] or ""), numbers
