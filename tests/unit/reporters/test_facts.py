"""What the facts file must not hold: secrets that only their place among others gives away."""

import json

import pytest

from pkgscan.facts.schedule import CronJob, CronLineRejected, Variable
from pkgscan.facts.shell import Command
from pkgscan.model import Fact, Span
from pkgscan.report import PackageInfo, Tool
from pkgscan.reporters.base import plain
from pkgscan.reporters.facts import render_facts
from pkgscan.values import Join, Literal, Unknown, VariableRef

SPAN = Span("p.tar!/etc/cron.d/x", 1, 1, 1, 9)


def command(*words: str) -> Command:
    return Command(span=SPAN, words=tuple(Literal(word) for word in words), name_span=SPAN)


SECRETS = [
    Variable(span=SPAN, text="PASSWORD='hun ter2'", name="PASSWORD", value="hun ter2"),
    CronJob(span=SPAN, text="", dialect="system", expression="@daily", user="root", command="x",
            environment=(("PATH", "/bin"), ("DB_PASS", "hun ter2"))),
    command("/opt/x", "--token", "hun ter2"),
    command("mysql", "-phun ter2", "db"),
    command("curl", "-su", "bob:hun ter2", "https://h"),
    command("htpasswd", "-b", "f", "bob", "hun ter2"),
    command("sh", "-c", "mysql -p'hun ter2' db"),
    Command(span=SPAN, words=(Literal("mysql"), Join((Literal("-phun ter2"), VariableRef("X")))), name_span=SPAN),
]  # fmt: skip


@pytest.mark.parametrize("fact", SECRETS)
def test_a_secret_known_by_its_place_is_not_written(fact: Fact) -> None:
    tool, package = Tool(name="t", version="1"), PackageInfo("p.tar", "0", 1, 1, 1)
    written = b"".join(render_facts([], [fact], tool, package)).decode()
    assert json.loads(written)["facts"]
    assert "ter2" not in written
    assert "[redacted]" in written


def test_what_is_no_secret_is_written_as_it_is() -> None:
    words = (Literal("mysql"), Literal("-p"), Join((Literal("/opt/"), VariableRef("X"))), Unknown("set at run time"))
    written = plain(Command(span=SPAN, words=words, name_span=SPAN))["words"]
    assert written == [
        {"type": "Literal", "text": "mysql"},
        {"type": "Literal", "text": "-p"},
        {"type": "Join", "parts": [{"type": "Literal", "text": "/opt/"}, {"type": "VariableRef", "name": "X"}]},
        {"type": "Unknown", "why": "set at run time"},
    ]
    refused = CronLineRejected(span=SPAN, dialect="system", why="bad minute", token="60")
    assert plain(refused)["token"] == "60"
