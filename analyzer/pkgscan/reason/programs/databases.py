"""What database clients are told to run, and how: psql, mysql, mariadb, sqlite3, sqlplus, sqlcmd.

Options by the manual page of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from pkgscan.facts.sql import Engine
from pkgscan.reason.programs.network_options import MYSQL, PSQL, SQLCMD
from pkgscan.reason.programs.options import Given, given, options
from pkgscan.reason.words import behind, head, holed
from pkgscan.values import Literal, Value, VariableRef, literal

OPTION = "-c"  # of PGOPTIONS: `-c lock_timeout=5s`


class DatabaseCall(msgspec.Struct, frozen=True, kw_only=True):
    """What a client is told: SQL in `texts`, `files` that it reads, and of the session what its options say.

    `reads_input` where nothing else is named, so that its standard input is SQL.
    """

    client: str
    engine: Engine
    texts: tuple[Value, ...] = ()
    files: tuple[Value, ...] = ()
    reads_input: bool = False
    host: Value | None = None
    port: Value | None = None
    user: Value | None = None
    database: Value | None = None
    in_one_transaction: bool = False
    stops_at_error: bool = False
    settings: tuple[tuple[str, str], ...] = ()


def database_call(name: str, words: Sequence[Value], environment: Mapping[str, Value]) -> DatabaseCall | None:
    """What a client is told by its arguments and `environment`; None where it runs no SQL."""
    reader = READERS.get(name)
    return reader(name, words, environment) if reader else None


def _psql(name: str, words: Sequence[Value], environment: Mapping[str, Value]) -> DatabaseCall | None:
    found = given(words, PSQL)
    if found.has("--version", "--help", "-l", "--list", "-?"):
        return None
    texts, files = tuple(found.values("-c", "--command")), tuple(found.values("-f", "--file"))
    read = tuple(file for file in files if literal(file) != "-")
    named = found.value("-d", "--dbname") or (found.operands[0] if found.operands else None)
    variables = [holed(value) for value in found.values("-v", "--set", "--variable")]
    return DatabaseCall(
        client=name,
        engine="postgresql",
        texts=texts,
        files=read,
        reads_input=not texts and not read,
        host=found.value("-h", "--host") or environment.get("PGHOST"),
        port=found.value("-p", "--port") or environment.get("PGPORT"),
        user=found.value("-U", "--username") or second(found) or environment.get("PGUSER"),
        database=named or environment.get("PGDATABASE"),
        in_one_transaction=found.has("-1", "--single-transaction"),
        stops_at_error=any(_is_on(variable) for variable in variables),
        settings=tuple(_settings(environment.get("PGOPTIONS"))),
    )


def second(found: Given) -> Value | None:
    """The second operand, if there is one."""
    return found.operands[1] if len(found.operands) > 1 else None


def _is_on(variable: str) -> bool:
    name, _, value = variable.partition("=")
    return name == "ON_ERROR_STOP" and value.lower() in ("1", "on", "true", "yes", "")


def _settings(value: Value | None) -> Iterator[tuple[str, str]]:
    """The pairs of `-c lock_timeout=5s -c statement_timeout=0` or `--lock_timeout=5s`."""
    words = holed(value).split() if value is not None else []
    for at, word in enumerate(words):
        if word == OPTION and at + 1 < len(words):
            setting = words[at + 1]
        elif word.startswith("--"):
            setting = word[2:]
        elif word.startswith(OPTION) and len(word) > len(OPTION):
            setting = word[len(OPTION) :]
        else:
            continue
        name, equals, text = setting.partition("=")
        if equals:
            yield name.replace("-", "_"), text


def _mysql(name: str, words: Sequence[Value], environment: Mapping[str, Value]) -> DatabaseCall | None:
    found = given(words, MYSQL)
    if found.has("--version", "--help", "-V", "-?"):
        return None
    texts = tuple(found.values("-e", "--execute"))
    sources = tuple(behind(text, len("source ")) for text in texts if head(text).lower().startswith("source "))
    first = found.operands[0] if found.operands else None
    started = tuple(_assignments(found.value("--init-command")))
    return DatabaseCall(
        client=name,
        engine="mariadb" if name == "mariadb" else "mysql",
        texts=tuple(text for text in texts if not head(text).lower().startswith("source ")),
        files=sources,
        reads_input=not texts,
        host=found.value("-h", "--host") or environment.get("MYSQL_HOST"),
        port=found.value("-P", "--port") or environment.get("MYSQL_TCP_PORT"),
        user=found.value("-u", "--user"),
        database=found.value("-D", "--database") or first,
        stops_at_error=not found.has("-f", "--force"),
        settings=started,
    )


def _assignments(value: Value | None) -> Iterator[tuple[str, str]]:
    """The pairs of `SET lock_wait_timeout=5, x=1`."""
    text = holed(value).strip().rstrip(";") if value is not None else ""
    if text[:4].lower() != "set ":
        return
    for pair in text[4:].split(","):
        name, equals, setting = pair.partition("=")
        if equals:
            words = name.split()
            yield (words[-1] if words else "").rpartition(".")[2].lstrip("@"), setting.strip()


def _sqlite3(name: str, words: Sequence[Value], environment: Mapping[str, Value]) -> DatabaseCall | None:  # noqa: ARG001  # the table's shape
    long = "-init -cmd -separator -newline -nullvalue -mmap -vfs -maxsize -lookaside -pagecache -heap"
    found = given(words, options(long=f"{long} {' '.join(f'-{word}' for word in long.split())}", plain=True))
    if found.has("-version", "--version", "-help", "--help"):
        return None
    operands = [operand for operand in found.operands if not _is_handed_on(operand)]
    texts = (*found.values("-cmd", "--cmd"), *operands[1:])
    files = [*found.values("-init", "--init")]
    files += [behind(text, len(".read ")) for text in texts if head(text).startswith(".read ")]
    return DatabaseCall(
        client=name,
        engine="sqlite",
        texts=tuple(text for text in texts if not head(text).startswith(".read ")),
        files=tuple(files),
        reads_input=len(operands) < 2,  # noqa: PLR2004  # the database, and SQL behind it
        database=operands[0] if operands else None,
        stops_at_error=found.has("-bail", "--bail") or bool(operands[1:]),
    )


def _is_handed_on(value: Value) -> bool:
    """Whether a word stands for the script's own arguments, which are options where anything stands behind them."""
    return isinstance(value, VariableRef) and value.name in ("@", "*")


def _sqlplus(name: str, words: Sequence[Value], environment: Mapping[str, Value]) -> DatabaseCall | None:  # noqa: ARG001  # the table's shape
    found = given(words, options("CMR"))
    if found.has("-V", "-H") and not found.operands:
        return None
    scripts = [operand for operand in found.operands if head(operand).startswith("@")]
    logons = [operand for operand in found.operands if not head(operand).startswith("@")]
    user = (literal(logons[0]) or "").partition("/")[0] if logons else ""
    return DatabaseCall(
        client=name,
        engine="oracle",
        files=tuple(behind(script, 2 if head(script).startswith("@@") else 1) for script in scripts[:1]),
        reads_input=not scripts,
        user=Literal(user) if user else None,
        database=logons[0] if logons and not user else None,
    )


def _sqlcmd(name: str, words: Sequence[Value], environment: Mapping[str, Value]) -> DatabaseCall | None:
    found = given(words, SQLCMD)
    texts, files = tuple(found.values("-q", "-Q")), tuple(found.values("-i"))
    return DatabaseCall(
        client=name,
        engine="sqlserver",
        texts=texts,
        files=files,
        reads_input=not texts and not files,
        host=found.value("-S") or environment.get("SQLCMDSERVER"),
        user=found.value("-U") or environment.get("SQLCMDUSER"),
        database=found.value("-d") or environment.get("SQLCMDDBNAME"),
        stops_at_error=found.has("-b"),
    )


READERS: Mapping[str, Callable[[str, Sequence[Value], Mapping[str, Value]], DatabaseCall | None]] = {
    "psql": _psql,
    "mysql": _mysql,
    "mariadb": _mysql,
    "sqlite3": _sqlite3,
    "sqlite": _sqlite3,
    "sqlplus": _sqlplus,
    "sqlcmd": _sqlcmd,
}
