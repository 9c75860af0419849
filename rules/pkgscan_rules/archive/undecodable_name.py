"""A member's name is not valid UTF-8.

Tools guess its encoding, or refuse it; a script that names the file may then not find it.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.model import Entry
from pkgscan.rule import DEFECT, LOW, Problem, Scan, rule


@rule(
    title="Member name in no known encoding",
    category=DEFECT,
    severity=LOW,
    looks_at=Entry,
    since="0.1",
    remedy="Ask the vendor to pack the file under a plain name.",
    stage="stable",
)
def check(entry: Entry, _scan: Scan) -> Iterator[Problem]:
    """Report names that do not decode."""
    if entry.name.isascii():
        return
    try:
        entry.name.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"the name is not UTF-8: byte {entry.name[error.start]:02x} at position {error.start + 1}"
        yield Problem(entry.span, message, evidence=(entry.member,))
