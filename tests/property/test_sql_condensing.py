"""What is left out of a long text of SQL changes nothing of what is read of the rest, its places included."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkgscan.facts.sql import DdlAction
from pkgscan.model import Entry
from pkgscan.readers.base import Cut, Source
from pkgscan.readers.sql import SqlReader, condensing, splitter
from pkgscan.readers.sql.condensing import condense

PIECES = st.sampled_from([
    "INSERT INTO t (a) VALUES (1, 'it''s; é');\n", "INSERT INTO t (a) VALUES\n (1),\n (2);",
    "INSERT INTO u VALUES ('x');",
    "COPY t (a) FROM stdin;\n1\ta';\né\n\\.\n", "ALTER TABLE é ADD COLUMN a int; ", "DROP TABLE x;\n",
    "-- é\n", " ", "\n",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;",
    "INSERT INTO t (a) VALUES ('" + "y" * 90 + "');  ",
])  # fmt: skip


def condensed(text: str, block: int) -> tuple[bytes, tuple[Cut, ...]]:
    data = text.encode()
    blocks = iter([data[at : at + block] for at in range(0, len(data), block)])
    kept, cuts = b"", []
    for piece in condense("x.pgsql", blocks):
        if isinstance(piece, Cut):
            cuts.append(msgspec.structs.replace(piece, offset=len(kept)))
        else:
            kept += piece
    return kept, tuple(cuts)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join), st.integers(1, 200))
def test_the_rest_is_read_as_before(text: str, block: int) -> None:
    text = "-- postgres $$ ::x jsonb\n" + text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitter, "HEAD", 120)
        patch.setattr(condensing, "HEAD", 120)
        kept, cuts = condensed(text, block)
    whole = [
        one for one in SqlReader().read(Source(Entry("x.pgsql"), "sql", text.encode())) if isinstance(one, DdlAction)
    ]
    source = Source(Entry("x.pgsql"), "sql", kept, cuts=cuts)
    rest = [one for one in SqlReader().read(source) if isinstance(one, DdlAction)]
    assert [(one.form, one.table, one.span) for one in rest] == [(one.form, one.table, one.span) for one in whole]
