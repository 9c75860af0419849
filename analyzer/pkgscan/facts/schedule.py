"""Facts about what starts by itself at a time: cron lines, timers, and what keeps their logs small."""

from typing import Literal

from pkgscan.model import Fact

CronDialect = Literal["system", "user"]


class Variable(Fact, frozen=True):
    """A `NAME = value` line of a crontab."""

    name: str
    value: str


class CronJob(Fact, frozen=True):
    r"""One line of a crontab that cron would run. `span` is the line, `text` the line as written.

    `expression` is the five fields as written, or the @name. `command` is the text after the fields up to the first
    unescaped `%`, with `\%` unescaped; `stdin` is what follows it, lines joined by newline.
    """

    dialect: CronDialect
    expression: str
    user: str  # empty in a user's own crontab
    command: str
    stdin: str = ""
    time_zone: str = ""  # CRON_TZ in force at the line
    environment: tuple[tuple[str, str], ...] = ()  # in force at the line


class CronLineRejected(Fact, frozen=True):
    """A line that Debian's cron would refuse, and with it the whole file; `why` in cron's own terms: `bad minute`.

    `token` is the word it stumbles over, empty if there is none. `accepted_by` names another cron that takes the line,
    which then is a `CronJob` or a `Variable` as well.
    """

    dialect: CronDialect
    why: str
    token: str = ""
    accepted_by: str = ""


class CronFileUnterminated(Fact, frozen=True):
    """A crontab whose last line, neither blank nor comment, has no newline: Debian's cron refuses the whole file."""


class LogRotation(Fact, frozen=True):
    """The file patterns one logrotate stanza covers."""

    patterns: tuple[str, ...]
