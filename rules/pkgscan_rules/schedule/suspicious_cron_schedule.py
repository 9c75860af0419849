"""A cron schedule that cron accepts but that hardly says what was meant.

`*/61` minutes means minute 0 alone, `22-2` hours and the 31st of February never come, and a job with both a day of the
month and a weekday starts when either fits. The job then runs at times nobody expects, or never, and no log says so.
"""

from collections.abc import Iterator

from pkgscan.facts.schedule import CronJob
from pkgscan.reason.calendar import Oddity, Schedule, ScheduleError, oddities, parse, words
from pkgscan.rule import DEFECT, LOW, MEDIUM, Grade, Problem, Scan, rule

GRADES: dict[str, Grade] = {
    "never": (DEFECT, MEDIUM),
    "reversed-range": (DEFECT, MEDIUM),
    "large-step": (DEFECT, LOW),
    "ignored-text": (DEFECT, MEDIUM),
    "either-day": (DEFECT, LOW),
    "both-days": (DEFECT, LOW),
    "every-minute": (DEFECT, LOW),
}
ONE_DAY = "Ask the vendor whether both days must fit; if so, one field becomes `*` and the command looks at the other."
# What mends each.
REMEDIES: dict[str, str] = {
    "never": "Ask the vendor on which date it is meant to run; the one it names does not exist.",
    "reversed-range": "Ask the vendor when it is meant to run, and list the values: hours 22,23,0,1,2 instead of 22-2.",
    "large-step": "Ask the vendor how often it is meant to run; a step never reaches past its own field.",
    "ignored-text": "Ask the vendor when it is meant to run; Debian's cron has no `#`, `L` or `W`.",
    "either-day": ONE_DAY,
    "both-days": ONE_DAY,
    "every-minute": "Ask the vendor how often it is meant to run; once an hour takes one minute, such as 0, not `*`.",
}


@rule(
    title="Cron schedule that was surely not meant",
    category=DEFECT,
    severity=MEDIUM,
    may_be=((DEFECT, LOW),),
    looks_at=CronJob,
    since="0.1",
    stage="stable",
    remedy="Ask the vendor when it is meant to run, and have that written out.",
)
def check(job: CronJob, scan: Scan) -> Iterator[Problem]:  # noqa: ARG001  # every rule gets the scan
    try:
        schedule = parse(job.expression)
    except ScheduleError:  # only a line that another cron takes; the refusal is a finding of its own
        return
    for oddity in oddities(schedule):
        yield Problem(
            job.span,
            f"{oddity.why}{_effect(oddity, schedule)}",
            evidence=(job.expression, oddity.kind),
            grade=GRADES[oddity.kind],
            remedy=REMEDIES[oddity.kind],
        )


def _effect(oddity: Oddity, schedule: Schedule) -> str:
    if oddity.kind == "never":
        return ""
    return "" if words(schedule) == "never" else f" ({words(schedule)})"
