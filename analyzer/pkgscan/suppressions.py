"""The files that say what is accepted: read strictly, and appended to by `pkgscan suppress add`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from pkgscan.errors import UserError
from pkgscan.fingerprint import DIGITS, below_package, is_fingerprint
from pkgscan.safe import shown
from pkgscan.suppress import LIST_HINT, Acceptance, Baseline, KnownRule
from pkgscan.tomlfile import TomlFile, did_you_mean, parse_toml, quoted, read_toml

REPORT_SCHEMA = "pkgscan-report/1"
EMPTY_FILE = "# What is accepted, why, by whom and until when; see `pkgscan scan --suppressions`.\n"


def read_suppressions(path: str) -> tuple[Acceptance, ...]:
    """The acceptances of a suppressions file. Anything wrong in it is a UserError with file and line."""
    file = read_toml(path)
    file.allow(file.data, (), ("accept",))
    tables = file.typed(file.data, (), "accept", list) or []
    acceptances: list[Acceptance] = []
    for number, table in enumerate(tables):
        acceptance = _read_acceptance(file, ("accept", number), table)
        if any(_same(acceptance, other) for other in acceptances):
            file.fail(("accept", number), f"{acceptance.title} is accepted twice", "remove one of the two")
        acceptances.append(acceptance)
    return tuple(acceptances)


def check_acceptances(path: str, acceptances: Iterable[Acceptance], rules: Iterable[KnownRule]) -> None:
    """Complain about the first acceptance in the file at `path` of a rule that is not installed."""
    known = {name for rule in rules for name in (rule.id, *rule.formerly)}
    for number, acceptance in enumerate(acceptances):
        if acceptance.rule and acceptance.rule not in known:
            hint = did_you_mean(acceptance.rule, known) or LIST_HINT
            read_toml(path).fail(("accept", number, "rule"), f"unknown rule {acceptance.rule!r}", hint)


def _same(one: Acceptance, other: Acceptance) -> bool:
    return (one.fingerprint, one.rule, one.path) == (other.fingerprint, other.rule, other.path)


def _read_acceptance(file: TomlFile, at: tuple[str, int], table: Any) -> Acceptance:
    if not isinstance(table, dict):
        file.fail(at, "each accepted thing is a table", "write it below a line [[accept]]")
    file.allow(table, at, Acceptance.__struct_fields__)
    texts = {key: file.typed(table, at, key, str) for key in ("fingerprint", "rule", "path", "reason", "owner")}
    expires = file.typed(table, at, "expires", date)
    for key in ("reason", "owner"):
        if not (texts[key] or "").strip():
            file.fail((*at, key) if key in table else at, f"{key} is missing", "say it in a text of your own")
    if expires is None:
        file.fail(at, "expires is missing", "give the last day it holds, such as expires = 2027-01-31")
    _check_target(file, at, table)
    return Acceptance(**{key: text for key, text in texts.items() if text is not None}, expires=expires)


def _check_target(file: TomlFile, at: tuple[str, int], table: dict[str, Any]) -> None:
    if "fingerprint" in table:
        if "rule" in table or "path" in table:
            file.fail(at, "both a fingerprint and a rule or path", "give either a fingerprint, or a rule and a path")
        if not is_fingerprint(table["fingerprint"]):
            wrong = f"{table['fingerprint']!r} is no fingerprint"
            file.fail((*at, "fingerprint"), wrong, f"a report shows it as {DIGITS} hexadecimal digits")
    elif not (table.get("rule") and table.get("path")):
        file.fail(at, "nothing says what is accepted", "give either a fingerprint, or a rule and a path")


def read_baseline(path: str) -> Baseline:
    """The fingerprints of a JSON report of before. What that run had accepted by a suppressions file is not in it.

    A file that is no such report is a UserError.
    """
    report = _read_report(path, "baseline")
    return Baseline(_fingerprints(report.findings), _fingerprints(report.gaps))


def describe(path: str, fingerprint: str) -> str:
    """What a JSON report names by a fingerprint, in a line fit to be printed: its rule, place and message.

    A file that is no report, or does not name it, is a UserError.
    """
    report = _read_report(path, "report")
    named = next((one for one in (*report.findings, *report.gaps) if one.fingerprint == fingerprint), None)
    if named is None:
        raise UserError(f"{path} names no finding or gap {fingerprint}", "copy the fingerprint from that report")
    place = below_package(named.span.path) if named.span is not None else ""
    where = f" at {place}" if place else ""
    return shown(f"{named.rule or named.reason}{where}: {named.message or named.detail}")


def _read_report(path: str, what: str) -> _Report:
    try:
        with open(path, "rb") as file:
            report = msgspec.json.decode(file.read(), type=_Report)
    except OSError as error:
        raise UserError(
            f"cannot read the {what} {path}: {error.strerror}", "name a report made with -o json=PATH"
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no pkgscan report: {error}", "make one with -o json=PATH") from error
    if report.schema != REPORT_SCHEMA:
        raise UserError(f"{path} has the schema {report.schema!r}, not {REPORT_SCHEMA!r}", "make it with this pkgscan")
    return report


class _Mark(msgspec.Struct):
    by: str


class _Place(msgspec.Struct):
    path: str


class _Named(msgspec.Struct):
    """A finding, which has a rule and a message, or a gap, which has a reason and a detail."""

    fingerprint: str
    suppressed: _Mark | None = None
    span: _Place | None = None
    rule: str = ""
    reason: str = ""
    message: str = ""
    detail: str = ""


class _Report(msgspec.Struct):
    schema: str
    findings: list[_Named]
    gaps: list[_Named]


def _fingerprints(items: Iterable[_Named]) -> frozenset[str]:
    kept = (item for item in items if item.suppressed is None or item.suppressed.by == "baseline")
    return frozenset(item.fingerprint for item in kept if item.fingerprint)


def add_suppression(path: str, acceptance: Acceptance, today: date, comment: str = "") -> None:
    """Append one acceptance to a suppressions file, which is made if need be. Raises UserError before it writes.

    `comment` is a printable line that tells whoever reviews the file what is accepted.
    """
    _check_new(acceptance, today)
    before = _existing(path)
    if before is not None:
        same = next((other for other in read_suppressions(path) if _same(acceptance, other)), None)
        if same is not None:
            raise UserError(f"{path} accepts {same.title} already, up to {same.expires}", "change its date there")
    start = EMPTY_FILE if before is None else "" if before.endswith("\n") or not before else "\n"
    block = start + _block(acceptance, comment)
    parse_toml(path, (before or "") + block)  # a file of inline tables takes no [[accept]]
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(block)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}", "name another file with --file") from error


def _existing(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {path}: {error}", "name another file with --file") from error


def _check_new(acceptance: Acceptance, today: date) -> None:
    if not is_fingerprint(acceptance.fingerprint):
        wrong = f"{acceptance.fingerprint!r} is no fingerprint"
        raise UserError(wrong, f"copy it from a report (-v shows it): {DIGITS} hexadecimal digits")
    for name, text in (("reason", acceptance.reason), ("owner", acceptance.owner)):
        if not text.strip():
            raise UserError(f"the {name} is empty", f"give one with --{name}")
        if not text.isprintable() and any("\ud800" <= char <= "\udfff" for char in text):
            raise UserError(f"the {name} is not UTF-8", "write it in UTF-8, or in English")
    if acceptance.expires <= today:
        raise UserError(f"{acceptance.expires} is not in the future", "give a later day with --expires")


def _block(acceptance: Acceptance, comment: str) -> str:
    texts = (("fingerprint", acceptance.fingerprint), ("reason", acceptance.reason), ("owner", acceptance.owner))
    lines = ["", *([f"# {comment}"] if comment else []), "[[accept]]"]
    lines += [*(f"{key} = {quoted(text)}" for key, text in texts), f"expires = {acceptance.expires}"]
    return "\n".join(lines) + "\n"
