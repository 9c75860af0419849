"""Puts reports where the user wants them; files appear whole or not at all."""

from __future__ import annotations

import os
import sys

import msgspec

from pkgscan.errors import UserError
from pkgscan.model import CONFIDENCES, SEVERITIES, Confidence, Severity
from pkgscan.report import Report


def write_file(path: str, data: bytes) -> None:
    """Write a file atomically: beside its place first, then under its name. Raises UserError."""
    folder, name = os.path.split(path)
    scratch = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        with open(scratch, "xb") as file:
            file.write(data)
        os.replace(scratch, path)
    except OSError as error:
        if os.path.exists(scratch):
            os.unlink(scratch)
        raise UserError(f"{path}: {error.strerror}", "name a place that can be written") from error


def check_place(path: str) -> None:
    """Complain about a place that cannot be written before the scan, not after it."""
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise UserError(f"{path}: no such directory", "make it first, or name another place")
    if not os.access(folder, os.W_OK):
        raise UserError(f"{path}: the directory cannot be written", "name another place")


def filtered(report: Report, min_severity: Severity, min_confidence: Confidence) -> Report:
    """What the user wants to see of the report; the gate has been asked before and is not changed by it."""
    severities, confidences = SEVERITIES.index(min_severity), CONFIDENCES.index(min_confidence)
    findings = tuple(
        finding
        for finding in report.findings
        if SEVERITIES.index(finding.severity) >= severities and CONFIDENCES.index(finding.confidence) >= confidences
    )
    return msgspec.structs.replace(report, findings=findings)


def use_color(choice: str) -> bool:
    """Whether standard output gets colour: as asked, else by NO_COLOR and FORCE_COLOR, else on a terminal alone."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def terminal_width() -> int:
    """Columns of the terminal, or as COLUMNS says; 100 where there is neither."""
    return columns(sys.stdout.fileno(), 100)


def columns(fd: int, otherwise: int) -> int:
    """Columns of the terminal at a descriptor. As shutil has it, whose import costs a bare start."""
    told = os.environ.get("COLUMNS", "")
    if told.isdigit() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(fd).columns or otherwise
    except OSError:
        return otherwise


class Progress:
    """One line on standard error that says which archive is being read; nothing where nobody watches."""

    def __init__(self, *, wanted: bool) -> None:
        self._shows = wanted and sys.stderr.isatty()

    def __call__(self, path: str) -> None:
        """Show the archive that was just opened."""
        if self._shows:
            from pkgscan.safe import shown  # noqa: PLC0415  # only where somebody watches

            room = max(20, columns(sys.stderr.fileno(), 80) - 10)
            sys.stderr.write(f"\r\x1b[Kreading {shown(path)[-room:]}")
            sys.stderr.flush()

    def done(self) -> None:
        """Take the line away."""
        if self._shows:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
