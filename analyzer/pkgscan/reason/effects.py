"""From one command to what it does: the facts that its name and arguments make, each told with its circumstances."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

import msgspec

from pkgscan.facts.shell import Certainty, Command
from pkgscan.facts.sql import SqlCall
from pkgscan.facts.uses import (
    AccountUse,
    CronWrite,
    Failure,
    FileWrite,
    Guard,
    NetworkUse,
    PackageManagerUse,
    PrivilegeUse,
    Prompt,
    UnitUse,
)
from pkgscan.model import Fact, Related
from pkgscan.reason.layers import Layer
from pkgscan.reason.programs import accounts, databases, files, network, packages, privileges, prompts, units
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

READS_INPUT = ("<", "<<", "<<<", "<<-", "<>", "0<")
DEVICES = ("/dev/", "/proc/", "/sys/")


class About(msgspec.Struct, frozen=True):
    """What all facts of one reading of a command have in common. `environment` are the variables that it is given."""

    command: Command
    guards: tuple[Guard, ...] = ()
    failure: Failure = "counts"
    certainty: Certainty = "must"
    variable: str = ""
    set_at: tuple[Related, ...] = ()
    environment: Mapping[str, Value] = msgspec.field(default_factory=dict)
    maybe_empty: Callable[[Value], tuple[str, ...]] = lambda _: ()

    def common(self, where: str) -> dict[str, object]:
        """The fields of every use."""
        return {
            "span": self.command.span,
            "text": self.command.text,
            "guards": self.guards,
            "failure": self.failure,
            "certainty": self.certainty,
            "variable": self.variable,
            "set_at": self.set_at,
            "where": where,
        }

    @property
    def has_input(self) -> bool:
        """Whether something else than the terminal is its standard input."""
        if any(redirect.operator.lstrip("0") in READS_INPUT for redirect in self.command.redirects):
            return True
        return any(frame.kind == "pipe" and frame.position > 0 for frame in self.command.context)


Reader = Callable[[Layer, About], Iterator[Fact]]


def effects(layer: Layer, about: About) -> Iterator[Fact]:
    """What one command does, by its name."""
    for reader in READERS.get(layer.name, ()):
        yield from reader(layer, about)
    if layer.name not in units.READERS and (literal(layer.words[0]) or "").startswith(INIT_SCRIPTS):
        yield from _units(layer, about)


def _privilege(layer: Layer, about: About) -> Iterator[Fact]:
    call = privilege_call(layer.name, layer.words)
    if call is not None:
        yield PrivilegeUse(
            **about.common(layer.where),  # type: ignore[arg-type]  # fields by name
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
            **about.common(layer.where),  # type: ignore[arg-type]  # fields by name
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
            **about.common(layer.where),  # type: ignore[arg-type]  # fields by name
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
        **about.common(layer.where),  # type: ignore[arg-type]  # fields by name
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
            **about.common(where),  # type: ignore[arg-type]  # fields by name
            program=program,
            file=shown(call.path),
            source=shown(call.sources[0]) if call.sources else "",
            adds=call.way == "adds",
        )
    empty = about.maybe_empty(call.path) if call.way == "deletes" and call.is_tree else ()
    if text.startswith("/") or empty or (call.way == "mode" and text):
        yield FileWrite(
            **about.common(where),  # type: ignore[arg-type]  # fields by name
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
            **about.common(layer.where),  # type: ignore[arg-type]  # fields by name
            manager=call.manager,
            verb=call.verb,
            packages=call.packages,
            fetches=call.fetches,
            asks=call.may_ask,
        )


def _database(layer: Layer, about: About) -> Iterator[Fact]:
    environment = dict(about.environment) | dict(about.command.environment)
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
        yield Prompt(**about.common(layer.where), program=layer.name, what=what)  # type: ignore[arg-type]  # fields by name


def _reads_lines(command: Command) -> bool:
    """Whether a `read` stands in the test of a loop, where it reads a file line by line, or in a piped group."""
    return command.stands_in("while", "until", "substitution") or any(frame.kind == "test" for frame in command.context)


def _accounts(layer: Layer, about: About) -> Iterator[Fact]:
    for call in account_calls(layer.name, layer.words):
        name = literal(call.account)
        if name and HOLE not in name and not name.isdigit():
            yield AccountUse(
                **about.common(layer.where),  # type: ignore[arg-type]  # fields by name
                name=name,
                creates=call.creates,
                is_group=call.is_group,
            )


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
)
READERS: Mapping[str, tuple[Reader, ...]] = {
    name: tuple(reader for others, reader in _TABLES if name in others) for names, _ in _TABLES for name in names
}
