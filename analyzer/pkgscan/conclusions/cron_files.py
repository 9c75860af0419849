"""Which cron files the host would not heed, as they would lie there: by name, mode and owner, or for a line.

Debian's cron 3.0pl1 (database.c, user.c) and debianutils' run-parts decide; in an rpm the words are those of cronie.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion
from pkgscan.facts.schedule import CronFileIgnored, CronFileUnterminated, CronLineRejected, IgnoredCause
from pkgscan.graph import Graph
from pkgscan.model import Entry, Fact, Span
from pkgscan.patterns import pattern

PLACE = pattern(r"/etc/cron\.(?:(?P<cron>d)|hourly|daily|weekly|monthly)/(?P<name>[^/]+)")
# valid_name() of database.c, and the default of run-parts(8).
NAME = pattern(r"[A-Za-z0-9_-]+")
# Hidden files, and what editors, dpkg, ucf, rpm and people leave behind or set aside: meant to be skipped.
SET_ASIDE = pattern(
    r"\..*|.*(?:~|[.-](?:dpkg-\w+|ucf-\w+|rpm(?:new|save|orig)|bak|backup|old|orig|disabled?|off|sample|example|dist|template"
    r"|tmpl|tpl|in|j2|erb|swp|md|txt))",
    re.IGNORECASE,
)
SAMPLES = pattern(r"/(?:doc|docs|examples?|samples?|tests?|testdata|fixtures)/")
SHARED_WRITE = 0o022
EXECUTE = 0o111
OTHERS = 5  # further refused lines named with the first


class Place(msgspec.Struct, frozen=True):
    """Where a cron file would lie. `sure`: its package format says so; `rpm`: read by cronie, which takes any name."""

    name: str
    by: Literal["cron", "run-parts"]
    sure: bool
    rpm: bool


def conclude(graph: Graph, _: Circumstances) -> Iterator[Fact]:
    """A value for each file and cause."""
    for entry in graph.entries():
        if "cron" in entry.path and entry.type in {"file", "hardlink"} and entry.role == "package":
            place = _place(entry, graph)
            if place is not None and graph.removal(entry.path) is None:
                yield from _as_it_lies(entry, place)
    yield from _as_written(graph)


def _place(entry: Entry, graph: Graph) -> Place | None:
    paths = graph.install_paths(entry.path)
    surest = [path.path for path in paths if path.certainty == "must"] or [path.path for path in paths]
    for path in surest:
        found = PLACE.fullmatch(path)
        if found:
            form = _package_format(entry, graph)
            return Place(found["name"], "cron" if found["cron"] else "run-parts", bool(form), form == "rpm")
    return None


def _package_format(entry: Entry, graph: Graph) -> str:
    """`deb` or `rpm` if one of them installs this entry, else nothing."""
    archive = graph.entry(entry.archive)
    while archive is not None and archive.format in {"deb", "rpm", "tar", "cpio"}:
        if archive.format in {"deb", "rpm"}:
            return archive.format
        archive = graph.entry(archive.archive)
    return ""


def _as_it_lies(entry: Entry, place: Place) -> Iterator[Fact]:
    if SET_ASIDE.fullmatch(place.name):
        return
    if not place.rpm and not NAME.fullmatch(place.name):
        yield _ignored(entry, place, "name", "only letters, digits, - and _ may be in its name", place.name)
    if place.by == "cron":
        yield from _for_cron(entry, place)
    elif entry.has_mode and entry.type == "file" and not entry.mode & EXECUTE:
        yield _ignored(entry, place, "not executable", f"it is not executable (mode {_mode(entry)})", _mode(entry))


def _for_cron(entry: Entry, place: Place) -> Iterator[Fact]:
    if entry.type == "hardlink":
        yield _ignored(entry, place, "hard link", f"it is a second name of {entry.link_target}", entry.link_target)
    elif entry.has_mode and entry.mode & SHARED_WRITE:
        yield _ignored(entry, place, "mode", f"others than root may write it (mode {_mode(entry)})", _mode(entry))
    # Outside a deb an owner is whoever packed it, and an installer that copies as root changes it.
    if place.sure and not place.rpm and (entry.uid or entry.user not in {"", "root"}):
        owner = entry.user or str(entry.uid)
        yield _ignored(entry, place, "owner", f"it belongs to {owner}, not to root", owner)


def _mode(entry: Entry) -> str:
    return f"{entry.mode & 0o7777:04o}"


def _ignored(entry: Entry, place: Place, cause: IgnoredCause, why: str, token: str) -> CronFileIgnored:
    accepted_by = "cronie" if cause == "name" else ""
    return CronFileIgnored(
        span=entry.span,
        file=place.name,
        by=place.by,
        cause=cause,
        why=why,
        token=token,
        sure=place.sure,
        accepted_by=accepted_by,
    )


def _as_written(graph: Graph) -> Iterator[Fact]:
    """The first refused line of each file, since Debian's cron gives up there; and files without a last newline."""
    refused: dict[str, list[CronLineRejected]] = {}
    for fact in graph.facts(CronLineRejected):
        refused.setdefault(fact.span.path, []).append(fact)
    for path, lines in refused.items():
        sure = _sure_of(path, graph)
        # A line that no cron takes comes before one that another cron takes.
        worst = min(lines, key=lambda line: bool(line.accepted_by))
        if sure is not None and not (worst.accepted_by == "cronie" and _is_rpm(path, graph)):
            others = [line.span for line in lines if line is not worst]
            by: Literal["cron", "cronie"] = "cronie" if _is_rpm(path, graph) else "cron"
            yield _refused(worst, tuple(others[:OTHERS]), by, sure=sure)
    for end in graph.facts(CronFileUnterminated):
        sure = _sure_of(end.span.path, graph)
        if sure is not None and not _is_rpm(end.span.path, graph):
            yield CronFileIgnored(
                span=end.span, text=end.text, file=_base(end.span.path), by="cron", cause="unterminated",
                why="its last line does not end in a newline", sure=sure,
            )  # fmt: skip


def _refused(
    line: CronLineRejected, others: tuple[Span, ...], by: Literal["cron", "cronie"], *, sure: bool
) -> CronFileIgnored:
    return CronFileIgnored(
        span=line.span,
        text=line.text,
        file=_base(line.span.path),
        by=by,
        cause="refused line",
        why=line.why,
        token=line.token,
        sure=sure,
        accepted_by=line.accepted_by,
        others=others,
    )


def _sure_of(path: str, graph: Graph) -> bool | None:
    """Whether the file is surely a crontab of the host; None if it is a sample, or set aside."""
    entry = graph.entry(path)
    if entry is None or SAMPLES.search(path) or SET_ASIDE.fullmatch(_base(path)):
        return None
    return entry.kind in {"crontab-system", "crontab-user"}


def _is_rpm(path: str, graph: Graph) -> bool:
    entry = graph.entry(path)
    return entry is not None and _package_format(entry, graph) == "rpm"


def _base(path: str) -> str:
    return path.rpartition("/")[2]


CRON_FILES = Conclusion(name="cron-files", concludes=(CronFileIgnored,), conclude=conclude)
