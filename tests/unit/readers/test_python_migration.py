"""What calls of Alembic and Django become: statements at the places of their calls."""

from __future__ import annotations

from pkgscan.facts.sql import SqlUnit
from pkgscan.model import Entry, Gap
from pkgscan.readers.base import Embedded, Source
from pkgscan.readers.python_migration import PythonMigrationReader

ALEMBIC = '''"""é"""
from alembic import op
import sqlalchemy as sa


def upgrade():
    op.create_table("n", sa.Column("id", sa.Integer(), nullable=False))
    op.add_column("orders", sa.Column("token", sa.String(length=20), nullable=False, server_default="x"))
    op.create_index("i", "orders", ["a"], unique=True, postgresql_concurrently=True)
    op.execute(sa.text("UPDATE orders SET a = 1"))
    op.execute(f"DROP TABLE {name}")
    op.alter_column("orders", "a", type_=sa.BigInteger(), nullable=False)
    op.create_foreign_key("fk", "orders", "customers", ["c"], ["id"])


def downgrade():
    op.drop_table("orders")
'''


def read(text: str, path: str = "p.zip!/app/migrations/versions/1.py") -> list[object]:
    return list(PythonMigrationReader().read(Source(Entry(path), "python-migration", text.encode())))


def test_alembic() -> None:
    found = read(ALEMBIC)
    (embedded,) = (one for one in found if isinstance(one, Embedded))
    assert embedded.text.split("\n") == [
        "CREATE TABLE n (id int NOT NULL);",
        "ALTER TABLE orders ADD COLUMN token varchar(20) NOT NULL DEFAULT 'x';",
        "CREATE UNIQUE INDEX CONCURRENTLY i ON orders (a);",
        "UPDATE orders SET a = 1;",
        "ALTER TABLE orders ALTER COLUMN a TYPE bigint;",
        "ALTER TABLE orders ALTER COLUMN a SET NOT NULL;",
        "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (x) REFERENCES customers;",
    ]
    assert [one.line for one in embedded.segments] == [7, 8, 9, 10, 12, 12, 13]
    assert [one.span.first_line for one in found if isinstance(one, Gap) and one.span] == [11]
    assert [one.runner for one in found if isinstance(one, SqlUnit)] == ["alembic"]


def test_django() -> None:
    text = "from django.db import migrations\nclass Migration(migrations.Migration):\n"
    found = read(
        f"{text}    operations = [migrations.RunSQL(['DROP TABLE a', 'DROP TABLE b'], 'x')]\n",
        "p!/shop/migrations/1.py",
    )
    assert [one.text for one in found if isinstance(one, Embedded)] == ["DROP TABLE a;\nDROP TABLE b;"]


def test_other_python_is_nothing_and_broken_python_is_said() -> None:
    assert read("print(1)") == []
    assert [one.reason for one in read("import alembic\ndef (") if isinstance(one, Gap)] == ["sql-not-understood"]
