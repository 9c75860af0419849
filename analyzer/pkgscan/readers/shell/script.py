"""A script read: strictly, and where that fails forgivingly; what is not read, and what only one of the two saw."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pkgscan.facts.shell import Command, ShellScript
from pkgscan.model import Gap, Span
from pkgscan.readers.base import Reading, Source
from pkgscan.readers.shell.guess import looks_like_shell
from pkgscan.readers.shell.hash_bang import HashBang, hash_bang
from pkgscan.readers.shell.nested import Nested
from pkgscan.readers.shell.parsed import Item, Parsed, Place, RefusedError
from pkgscan.readers.shell.statements import Statements
from pkgscan.readers.shell.strict import parse

TEXT_LIMIT = 4 << 20  # characters; a second's work, and the longest of 7,000 real scripts has 800,000
GAPS = 8  # places of one script that are said not to be understood; the rest is in the last of them
# What readers may not differ on in silence: what acts as another user, on services, over the network, or by cron.
SENSITIVE = frozenset((
    "sudo", "su", "doas", "runuser", "pkexec", "systemctl", "service", "invoke-rc.d", "deb-systemd-invoke", "curl",
    "wget", "ssh", "scp", "rsync", "sftp", "crontab",
))  # fmt: skip


class Piece(msgspec.Struct):
    """A parsed stretch of a text, and the items in it that only one reader saw."""

    parsed: Parsed
    doubted: frozenset[int] = frozenset()


def read_script(source: Source) -> Iterator[Reading]:
    """The script, then all in it in the order in which it is written."""
    text = source.text.replace("\r\n", " \n")  # of the same length; what it would do if its line ends were mended
    if len(text) > TEXT_LIMIT:
        yield _too_long(source, text)
        text = text[: text.rfind("\n", 0, TEXT_LIMIT) + 1]
    is_guess = source.kind == "shell-guess"
    try:
        parsed, gaps = parse(text), []
        pieces = [Piece(parsed)]
    except RefusedError as refusal:
        if is_guess:
            return
        pieces, places = _read_forgivingly(text, refusal)
        gaps = list(_gaps(source, text, refusal, places))
    if is_guess and not looks_like_shell(pieces[0].parsed):
        return
    yield _script(source, hash_bang(text), pieces, whole=not gaps, is_guess=is_guess)
    yield from gaps
    for piece in pieces:
        yield from _facts(source, text, piece, is_guess=is_guess)


def _facts(source: Source, text: str, piece: Piece, *, is_guess: bool) -> Iterator[Reading]:
    statements = Statements(source, text, piece.parsed, "may" if is_guess else "must")
    nested = Nested(source, text)
    for fact, item in statements.facts():
        doubted = item is not None and id(item) in piece.doubted
        yield msgspec.structs.replace(fact, certainty="may") if doubted else fact
        if item is not None and isinstance(fact, Command) and nested.may_embed(item):
            yield from nested.embedded(fact, item)


def _script(source: Source, said: HashBang, pieces: list[Piece], *, whole: bool, is_guess: bool) -> ShellScript:
    return ShellScript(
        span=source.span(0, max(0, len(source.text) - 1)) if source.is_embedded else Span(source.path),
        interpreter=said.interpreter,
        dialect=said.dialect,
        options=said.options,
        reader=pieces[0 if whole else 1].parsed.reader,
        whole=whole,
        is_embedded=source.is_embedded,
        is_guess=is_guess,
    )


def _read_forgivingly(text: str, refusal: RefusedError) -> tuple[list[Piece], list[Place]]:
    """What was read strictly as far as that is beyond doubt, and the rest forgivingly; and what is no shell in it."""
    from pkgscan.readers.shell.forgiving import TooDearError, parse_forgivingly  # noqa: PLC0415  # seldom needed

    at = refusal.safe_at
    rest, only = Parsed("tree-sitter"), Parsed("strict")
    try:
        inner = parse_forgivingly(text[at:])
    except TooDearError:
        only.items = refusal.after
        return [Piece(refusal.before), Piece(rest), _doubted(only)], [(at, len(text))]
    rest.take_in(inner, range(at, len(text) + 1))
    seen = {place: item for item in refusal.after if (place := _sensitive(text, item))}
    others = {place: item for item in rest.items if (place := _sensitive(text, item))}
    doubted = frozenset(id(item) for place, item in others.items() if place[1] <= refusal.at and place not in seen)
    only.items = [item for place, item in seen.items() if place not in others]
    unread = [(at + first, at + end) for first, end in inner.unread]
    return [Piece(refusal.before), Piece(rest, doubted), _doubted(only)], unread


def _doubted(parsed: Parsed) -> Piece:
    return Piece(parsed, frozenset(id(item) for item in parsed.items))


def _sensitive(text: str, item: Item) -> Place | None:
    """The place of a command word on which readers may not differ."""
    if not item.values:
        return None
    first, end = item.firsts[0], item.ends[0]
    return (first, end) if text[first:end].rpartition("/")[2] in SENSITIVE else None


def _gaps(source: Source, text: str, refusal: RefusedError, places: list[Place]) -> Iterator[Gap]:
    """What is not understood, with its lines."""
    begun = ((first + len(text[first:end]) - len(text[first:end].lstrip()), end) for first, end in places)
    lines = sorted({source.span(first, max(first, end - 1)) for first, end in begun})
    if not lines:
        at = min(refusal.at, max(0, len(source.text) - 1))
        lines = [source.span(at, at)]
    for at, span in enumerate(lines[:GAPS]):
        last = max(one.last_line for one in lines[at:]) if at == GAPS - 1 else span.last_line
        detail = f"not shell as it is understood here: {refusal}"
        place = Span(source.path, span.first_line, last)
        yield Gap(effect="partial", stage="read", reason="shell-syntax", detail=detail, span=place)


def _too_long(source: Source, text: str) -> Gap:
    detail = f"of {len(text)} characters of a script only {TEXT_LIMIT} were read"
    return Gap(effect="unread", stage="read", reason="shell-limit", detail=detail, span=Span(source.path))
