"""Puts reports where the user wants them; files appear whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import msgspec

from pkgscan.errors import UserError
from pkgscan.model import CONFIDENCES, SEVERITIES, Confidence, Severity
from pkgscan.report import Report


def write_file(path: str, data: bytes) -> None:
    """Write a file whole or not at all; what is no ordinary file (a pipe, a device) is written through.

    A link is followed. Raises UserError.
    """
    try:
        if _is_special(path):
            with open(path, "wb") as through:
                through.write(data)
        else:
            _replace(os.path.realpath(path), data)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}", "name a place that can be written") from error


def _is_special(path: str) -> bool:
    return os.path.abspath(path).startswith("/dev/") or (os.path.exists(path) and not os.path.isfile(path))


def _replace(target: str, data: bytes) -> None:
    folder, name = os.path.split(target)
    scratch = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        with open(scratch, "xb") as file:
            file.write(data)
        os.replace(scratch, target)
    except OSError:
        if os.path.exists(scratch):
            os.unlink(scratch)
        raise


def check_outputs(outputs: Sequence[tuple[str, str]], inputs: Sequence[str]) -> None:
    """Complain before the scan about a place that cannot be written, is an input, or is named twice."""
    taken = {os.path.realpath(path): path for path in inputs if path and path != "-"}
    for _, path in outputs:
        target = os.path.realpath(path)
        if path == "-":
            raise UserError("-o writes files, and - is none", "print with -f FORMAT instead")
        if target in taken:
            raise UserError(f"{path}: the report would overwrite {taken[target]}", "name another place")
        taken[target] = "another report"
        if os.path.isdir(target) or not _is_special(path):
            _check_place(path, target)


def _check_place(path: str, target: str) -> None:
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        raise UserError(f"{path}: no such directory", "make it first, or name another place")
    if os.path.isdir(target):
        raise UserError(f"{path}: is a directory", "name a file in it")
    if not os.access(target if os.path.exists(target) else folder, os.W_OK):
        raise UserError(f"{path}: cannot be written", "name another place")


def show(text: str) -> None:
    """Print to standard output. That nobody reads on is no fault, and leaves the exit code as it is."""
    if sys.stdout is None:
        raise UserError("standard output is closed", "use -q, and -o FORMAT=PATH for the report")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise UserError(f"standard output: {error.strerror}", "make room, or write a file with -o") from error


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
    shows = sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return bool(os.environ.get("FORCE_COLOR")) or shows


def terminal_width() -> int:
    """Columns of the terminal, or as COLUMNS says; 100 where there is neither."""
    return columns(1, 100)


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

            room = max(20, columns(2, 80) - 10)
            sys.stderr.write(f"\r\x1b[Kreading {shown(path)[-room:]}")
            sys.stderr.flush()

    def done(self) -> None:
        """Take the line away."""
        if self._shows:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
