"""One text of SQL that runs as a whole, statement after statement, to facts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pkgscan.facts.sql import AdvisoryLock, DdlAction, Runner, SqlUnit
from pkgscan.model import Gap, Span
from pkgscan.readers.base import Reading, Source
from pkgscan.readers.sql import hidden, markers
from pkgscan.readers.sql.action import Action, Parsed
from pkgscan.readers.sql.dialect import Found
from pkgscan.readers.sql.hidden import Inner
from pkgscan.readers.sql.parsing import Step, parse, with_forms
from pkgscan.readers.sql.splitter import HEAD, Chunk, split
from pkgscan.readers.sql.state import OBJECTS, UnitState

GAPS = 20  # of one unit that are told one by one; what is behind is counted
_SHOWN = 200  # characters of a statement kept as its text
# What matters to nobody who waits: no lock worth a word.
_UNSAID = frozenset({
    "insert", "define", "other", "call", "set", "begin", "commit", "rollback", "do", "execute", "create-function",
    "create-domain", "algorithm", "lock", "drop-other", "other-alter",
})  # fmt: skip
_LEADS_ON = frozenset({"create-function", "do", "call"})
_ONE_TRANSACTION: frozenset[Runner] = frozenset({"goose", "dbmate", "sql-migrate"})
_ADVISORY = re.compile(
    r"pg_(?P<try>try_)?advisory_(?:xact_)?lock(?:_shared)?|get_lock|sp_getapplock|dbms_lock\.request"
)
_IMPLICIT_COMMIT = frozenset({"mysql", "mariadb", "oracle"})


class Unit:
    """Reads one source. Its state is that of the session that runs it."""

    def __init__(self, source: Source, found: Found) -> None:
        self._source = source
        self._found = found
        self._state = UnitState()
        self._routines: dict[str, str] = {}
        self._name = _unit_name(source)
        member = source.entry.member
        self._is_undo = markers.is_undo(member)
        self._runner: Runner = markers.runner_of(member)
        self._is_whole = False  # the runner wraps it in one transaction
        self._apart = False  # a mark says that it does not
        self._number = 0
        self._gaps = 0
        self._meta: list[str] = []
        self._has_strings = False  # of SQL: what a later EXECUTE runs is known

    def readings(self) -> Iterator[Reading]:
        """The facts of every statement, then that of the unit."""
        at = 0
        for chunk in split(self._source.text, self._found.dialect):
            if chunk.kind == "comment":
                self._heed(chunk.text)
            elif chunk.kind == "meta" and len(self._meta) < HEAD:
                self._meta.append(chunk.text)
            elif chunk.kind == "statement":
                yield from self._statement(chunk, at)
            at += len(chunk.text)
        if self._gaps > GAPS:
            yield self._gap(f"{self._gaps - GAPS} further statements of it were not understood", self._whole())
        yield SqlUnit(
            span=self._whole(), engine=self._found.dialect, unit=self._name, dialect_by=self._found.by,
            runner=self._runner, statements=self._number, is_undo=self._is_undo,
            stops_at_error=markers.stops_at_error("".join(self._meta)), in_one_transaction=self._is_whole,
        )  # fmt: skip

    def _whole(self) -> Span:
        return self._source.span(0, max(0, len(self._source.text) - 1))

    def _heed(self, comment: str) -> None:
        """Take a comment for what migration tools take it for."""
        if found := markers.marker(comment):
            self._runner = found.runner
            self._is_undo = self._is_undo if found.is_undo is None else found.is_undo
            self._apart = self._apart or found.no_transaction
            if self._found.dialect not in _IMPLICIT_COMMIT:
                self._is_whole = found.runner in _ONE_TRANSACTION and not self._apart

    def _statement(self, chunk: Chunk, at: int) -> Iterator[Reading]:
        self._number += 1
        text = chunk.text[:HEAD]
        yield from self._run(Inner(text, 0, ""), at, 0, is_whole=chunk.is_whole)

    def _run(self, inner: Inner, at: int, depth: int, *, is_whole: bool = True) -> Iterator[Reading]:
        """The facts of a statement, and of those behind it. `at`: of what stands in the source, where it does."""
        if inner.is_opaque or depth > hidden.DEPTH:
            yield from self._not_understood(f"what {inner.via} runs is built at run time, and cannot be told", at, 1)
            return
        parsed = parse(inner.text, self._found.dialect)
        behind = self._in_text(inner.text, parsed)
        if parsed.parser is None and not behind and not _is_empty(inner.text):
            yield from self._not_understood(f"no parser takes: {_first_words(inner.text)}", at, len(inner.text))
        for number, step in enumerate(with_forms(parsed.actions, self._found.dialect, self._state), 1):
            action = step.action
            yield from self._facts(step, (number, parsed.parser or "tokens"), inner, at)
            if action.verb in _LEADS_ON:
                behind += self._behind(action, inner.text)
            if action.verb == "execute" and not (action.body or behind or self._has_strings):
                yield from self._not_understood("SQL in a variable, which cannot be told", at, len(inner.text))
        for one in behind:
            yield from self._go_behind(inner, one, at, depth)
        if not is_whole and parsed.parser != "tokens":
            yield from self._not_understood("a statement that does not end", at, 1)

    def _in_text(self, text: str, parsed: Parsed) -> list[Inner]:
        """Statements in strings, and in blocks that the parser does not look into."""
        if self._found.dialect == "postgresql":
            return []
        found = list(hidden.in_strings(text))
        self._has_strings = self._has_strings or bool(found)
        if self._found.dialect == "sqlserver" or (parsed.parser is None and not found):
            found += hidden.on_lines(text, self._found.dialect)
        return found

    def _behind(self, action: Action, text: str) -> list[Inner]:
        """What an action runs beside itself."""
        if action.verb == "create-function" and len(self._routines) < OBJECTS:
            self._routines[action.name] = text
        if self._found.dialect != "postgresql":
            return []
        return list(hidden.behind(action, text, self._state, self._routines))

    def _go_behind(self, outer: Inner, inner: Inner, at: int, depth: int) -> Iterator[Reading]:
        in_source = inner.start >= 0 and outer.start >= 0 and not outer.length
        via = ", ".join(filter(None, (outer.via, inner.via)))
        start = inner.start if in_source else -1
        nested = Inner(inner.text, start, via, inner.may or outer.may, inner.is_opaque, inner.length)
        yield from self._run(nested, at + inner.start if in_source else at, depth + 1)

    def _facts(self, step: Step, by: tuple[int, str], inner: Inner, at: int) -> Iterator[Reading]:
        action, form = step.action, step.form
        if action.calls:
            yield from self._locks(action, at)
        if action.verb in _UNSAID or form.name in _UNSAID:
            return
        table = form.table or action.table
        asked = dict(flag.split("=", 1) for flag in action.flags if "=" in flag)
        start, end = self._stretch(action, inner)
        span = self._source.span(at + start, at + max(start, end - 1))
        unknown = hidden.UNKNOWN_NAME in table
        yield DdlAction(
            span=span, text=inner.text[start:end][:_SHOWN], engine=self._found.dialect, form=form.name, unit=self._name,
            statement=self._number, table="" if unknown else table, others=form.others, action=by[0],
            transaction=self._transaction(), column=action.column, name=action.name, new_name=action.new_name,
            old_type=form.old_type, new_type=action.type, default=",".join(action.calls) or action.default,
            algorithm=asked.get("algorithm", ""), lock=asked.get("lock", "") or self._lock_mode(action),
            session=self._state.session(), is_new=step.is_new,
            is_undo=self._is_undo, via=inner.via, parser=by[1],  # type: ignore[arg-type]  # a parser's name
            certainty="may" if inner.may or unknown or not form.is_sure else "must",
        )  # fmt: skip

    def _lock_mode(self, action: Action) -> str:
        return action.type if action.verb == "lock-table" else ""

    def _stretch(self, action: Action, inner: Inner) -> tuple[int, int]:
        """From where to where an action stands in its statement; all of it where that is not known, or hidden."""
        if inner.start < 0 or inner.length:
            return 0, max(1, inner.length)
        start = max(action.start, 0)
        end = action.end if action.end > start else len(inner.text)
        return start, max(start + 1, start + len(inner.text[start:end].rstrip(" \t\r\n,;")))

    def _transaction(self) -> int:
        if self._found.dialect in _IMPLICIT_COMMIT:
            return 0
        return self._state.transactions if self._state.in_transaction else 1 if self._is_whole else 0

    def _locks(self, action: Action, at: int) -> Iterator[Reading]:
        for name in action.calls:
            if found := _ADVISORY.fullmatch(name.lower().removeprefix("pg_catalog.")):
                span = self._source.span(at, at)
                waits = found["try"] is None and name.startswith("pg_")
                yield AdvisoryLock(span=span, engine=self._found.dialect, unit=self._name, function=name, waits=waits,
                                   statement=self._number)  # fmt: skip

    def _not_understood(self, detail: str, at: int, length: int) -> Iterator[Reading]:
        self._gaps += 1
        if self._gaps <= GAPS:
            yield self._gap(detail, self._source.span(at, at + max(0, length - 1)))

    def _gap(self, detail: str, span: Span) -> Gap:
        return Gap(effect="partial", stage="read", reason="sql-not-understood", detail=detail, span=span)


def _unit_name(source: Source) -> str:
    place = source.span(0, 0)
    return (
        source.path if not source.kind.startswith("sql-") else f"{source.path}:{place.first_line}:{place.first_column}"
    )


def _first_words(text: str) -> str:
    return " ".join(text.split()[:6])[:80]


def _is_empty(text: str) -> bool:
    return not text.strip("; \t\r\n")
