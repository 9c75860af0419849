"""Secrets planted wherever a report shows something from the package appear in no format."""

import json

import msgspec
import pytest
from report_samples import CRON, INNER, JOBS, OPTIONS, RETIRED, sample

from pkgscan.errors import UserError
from pkgscan.model import Entry, Gap, Related, Span
from pkgscan.report import ArtifactInfo, PackageInfo, Snippet, Tool
from pkgscan.reporters import formats, renderer
from pkgscan.reporters.facts import render_facts
from pkgscan.reporters.text import render_findings

CANARY = "hunter2canary"
LEAK = f"sftp://bob:{CANARY}@host password={CANARY} --token {CANARY} curl -u bob:{CANARY}"
PATH = f"{INNER}!/opt/password={CANARY}/run.sh"

FINDING = msgspec.structs.replace(
    RETIRED,
    message=f"contacts {LEAK}",
    span=Span(PATH, 2, 2),
    related=(Related(Span(PATH, 2, 2), f"reads {LEAK}"), Related(Span(CRON, 3, 3), LEAK)),
    evidence=(LEAK, f"password={CANARY}"),
    remedy=f"change {LEAK}",
)
LEAKY = sample(
    FINDING,
    msgspec.structs.replace(FINDING, rule="another-rule", fingerprint=""),
    gaps=tuple(
        Gap(
            effect="partial",
            stage="read",
            reason="odd",
            detail=LEAK,
            span=Span(PATH, line, line),
            traceback=f"Error: {LEAK}",
        )
        for line in (3, 4)
    ),
    notes=(f"expired: {LEAK}", LEAK),
    snippets=(Snippet(PATH, 1, ("#!/bin/sh", LEAK, f"export DB_PASSWORD='{CANARY} x'", "done")),),
    artifacts=(*sample().artifacts, ArtifactInfo(PATH, INNER, 1, "", b"")),
    parts={"schedule": [{**JOBS[0], "starts": LEAK, "text": LEAK}]},
    package=PackageInfo(f"/srv/token={CANARY}/p.zip", "", 1, 1, 1),
)


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("name", formats())
def test_no_format_tells_a_secret(name: str, *, verbose: bool) -> None:
    text = renderer(name)(LEAKY, msgspec.structs.replace(OPTIONS, verbose=verbose))
    assert "[redacted]" in text or "%5Bredacted%5D" in text
    assert CANARY not in text


def test_neither_do_facts_nor_rule_cases() -> None:
    facts = b"".join(
        render_facts([Entry(path=PATH, link_target=LEAK)], [], Tool("pkgscan", "0"), PackageInfo(PATH, "", 0, 0, 0))
    )
    assert CANARY not in facts.decode()
    assert CANARY not in render_findings([FINDING])


@pytest.mark.parametrize("name", formats())
def test_every_format_prints_and_ends_its_last_line(name: str) -> None:
    hostile = msgspec.structs.replace(
        FINDING, message="a\nb\x1b[2J\u202e\udce9\U000e0041\x9b", span=Span("p!/\x07\r\n", 1)
    )
    text = renderer(name)(sample(hostile), OPTIONS)
    assert text.endswith("\n")
    assert all(line.isprintable() for line in text.split("\n"))
    text.encode()


def test_the_formats_are_found_by_their_modules() -> None:
    assert set(formats()) >= {"text", "json", "sarif"}
    with pytest.raises(UserError, match=r"known formats: .*sarif"):
        renderer("base")


def test_json_formats_are_json() -> None:
    for name in ("json", "sarif"):
        json.loads(renderer(name)(LEAKY, OPTIONS))
