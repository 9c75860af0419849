"""The parts of a crontab line: `NAME = value`, five fields or an @name, the user, the command and its standard input.

As `env.c`, `entry.c` and `do_command.c` of Debian's cron 3.0pl1 read them; offsets count characters of the line.
"""

from __future__ import annotations

import re

import msgspec

from pkgscan.patterns import pattern
from pkgscan.reason.cron_expression import FIELDS, NAMED, REBOOT, ScheduleError, parse_field

BLANKS = " \t"
SPACES = " \t\n\v\f\r"  # isspace() in the C locale
QUOTES = "'\""
COMMAND_LIMIT = 999  # bytes; entry.c refuses a command that fills its buffer (MAX_COMMAND)
# What useradd and adduser let a name be, with capitals and dots, as administrators may; never digits alone.
USER = pattern(r"(?=.*[A-Za-z_])[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}\$?", re.ASCII)
# FreeBSD: user:group, user/class, user:group/class.
USER_GROUP = pattern(r"([A-Za-z_][A-Za-z0-9_.-]{0,31}):[A-Za-z_][\w.-]{0,31}(?:/[A-Za-z_][\w.-]{0,31})?", re.ASCII)
# Words that start a command where the user was forgotten; none of them is a user on any known system.
COMMANDS = frozenset(
    (  # noqa: SIM905  # sixty words are read more easily as words
        "ash awk bash cat cd chmod chown command cp curl date dash docker echo env exec export false find flock grep "
        "gzip if ionice java ksh logger ls make mkdir mv nice node npm perl php pip podman printf ps psql python "
        "python2 python3 rm rsync ruby run-parts scp sed service sh sleep source ssh su sudo systemctl tar tee test "
        "timeout touch true wget xargs zsh"
    ).split()
)


class CronVariable(msgspec.Struct, frozen=True):
    """What a `NAME = value` line sets. `bare`: nothing follows the equals sign, which Debian's cron refuses."""

    name: str
    value: str
    bare: bool = False


class Times(msgspec.Struct, frozen=True):
    """The leading part of a job line: its fields with a blank between, and where what follows them begins."""

    expression: str
    end: int


class CronCommand(msgspec.Struct, frozen=True):
    """A command with its escapes undone. `pieces` maps it back: (offset in the command, offset in the line)."""

    text: str
    stdin: str
    pieces: tuple[tuple[int, int], ...]


class LineError(ScheduleError):
    """A line that Debian's cron refuses: `why` in its own terms, and the word it stumbles over."""

    def __init__(self, why: str, token: str) -> None:
        super().__init__(why)
        self.token = token


def read_variable(text: str) -> CronVariable | None:
    """The variable a line sets, None if it sets none and must be a job. Leading blanks are already gone."""
    name, at = _name(text)
    if name is None:
        return None
    at = _skip(text, at, SPACES)
    if text[at : at + 1] != "=":
        return None
    at = _skip(text, at + 1, SPACES)
    if at == len(text):
        return CronVariable(name, "", bare=True)
    quote = text[at] if text[at] in QUOTES else ""
    if not quote:
        return CronVariable(name, _unquoted(text[at:].rstrip(SPACES)))
    end = text.find(quote, at + 1)
    if end < 0 or text[end + 1 :].strip(SPACES):
        return None
    return CronVariable(name, _unquoted(text[at + 1 : end]))


def _name(text: str) -> tuple[str | None, int]:
    quote = text[:1] if text[:1] in tuple(QUOTES) else ""
    if quote:
        end = text.find(quote, 1)
        return (None, 0) if end < 0 or "=" in text[1:end] else (text[1:end], end + 1)
    end = 0
    while end < len(text) and text[end] != "=" and text[end] not in SPACES:
        end += 1
    return text[:end], end


def _unquoted(value: str) -> str:
    # A second pair of quotes goes too, as in `X = "'a'"`.
    value = value.rstrip(SPACES)
    paired = len(value) > 1 and value[0] in QUOTES and value[-1] == value[0]
    return value[1:-1] if paired else value


def _skip(text: str, at: int, what: str) -> int:
    return len(text) - len(text[at:].lstrip(what)) if at < len(text) else at


def read_times(text: str, at: int) -> Times:
    """The five fields or the @name at an offset that holds no blank; LineError where cron refuses them."""
    if text[at : at + 1] == "@":
        end = _word_end(text, at)
        name = text[at:end]
        if name != REBOOT and name not in NAMED:
            raise LineError("bad time specifier", name)
        return Times(name, _skip(text, end, BLANKS))
    fields: list[str] = []
    for kind in FIELDS:
        end = _word_end(text, at)
        fields.append(text[at:end])
        try:
            parse_field(kind, fields[-1])
        except ScheduleError as error:
            raise LineError(error.why, fields[-1]) from error
        at = _skip(text, end, BLANKS)
    return Times(" ".join(fields), at)


def _word_end(text: str, at: int) -> int:
    while at < len(text) and text[at] not in BLANKS:
        at += 1
    return at


def read_user(text: str, at: int) -> tuple[str, int, str]:
    """The user field of a system crontab: (user, where the command begins, group and class of FreeBSD's form).

    LineError where it cannot be a user; whether the host has such a user is not known here.
    """
    end = _word_end(text, at)
    word = text[at:end].rstrip("\r")
    if end == len(text):
        raise LineError("bad command" if _may_be_user(word) else "bad username", word)
    shared = USER_GROUP.fullmatch(word)
    if shared:
        return shared[1], _skip(text, end, BLANKS), word[len(shared[1]) :]
    if not _may_be_user(word):
        raise LineError("bad username", word)
    return word, _skip(text, end, BLANKS), ""


def _may_be_user(word: str) -> bool:
    return word not in COMMANDS and USER.fullmatch(word) is not None


def has_user_field(text: str, at: int) -> bool:
    """Whether the word at an offset looks like a user: a possible name, and what follows is not an option."""
    try:
        _, command, _ = read_user(text, at)
    except LineError:
        return False
    return command < len(text) and text[command] != "-"


def read_command(text: str, at: int) -> CronCommand:
    """The command from an offset to the first `%` that no backslash hides; the rest is its standard input."""
    kept: list[str] = []  # one character each
    pieces = [(0, at)]
    while at < len(text) and text[at] != "%":
        if text[at] == "\\" and at + 1 < len(text):
            at += 1
            if text[at] in "%\\":
                if pieces[-1][0] == len(kept):
                    pieces.pop()
                pieces.append((len(kept), at))  # from here on it stands one place further right in the line
            else:
                kept.append("\\")
        kept.append(text[at])
        at += 1
    return CronCommand("".join(kept), _stdin(text[at + 1 :]), tuple(pieces))


def _stdin(text: str) -> str:
    return re.sub(r"\\?%", lambda found: "%" if len(found[0]) > 1 else "\n", text)
