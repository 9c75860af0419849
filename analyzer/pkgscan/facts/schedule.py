"""Facts about what starts by itself at a time: cron lines, timers, and what keeps their logs small."""

from typing import Literal

from pkgscan.model import Fact, Related, Span

JobKind = Literal["cron job", "timer", "run-parts"]
CronDialect = Literal["system", "user"]
IgnoredCause = Literal["name", "mode", "owner", "hard link", "not executable", "unterminated", "refused line"]


class Variable(Fact, frozen=True):
    """A `NAME = value` line of a crontab."""

    name: str
    value: str


class CronJob(Fact, frozen=True):
    r"""One line of a crontab that cron would run. `span` is the line, `text` the line as written.

    `expression` is the five fields as written, a blank between them, or the @name. `command` is the text after the
    fields up to the first unescaped `%`, with `\%` unescaped; `stdin` is what follows it, lines joined by newline.
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


class CronFileIgnored(Fact, frozen=True):
    """A file that cron or run-parts would skip as it would lie on the host, or drop for the way it is written.

    A conclusion's value. `span` is the file, or the line that costs it; `why` is a phrase, `token` the name, mode,
    owner or word that it speaks of. `sure`: its package format installs it just so; otherwise an installer may mend
    it. `accepted_by` names another cron that takes it. `others`: further lines of the file that are refused. `by`
    cronie: in an rpm, where only the lines that are refused are skipped, not the file.
    """

    file: str
    by: Literal["cron", "cronie", "run-parts"]
    cause: IgnoredCause
    why: str
    token: str = ""
    sure: bool = False
    accepted_by: str = ""
    others: tuple[Span, ...] = ()


class LogRotation(Fact, frozen=True):
    """The file patterns one logrotate stanza covers."""

    patterns: tuple[str, ...]


class ScheduledJob(Fact, frozen=True):
    """Something of the package that starts by itself at a time. A conclusion's value, and a row of the report.

    `span` is the line that sets the time, or the script of a run-parts directory. `expression` is as written, several
    calendars joined by "; "; `time_zone` is empty where the host's own counts. `runs` are the files its commands start,
    as paths of the host; `starts` those of them that the package ships, as entry paths, and `reads` those that
    its shell only sources, such as settings. `command_lines` are what it starts of `runs`, each with its arguments.
    `next_runs` are at most three times in ISO 8601: with an offset where the time zone is known, else in the host's
    time, reckoned from --now as if that were UTC; `delay` is by how much each may come later. `condition` is on what it
    depends, a phrase: "if enabled", "in a container of app:1.2 if cron runs there"; `container` says that it lies in an
    image, and so never starts on the host. `ignored` says that it does not start as the file lies there, and because of
    whom: "cron ignores this file"; it has no `next_runs` then. `commands_at` is where its commands stand.
    """

    kind: JobKind
    when: str
    expression: str = ""
    time_zone: str = ""
    user: str = ""  # empty: whoever owns the crontab, or a service that the package does not ship
    command: str = ""
    runs: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    next_runs: tuple[str, ...] = ()
    command_lines: tuple[str, ...] = ()
    delay: str = ""
    condition: str = ""
    container: bool = False
    ignored: str = ""
    commands_at: tuple[Span, ...] = ()


class JobInWindow(Fact, frozen=True):
    """A job that starts in the maintenance window of the target profile. A conclusion's value.

    `minutes` are the times of the host's day at which it does so, in minutes, the window's first ones first. `where` is
    the cron in which it does, a phrase, where the host's may be another: "where cron knows CRON_TZ". `only_late` says
    that it starts there only if systemd puts it off; `others` are a few jobs that start all day.
    """

    job: ScheduledJob
    minutes: tuple[int, ...]
    where: str = ""
    only_late: bool = False
    others: tuple[Related, ...] = ()


class JobCollision(Fact, frozen=True):
    """A job that starts at the same minute as others, or starts what another one starts too. A conclusion's value.

    `others` are a few of them, with phrases; `count` is how many there are. `same_program` is what both start, where
    they do. `with_host`: one of the others is the host's own.
    """

    job: ScheduledJob
    others: tuple[Related, ...]
    count: int
    same_program: str = ""
    with_host: bool = False


class ClockChange(Fact, frozen=True):
    """A job whose time the clocks of its zone skip, or pass twice, within a year. A conclusion's value.

    `minute` is the time of day; `skipped` and `repeated` are the dates on which that is so, empty if none is.
    """

    job: ScheduledJob
    zone: str
    minute: int
    skipped: str = ""
    repeated: str = ""
