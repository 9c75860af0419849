"""Reports made by hand: of no, one, three and three hundred findings, and one full of hostile strings."""

import msgspec

from pkgscan.conclusion import Part
from pkgscan.model import Fact, Finding, Gap, Related, Span, Suppressed
from pkgscan.report import ArtifactInfo, Coverage, Gate, PackageInfo, Report, RuleInfo, Snippet, Tool
from pkgscan.reporters.base import Options

PACKAGE = "vendor-upgrade-4.2.1.zip"
INNER = f"{PACKAGE}!/payload.tar.gz"
IMPORT = f"{INNER}!/opt/app/import.sh"
CRON = f"{INNER}!/etc/cron.d/import"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class SampleJob(Fact, frozen=True):
    when: str
    user: str
    starts: str


PARTS = (Part("schedule", "Schedule", SampleJob, lambda job: (job.when, job.user, job.starts, job.text)),)
OPTIONS = Options(parts=PARTS)


def rule_info(rule: str, severity: str = "high", category: str = "defect") -> RuleInfo:
    return RuleInfo(
        id=rule,
        title=rule.replace("-", " ").capitalize(),
        summary=f"The problem of {rule} in a sentence.",
        doc=f"The problem of {rule} in a sentence.\n\nWhy it matters.",
        remedy="Ask the vendor.",
        category=category,
        severity=severity,
        grades=((category, severity),),
        family="schedule",
        stage="stable",
        since="0.1",
        integrity=False,
    )


RULES = tuple(
    rule_info(rule, severity)
    for rule, severity in (
        ("cron-target-missing", "high"),
        ("retired-host-contact", "high"),
        ("scheduled-job-added", "info"),
        ("unrotated-log", "medium"),
    )
)

RETIRED = Finding(
    rule="retired-host-contact",
    category="contradiction",
    severity="high",
    confidence="high",
    message="sftp contacts sftp-old, retired on 2026-03-01",
    span=Span(IMPORT, 12, 12, 1, 38),
    related=(
        Related(Span(CRON, 3, 3, 1, 30), "started by cron job at 03:00"),
        Related(Span("profile.toml", 9, 9), "retired here"),
    ),
    remedy="Ask the vendor for the successor, or remove the transfer before staging.",
    evidence=("sftp-old",),
    fingerprint="pkgscan/1:aaaaaaaaaaaaaaaa",
)
UNROTATED = Finding(
    rule="unrotated-log",
    category="assumption",
    severity="medium",
    confidence="medium",
    message="/var/log/app/import.log grows with every run, and no logrotate file of the package covers it",
    span=Span(CRON, 3, 3, 1, 60),
    remedy="Ship a logrotate file for the log, or write to the journal.",
    fingerprint="pkgscan/1:bbbbbbbbbbbbbbbb",
)
ADDED = Finding(
    rule="scheduled-job-added",
    category="assumption",
    severity="info",
    confidence="high",
    message="every day at 03:00 root runs /opt/app/import.sh",
    span=Span(CRON, 3, 3, 1, 60),
    related=(Related(Span(IMPORT), "starts this"),),
    remedy="Check the time against the maintenance window.",
    fingerprint="pkgscan/1:cccccccccccccccc",
)
ACCEPTED = msgspec.structs.replace(
    UNROTATED,
    span=Span(f"{INNER}!/etc/cron.d/clean", 1, 1),
    fingerprint="pkgscan/1:dddddddddddddddd",
    suppressed=Suppressed("suppressions", "rotated by the host's own rules", "ops", "2027-01-31"),
)
GAPS = (
    *(
        Gap(
            effect="unread",
            stage="walk",
            reason="encrypted",
            detail="needs a password",
            span=Span(f"{PACKAGE}!/keys.zip!/{n}.pem"),
            fingerprint=f"gap{n}",
        )
        for n in range(5)
    ),
    Gap(
        effect="partial",
        stage="read",
        reason="no-parser-took-it",
        detail="coproc is not understood",
        span=Span(IMPORT, 40, 42),
        fingerprint="gap9",
    ),
    Gap(
        effect="not-judged",
        stage="judge",
        reason="needs-profile",
        detail="retired-host-contact needs a profile",
        fingerprint="gap10",
    ),
)
SNIPPETS = (
    Snippet(IMPORT, 11, ("set -eu", 'sftp -b "$BATCH" import@sftp-old >>/var/log/app/import.log 2>&1', "done")),
    Snippet(CRON, 2, ("SHELL=/bin/sh", "0 3 * * * root /opt/app/import.sh >>/var/log/app/import.log", "")),
)
ARTIFACTS = (
    ArtifactInfo(PACKAGE, "", 12_345_678, SHA, b""),
    ArtifactInfo(INNER, PACKAGE, 2_345_678, SHA[::-1], b"payload.tar.gz"),
    ArtifactInfo(IMPORT, INNER, 812, SHA[1:] + "0", b"opt/app/import.sh"),
    ArtifactInfo(CRON, INNER, 92, SHA[2:] + "00", b"etc/cron.d/import"),
)
JOBS = [
    {
        "type": "SampleJob",
        "span": {
            "path": CRON,
            "first_line": 3,
            "last_line": 3,
            "first_column": 1,
            "last_column": 60,
            "first_byte": -1,
            "last_byte": -1,
        },
        "text": "etc/cron.d/import:3",
        "when": "every day at 03:00",
        "user": "root",
        "starts": "/opt/app/import.sh",
    },
    {
        "type": "SampleJob",
        "span": {
            "path": CRON,
            "first_line": 4,
            "last_line": 4,
            "first_column": 1,
            "last_column": 60,
            "first_byte": -1,
            "last_byte": -1,
        },
        "text": "etc/cron.d/import:4",
        "when": "at minute 5 of every hour, Monday to Friday",
        "user": "app",
        "starts": "/opt/app/clean.sh",
    },
]


def sample(*findings: Finding, gaps: tuple[Gap, ...] = (), **changes) -> Report:
    """A report of some findings; `changes` replace its fields."""
    counted = sum(finding.severity == "high" and not finding.suppressed for finding in findings)
    unseen = sum(gap.effect == "unread" for gap in gaps)
    result, code = ("fail", 1) if counted else ("incomplete", 3) if unseen else ("pass", 0)
    fields = {
        "tool": Tool("pkgscan", "0.1.0"),
        "now": "2026-11-23T00:00:00+00:00",
        "sandbox": ("child process", "resource limits", "landlock", "seccomp"),
        "package": PackageInfo(f"/srv/incoming/{PACKAGE}", SHA, 12_345_678, 312, 45_678_901),
        "gate": Gate(result, "high", counted, unseen, code),
        "findings": findings,
        "gaps": gaps,
        "coverage": Coverage(312, 48, 1 if gaps else 0, unseen, 45_678_901),
        "rules": RULES,
        "parts": {"schedule": JOBS if findings else []},
        "snippets": SNIPPETS,
        "artifacts": ARTIFACTS,
    }
    return Report(**{**fields, **changes})


NONE = sample()
ONE = sample(RETIRED)
THREE = sample(
    ADDED,
    RETIRED,
    UNROTATED,
    ACCEPTED,
    gaps=GAPS,
    notes=(
        "the acceptance of unrotated-log at etc/cron.d/old expired on 2026-01-31",
        "pkgscan.toml inside the package is ignored",
    ),
)
MANY = sample(
    *(
        msgspec.structs.replace(
            base, span=Span(f"{INNER}!/opt/app/bin/step-{n:03}.sh", n + 1, n + 1), fingerprint=f"pkgscan/1:{n:016x}"
        )
        for n in range(100)
        for base in (RETIRED, UNROTATED, ADDED)
    )
)
