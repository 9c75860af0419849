"""A cron file that cron or run-parts skips, so its job never starts and nobody is told.

Debian's cron reads a file in /etc/cron.d only if its name holds letters, digits, `-` and `_` alone, and if it belongs
to root, is writable by root alone and has one name (its database.c: valid_name, process_crontab). It drops a whole file
for one line it cannot read (user.c: load_user); a missing user field or an empty `MAILTO=` is enough, and so is a last
line without a newline. run-parts skips names by the same pattern, and what is not executable. At best a line in the log
says so. cronie, on Red Hat and SUSE, takes dots in names and skips a bad line alone.
"""

from collections.abc import Iterator

from pkgscan.facts.schedule import CronFileIgnored
from pkgscan.model import Confidence
from pkgscan.rule import ASSUMPTION, DEFECT, LOW, MEDIUM, Grade, Problem, Related, Scan, rule

MENDED_BY_INSTALLERS = ("mode", "not executable")


@rule(
    title="Cron file that cron ignores",
    category=DEFECT,
    severity=MEDIUM,
    may_be=((ASSUMPTION, MEDIUM), (ASSUMPTION, LOW)),
    looks_at=CronFileIgnored,
    since="0.1",
    stage="stable",
    remedy="Ask the vendor to mend the file; until then install it by hand in a form that cron accepts.",
)
def check(file: CronFileIgnored, scan: Scan) -> Iterator[Problem]:  # noqa: ARG001  # every rule gets the scan
    yield Problem(
        file.span,
        _message(file),
        evidence=(file.file, file.cause, file.token),
        related=tuple(Related(other, "refused as well") for other in file.others),
        confidence=_confidence(file),
        grade=_grade(file),
    )


def _message(file: CronFileIgnored) -> str:
    if file.cause == "refused line":
        named = f" {file.token!r}" if file.token.strip() else ""
        what = "a line" if file.by == "cronie" else "the whole"
        return f"{file.by} ignores {what} of {file.file}: {file.why}{named}{_hint(file)}"
    if file.cause == "unterminated":
        return f"cron ignores the whole of {file.file}: {file.why}"
    return f"{file.by} skips {file.file}: {file.why}"


def _hint(file: CronFileIgnored) -> str:
    if not file.text.strip():
        return ", it holds only the carriage return of a Windows line end"
    if file.accepted_by:
        return f", which only {file.accepted_by} takes"
    return ", the user field is missing" if file.why == "bad username" else ""


def _grade(file: CronFileIgnored) -> Grade:
    if file.cause == "refused line" and file.accepted_by:
        return ASSUMPTION, LOW
    return (ASSUMPTION, MEDIUM) if file.accepted_by and not file.sure else (DEFECT, MEDIUM)


def _confidence(file: CronFileIgnored) -> Confidence:
    if file.sure:
        return "high"
    return "low" if file.cause in MENDED_BY_INSTALLERS else "medium"
