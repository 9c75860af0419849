"""The form of an action: its name in fixtures/sql/forms, and what else was found out on the way."""

from __future__ import annotations

import msgspec


class Form(msgspec.Struct, frozen=True):
    """`others` are further tables it touches; `table` replaces that of the action. Not `is_sure`: it may be another."""

    name: str
    others: tuple[str, ...] = ()
    table: str = ""
    old_type: str = ""
    is_sure: bool = True
