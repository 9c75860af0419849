"""What the installed rules say of themselves: one source for `explain`, docs/rules and the table of severities."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from pkgscan.errors import UserError
from pkgscan.model import Severity
from pkgscan.report import RuleInfo
from pkgscan.suppress import LIST_HINT
from pkgscan.tomlfile import did_you_mean

TABLE_BEGIN = "<!-- table of grades: made by `make docs` -->"
TABLE_END = "<!-- end of table -->"

_INTEGRITY = "It guards the scan itself: its findings can be neither accepted nor lowered."
_STAGES = (
    ("preview", "In preview: it is shown, and the gate counts it only with `--preview`."),
    ("deprecated", "Deprecated: it is shown, the gate does not count it, and it will go."),
)


def find_rule(rules: Iterable[RuleInfo], name: str) -> RuleInfo:
    """The rule of an id, old ids included. Raises UserError with the nearest id."""
    known = {known: rule for rule in rules for known in (*rule.formerly, rule.id)}
    if name not in known:
        raise UserError(f"unknown rule {name!r}", did_you_mean(name, known) or LIST_HINT)
    return known[name]


def grades(rule: RuleInfo) -> str:
    """Its pairs as people say them: `medium assumption, high contradiction`."""
    return ", ".join(f"{severity} {category}" for category, severity in rule.grades)


def reasons(rule: RuleInfo) -> list[str]:
    """The paragraphs that say why it matters, each on one line."""
    return [" ".join(paragraph.split()) for paragraph in rule.doc.split("\n\n")[1:]]


def conditions(rule: RuleInfo) -> list[str]:
    """What else holds for it: its stage, and whether it may be accepted."""
    stages = [text for stage, text in _STAGES if stage == rule.stage]
    return stages + ([_INTEGRITY] if rule.integrity else [])


def explain(rule: RuleInfo) -> str:
    """The rule for a person at a terminal."""
    lines = [f"{rule.id}: {rule.title}", f"{grades(rule)}; {rule.stage}, since {rule.since}"]
    if rule.formerly:
        lines.append(f"formerly {', '.join(rule.formerly)}")
    for paragraph in (rule.summary, *reasons(rule), *conditions(rule)):
        lines += ["", *_wrapped(paragraph)]
    return "\n".join([*lines, "", "What to do:", *_wrapped(rule.remedy)]) + "\n"


def page(rule: RuleInfo, report: str) -> str:
    """The rule's page in docs/rules. `report` is what is said of one of its bad cases."""
    parts = [f"# {rule.id}", f"**{rule.title}.** {rule.summary}", *reasons(rule), *conditions(rule)]
    facts = [("Grades", grades(rule)), ("Family", rule.family), ("Stage", rule.stage), ("Since", rule.since)]
    facts += [("Formerly", ", ".join(f"`{name}`" for name in rule.formerly))] if rule.formerly else []
    parts.append("\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts)]))
    parts += ["## What to do", rule.remedy]
    if report:
        parts += ["## Example", f"```text\n{report.rstrip()}\n```"]
    return "\n\n".join(parts) + "\n"


def index(rules: Iterable[RuleInfo]) -> str:
    """The list of all pages, a table a family."""
    lines = ["# Rules", "", "What each rule looks for; made from the rules themselves."]
    family = None
    for rule in sorted(rules, key=lambda rule: (rule.family, rule.id)):
        if rule.family != family:
            family = rule.family
            lines += ["", f"## {family}", "", "| rule | grades | stage | |", "|---|---|---|---|"]
        lines.append(f"| [{rule.id}]({rule.id}.md) | {grades(rule)} | {rule.stage} | {rule.title} |")
    return "\n".join(lines) + "\n"


def severity_table(rules: Iterable[RuleInfo]) -> str:
    """Every pair of category and severity that a rule may use."""
    lines = ["| rule | class | severity | when |", "|---|---|---|---|"]
    for rule in sorted(rules, key=lambda rule: rule.id):
        for number, (category, severity) in enumerate(rule.grades):
            when = "always" if len(rule.grades) == 1 else "where evidence moves it" if number else "usually"
            lines.append(f"| [{rule.id}](rules/{rule.id}.md) | {category} | {severity} | {when} |")
    return "\n".join(lines)


def with_table(text: str, table: str) -> str:
    """A page with the part between its two marks replaced by the table."""
    before, begin, rest = text.partition(TABLE_BEGIN)
    _, end, after = rest.partition(TABLE_END)
    if not (begin and end):
        raise ValueError(f"the page lacks {TABLE_BEGIN} or {TABLE_END}")
    return f"{before}{begin}\n{table}\n{end}{after}"


def pages(rules: Iterable[RuleInfo], cases: str) -> Iterator[tuple[str, str]]:
    """(file name, text) of every page of docs/rules; `cases` is the folder of the rules' cases."""
    rules = tuple(rules)
    yield "index.md", index(rules)
    for rule in rules:
        yield f"{rule.id}.md", page(rule, example(os.path.join(cases, rule.id), rule.severity))


def example(folder: str, severity: Severity) -> str:
    """The report of a rule's first bad case, one of its usual severity if there is one; empty without any."""
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    texts = [text for name in names if name.startswith("bad-") and (text := _expected(os.path.join(folder, name)))]
    usual = [text for text in texts if text.startswith(severity)]
    return next(iter((*usual, *texts)), "")


def _expected(folder: str) -> str:
    path = os.path.join(folder, "expected.txt")
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def _wrapped(text: str) -> list[str]:
    import textwrap  # noqa: PLC0415  # only for people

    return textwrap.wrap(text, 78, break_on_hyphens=False)
