"""What must hold of a whole scan: of its report, of each form of it, and of the command."""

from __future__ import annotations

import json
import os
import re
import tempfile
from typing import Any

import msgspec

from command import run_pkgscan
from fuzz.walk_claims import LIMITS
from packing import tar_of
from pkgscan.errors import EXIT_INCOMPLETE
from pkgscan.model import Finding, Gap, Related, Span
from pkgscan.registry import load
from pkgscan.report import ArtifactInfo, Report, Snippet
from pkgscan.reporters import formats, renderer
from pkgscan.reporters.base import Options
from pkgscan.scanning import Options as ScanOptions
from pkgscan.scanning import scan_here
from pkgscan.testing import NOW

FILES = 20  # of one tree that is made of fuzzed bytes
DECODER = frozenset(
    {"decoder-crash", "limit-cpu", "limit-archive-cpu"}
)  # gaps of a decoder that died: no crash of the run


def files_of(data: bytes) -> dict[str, bytes]:
    """A tree of files: each a path, a zero byte and its content, two zero bytes between them."""
    files: dict[str, bytes] = {}
    for piece in data.split(b"\0\0")[:FILES]:
        path, _, content = piece.partition(b"\0")
        files[path.decode("utf-8", "replace").replace("\0", "") or "x"] = content
    return files


def check_tree_of_files(data: bytes) -> None:
    """A package of any files is read, linked, judged and reported in every form, and nothing in pkgscan fails."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "p.tar")
        with open(path, "wb") as file:
            file.write(tar_of(files_of(data)))
        check_report(scan_here(path, ScanOptions(now=NOW, limits=LIMITS)))


def check_package(data: bytes) -> None:
    """A package of any bytes, likewise."""
    if not data:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "p")
        with open(path, "wb") as file:
            file.write(data)
        check_report(scan_here(path, ScanOptions(now=NOW, limits=LIMITS)))


def check_report(report: Report) -> None:
    """No fault of our own, exit 3 where bytes were not seen, and every form of the report is sound."""
    faults = [gap.traceback for gap in report.gaps if gap.traceback]
    assert not faults, faults[0]
    unread = [gap for gap in report.gaps if gap.effect == "unread" and gap.suppressed is None]
    assert not unread or report.gate.exit_code in (1, EXIT_INCOMPLETE)
    parts = tuple(conclusion.part for conclusion in load().conclusions if conclusion.part is not None)
    check_forms(report, Options(parts=parts, verbose=True))


def check_forms(report: Report, options: Options) -> None:
    """Every form prints, ends its last line, and those that are JSON parse."""
    for form in formats():
        text = renderer(form)(report, options)
        assert text.endswith("\n")
        assert all(line.isprintable() for line in text.split("\n")), f"{form} holds a character that does not print"
        text.encode()
        if form != "text":
            json.loads(text)


def check_hostile_report(data: bytes) -> None:
    """A report whose every text is hostile is rendered soundly. Only names that pkgscan itself makes are its own."""
    from report_samples import OPTIONS, sample  # noqa: PLC0415  # lies with the reporters' tests

    words = [piece.decode("utf-8", "surrogateescape") for piece in data.split(b"\xff")] or [""]
    word = lambda number: words[number % len(words)]  # noqa: E731  # a shorthand
    span = Span(f"p!/{word(0)}", len(words), len(words) + len(data) % 3, 1, 1 + len(data) % 80)
    finding = Finding(
        rule="retired-host-contact", category="contradiction", severity="high", confidence="high", message=word(1),
        span=span, related=(Related(span, word(2)),), remedy=word(3), evidence=(word(4),),
        fingerprint="pkgscan/1:aaaaaaaaaaaaaaaa",
    )  # fmt: skip
    gap = Gap(effect="partial", stage="read", reason="odd", detail=word(5), span=span, traceback=word(6))
    report = sample(
        finding, msgspec.structs.replace(finding, span=None), gaps=(gap, msgspec.structs.replace(gap, span=None)),
        notes=(word(7),), snippets=(Snippet(span.path, span.first_line, (word(8), word(9))),),
        artifacts=(ArtifactInfo(span.path, "p", 1, "", data[:64]),),
    )  # fmt: skip
    check_forms(report, msgspec.structs.replace(OPTIONS, width=len(data) % 120, verbose=bool(len(data) % 2)))


def check_command(data: bytes) -> bool:
    """The installed command scans and lists a package: whole answers, an exit code it documents, and one that fits.

    True if a decoder died on the way, which costs the archive it was in and not the run.
    """
    if not data:
        return False
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "p")
        with open(path, "wb") as file:
            file.write(data)
        return _check_runs(folder, path)


def _check_runs(folder: str, path: str) -> bool:
    limits = [f"--limit={key}={getattr(LIMITS, key)}" for key in ("entries", "unpacked", "entry", "depth")]
    scan = _run(folder, "scan", "-f", "json", "--no-config", *limits, path)
    report = json.loads(scan.stdout)
    assert report["gate"]["exit_code"] == scan.returncode
    died = [gap for gap in report["gaps"] if gap["reason"] in DECODER]
    faults = [gap["traceback"] for gap in report["gaps"] if gap.get("traceback") and gap not in died]
    assert not faults, faults[0]
    if any(gap["effect"] == "unread" for gap in report["gaps"]):
        assert scan.returncode in (1, 3)
    tree = _run(folder, "tree", *limits, path)
    _check_both(report, scan.returncode, tree)
    return bool(died)


def _check_both(report: Any, code: int, tree: Any) -> None:
    """Both see the same entries, where nothing was damaged."""
    total = re.search(rb"^(\d+) entr(?:y|ies), (\d+) bytes unpacked$", tree.stdout, re.MULTILINE)
    assert total is not None, tree.stdout[-500:]
    if tree.returncode == 0 and code == 0 and not report["gaps"]:
        listed = tree.stdout.count(b"\n") - 1
        assert listed in {report["package"]["entries"], report["package"]["entries"] + 1}, "tree and scan differ"


def _run(folder: str, *arguments: str) -> Any:
    done = run_pkgscan(folder, *arguments)  # type: ignore[arg-type]  # a path is one to it, too
    assert done.returncode in (0, 1, 3), f"exit {done.returncode}: {done.stderr.decode()[-2000:]}"
    assert b"Traceback" not in done.stderr
    return done
