"""Tools that run migrations: how their command begins, and what keeps two of them apart.

The locks are those of the tools' own sources and issue trackers: golang-migrate and Flyway hold an advisory lock that
others wait for, Rails asks for one, Prisma waits ten seconds; Alembic, Django, goose, dbmate and sql-migrate take none.
"""

from __future__ import annotations

import msgspec

ADVISORY = "advisory lock"
ROW = "row in a table"  # it stays where its runner is killed


class MigrationTool(msgspec.Struct, frozen=True):
    """A tool: the words its command must hold, in this order, and its lock unless it is told `without`."""

    name: str
    words: tuple[str, ...]
    lock: str = ""
    without: str = ""


TOOLS = (
    MigrationTool("alembic", ("alembic", "upgrade")),
    MigrationTool("flask-migrate", ("flask", "db", "upgrade")),
    MigrationTool("django", ("manage.py", "migrate")),
    MigrationTool("django", ("django-admin", "migrate")),
    MigrationTool("goose", ("goose", "up")),
    MigrationTool("dbmate", ("dbmate", "up")),
    MigrationTool("dbmate", ("dbmate", "migrate")),
    MigrationTool("sql-migrate", ("sql-migrate", "up")),
    MigrationTool("pgmigrate", ("pgmigrate", "migrate")),
    MigrationTool("sequelize", ("sequelize", "db:migrate")),
    MigrationTool("sequelize", ("sequelize-cli", "db:migrate")),
    MigrationTool("typeorm", ("typeorm", "migration:run")),
    MigrationTool("golang-migrate", ("migrate", "-path", "up"), ADVISORY),
    MigrationTool("golang-migrate", ("migrate", "-source", "up"), ADVISORY),
    MigrationTool("flyway", ("flyway", "migrate"), ADVISORY),
    MigrationTool("rails", ("rails", "db:migrate"), ADVISORY),
    MigrationTool("rails", ("rake", "db:migrate"), ADVISORY),
    MigrationTool("prisma", ("prisma", "migrate", "deploy"), ADVISORY),
    MigrationTool("node-pg-migrate", ("node-pg-migrate", "up"), ADVISORY, "--no-lock"),
    MigrationTool("atlas", ("atlas", "migrate", "apply"), ADVISORY),
    MigrationTool("liquibase", ("liquibase", "update"), ROW),
    MigrationTool("knex", ("knex", "migrate:latest"), ROW),
)
FREEING = ("release-locks", "releaseLocks", "releaselocks", "migrate:unlock", "force-unlock")
LOCKING_COMMANDS = frozenset(
    {"flock", "lockfile", "lockfile-create", "dotlockfile", "setlock", "with-lock-ex", "shlock"}
)


def tool_of(words: list[str]) -> tuple[MigrationTool, bool] | None:
    """The tool that a command's words start, and whether it takes its lock."""
    names = [word.rpartition("/")[2] for word in words]
    for tool in TOOLS:
        if _holds(names, words, tool.words):
            return tool, bool(tool.lock) and (not tool.without or tool.without not in words)
    return None


def _holds(names: list[str], words: list[str], wanted: tuple[str, ...]) -> bool:
    if wanted[0] not in names:
        return False
    at = names.index(wanted[0]) + 1
    for word in wanted[1:]:
        if word not in words[at:]:
            return False
        at = words.index(word, at) + 1
    return True
