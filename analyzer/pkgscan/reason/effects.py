"""From one command to what it does: the facts that its name and arguments make, each told with its circumstances."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from pkgscan.facts.shell import Command
from pkgscan.facts.sql import SqlCall
from pkgscan.facts.uses import (
    AccountUse,
    CommandUse,
    CronWrite,
    FailureIgnored,
    FileWrite,
    NetworkUse,
    PackageManagerUse,
    PrivilegeUse,
    Prompt,
    UnitUse,
)
from pkgscan.model import Fact
from pkgscan.reason.about import About
from pkgscan.reason.layers import Layer
from pkgscan.reason.programs import accounts, databases, files, network, optional, packages, privileges, prompts, units
from pkgscan.reason.programs.accounts import account_calls
from pkgscan.reason.programs.cron import crontab_call, is_cron_place
from pkgscan.reason.programs.databases import database_call
from pkgscan.reason.programs.files import FileCall, file_calls
from pkgscan.reason.programs.network import endpoints
from pkgscan.reason.programs.packages import package_call
from pkgscan.reason.programs.privileges import privilege_call
from pkgscan.reason.programs.prompts import prompt
from pkgscan.reason.programs.units import INIT_SCRIPTS, unit_calls, unit_name
from pkgscan.reason.words import HOLE, holed
from pkgscan.values import Value, literal, shown

DEVICES = ("/dev/", "/proc/", "/sys/")


Reader = Callable[[Layer, About], Iterator[Fact]]


def effects(layer: Layer, about: About) -> Iterator[Fact]:
    """What one command does, by its name."""
    for reader in READERS.get(layer.name, ()):
        yield from reader(layer, about)
    is_init_script = (literal(layer.words[0]) or "").startswith(INIT_SCRIPTS)
    if layer.name not in units.READERS and is_init_script and not about.runs_itself(layer.words):
        yield from _units(layer, about)


def _privilege(layer: Layer, about: About) -> Iterator[Fact]:
    call = privilege_call(layer.name, layer.words)
    if call is not None:
        yield PrivilegeUse(
            **about.common(layer.where),
            program=call.program,
            user=literal(call.user) or "",
            command=call.command,
            asks=call.asks,
            drops=literal(call.user) not in ("root", None) and call.program in DROPPING,
            queries=call.queries,
        )


# What only root uses, to become somebody else.
DROPPING = frozenset(("su", "runuser", "setpriv", "gosu", "su-exec", "setuidgid"))


def _units(layer: Layer, about: About) -> Iterator[Fact]:
    for call in unit_calls(layer.name, layer.words):
        yield UnitUse(
            **about.common(layer.where),
            manager=call.manager,
            verb=call.verb,
            unit=unit_name(call.unit) if call.unit is not None else "",
            written=call.unit,
            kind=call.kind,
            legacy=call.legacy,
            of_user=call.of_user,
        )


def _network(layer: Layer, about: About) -> Iterator[Fact]:
    for end in endpoints(layer.name, layer.words):
        yield NetworkUse(
            **about.common(layer.where),
            program=layer.name,
            scheme=end.scheme,
            host=end.host,
            port=end.port,
            user=end.user,
            unresolved=end.unresolved,
        )


def _crontab(layer: Layer, about: About) -> Iterator[Fact]:
    call = crontab_call(layer.words, has_input=about.has_input)
    if call is None or call.way in ("lists", "edits"):
        return
    yield CronWrite(
        **about.common(layer.where),
        program=layer.name,
        user=shown(call.user) if call.user is not None else "",
        source=shown(call.source) if call.source is not None else "",
        removes=call.way == "removes",
    )


def _files(layer: Layer, about: About) -> Iterator[Fact]:
    for call in file_calls(layer.name, layer.words):
        yield from written(layer.name, call, about, layer.where)


def written(program: str, call: FileCall, about: About, where: str = "") -> Iterator[Fact]:
    """The facts of one file that a command changes."""
    text = holed(call.path)
    if text.startswith(DEVICES):
        return
    if is_cron_place(call.path) and call.way in ("replaces", "adds"):
        yield CronWrite(
            **about.common(where),
            program=program,
            file=shown(call.path),
            source=shown(call.sources[0]) if call.sources else "",
            adds=call.way == "adds",
        )
    empty = (
        about.around.emptiable(about.command).get(text.lstrip(HOLE), ())
        if call.way == "deletes" and call.is_tree
        else ()
    )
    if text.startswith("/") or empty or (call.way == "mode" and text):
        yield FileWrite(
            **about.common(where),
            program=program,
            way=call.way,
            path=shown(call.path) if HOLE in text else text,
            written=call.path,
            sources=tuple(shown(source) for source in call.sources),
            mode=call.mode,
            kept=call.keeps,
            is_tree=call.is_tree,
            is_forced=call.is_forced,
            may_be_empty=empty,
        )


def redirected(about: About, target: Value, *, adds: bool) -> Iterator[Fact]:
    """The facts of a redirect to a file."""
    program = (literal(about.command.words[0]) or "").rpartition("/")[2]
    yield from written(program, FileCall("adds" if adds else "replaces", target), about)


def _packages(layer: Layer, about: About) -> Iterator[Fact]:
    call = package_call(layer.name, layer.words)
    if call is not None:
        yield PackageManagerUse(
            **about.common(layer.where),
            manager=call.manager,
            verb=call.verb,
            packages=call.packages,
            fetches=call.fetches,
            asks=call.may_ask,
        )


def _database(layer: Layer, about: About) -> Iterator[Fact]:
    environment = dict(about.around.environment()) | dict(about.command.environment)
    call = database_call(layer.name, layer.words, environment)
    if call is None:
        return
    redirects = about.command.redirects
    bodies = tuple(one.body.span(about.command.span.path) for one in redirects if one.body is not None)
    files = tuple(one.target for one in redirects if one.operator.lstrip("0") == "<") if call.reads_input else ()
    texts = (about.command.span,) if call.texts or any(one.operator == "<<<" for one in redirects) else ()
    piped = any(frame.kind == "pipe" and frame.position > 0 for frame in about.command.context)
    yield SqlCall(
        span=about.command.span,
        text=about.command.text,
        client=call.client,
        engine=call.engine,
        files=(*call.files, *files),
        texts_at=(*texts, *bodies),
        reads_input=call.reads_input and piped and not bodies and not files,
        host=call.host,
        port=call.port,
        user=call.user,
        database=call.database,
        in_one_transaction=call.in_one_transaction,
        stops_at_error=call.stops_at_error,
        settings=call.settings,
        context=about.command.context,
        certainty=about.certainty,
    )


def _prompt(layer: Layer, about: About) -> Iterator[Fact]:
    what = prompt(layer.name, layer.words, has_input=about.has_input)
    if what and not (layer.name == "read" and _reads_lines(about.command)):
        yield Prompt(**about.common(layer.where), program=layer.name, what=what)


def _reads_lines(command: Command) -> bool:
    """Whether a `read` stands in the test of a loop, where it reads a file line by line, or in a piped group."""
    return command.stands_in("while", "until", "substitution") or any(frame.kind == "test" for frame in command.context)


def _accounts(layer: Layer, about: About) -> Iterator[Fact]:
    for call in account_calls(layer.name, layer.words):
        name = literal(call.account) or ""
        if (name or call.creates) and not name.isdigit():
            yield AccountUse(
                **about.common(layer.where),
                name=name,
                creates=call.creates,
                is_group=call.is_group,
            )


def _commands(layer: Layer, about: About) -> Iterator[Fact]:
    """That a program of the host is run which not every host has."""
    name = literal(layer.words[0])
    if name is not None and "/" not in name:
        yield CommandUse(**about.common(layer.where), name=layer.name)


def _ignored(layer: Layer, about: About) -> Iterator[Fact]:
    """That the failure of a copy, an unpacking or a database client is swallowed."""
    if about.failure != "ignored":
        return
    if layer.name in databases.READERS:
        call = database_call(layer.name, layer.words, about.around.environment())
        what = "runs SQL" if call is not None and (call.files or call.texts or call.reads_input) else ""
    else:
        targets = [call.path for call in file_calls(layer.name, layer.words) if call.way == "replaces"]
        path = literal(targets[0]) if targets else None
        what = f"copies to {path}" if path and path.startswith("/") and not path.startswith(PASSING) else ""
    if what:
        yield FailureIgnored(**about.common(layer.where), program=layer.name, what=what)


PASSING = ("/tmp/", "/var/tmp/", "/run/", "/var/run/", "/dev/", "/proc/", "/sys/", "/var/cache/")  # noqa: S108  # names of folders
COPIES = ("cp", "mv", "install", "rsync")

_TABLES: tuple[tuple[Collection[str], Reader], ...] = (
    (privileges.READERS, _privilege),
    (units.READERS, _units),
    (network.CLIENTS, _network),
    (("crontab",), _crontab),
    (files.READERS, _files),
    (packages.MANAGERS, _packages),
    (databases.READERS, _database),
    ((*prompts.DIALOGS, *prompts.EDITORS, *prompts.ASKING, "read"), _prompt),
    (accounts.READERS, _accounts),
    (optional.OPTIONAL, _commands),
    ((*databases.READERS, *COPIES), _ignored),
)
READERS: Mapping[str, tuple[Reader, ...]] = {
    name: tuple(reader for others, reader in _TABLES if name in others) for names, _ in _TABLES for name in names
}
