"""How many lines of crontabs a walk hands on, and what it says of the others."""

from __future__ import annotations

from pkgscan.archive.command_lines import CommandLines
from pkgscan.archive.events import Seen
from pkgscan.kinds import KindTable
from pkgscan.model import Entry, Gap
from pkgscan.readers.base import Kind

KINDS = KindTable((Kind(name="tab", suffixes=(".tab",), line_by_line=True), Kind(name="note", suffixes=(".note",))))
SHORT = 64  # bytes that a short line counts for


def seen(lines: CommandLines, content: bytes, kind: str = "tab") -> tuple[bytes | None, bool, list[str]]:
    """(content, truncated, details of gaps) as they come out."""
    first, *more = lines.bounded(Seen(Entry("p!/a", kind=kind), content), content)
    assert isinstance(first, Seen)
    assert all(isinstance(gap, Gap) and gap.reason == "limit-commands" for gap in more)
    return first.content, first.truncated, [gap.detail for gap in more if isinstance(gap, Gap)]


def test_what_fits_is_handed_on_whole() -> None:
    assert seen(CommandLines(KINDS, 2 * SHORT), b"a\nb") == (b"a\nb", False, [])


def test_what_does_not_fit_is_counted() -> None:
    content, truncated, said = seen(CommandLines(KINDS, 2 * SHORT), b"a\n# c\nb\nc\n# c\n\nd\n")
    assert (content, truncated) == (b"a\n# c\nb\n", True)
    assert said == [
        "2 lines of it were not read, the package has commands of over 128 bytes; raise it with --limit commands=N"
    ]


def test_the_limit_is_of_all_entries_together() -> None:
    lines = CommandLines(KINDS, 3 * SHORT)
    assert seen(lines, b"a\nb\n") == (b"a\nb\n", False, [])
    assert seen(lines, b"a\nb\n")[:2] == (b"a\n", True)
    assert seen(lines, b"a\n")[:2] == (None, True)
    assert seen(lines, b"# only a comment\n") == (b"# only a comment\n", False, [])


def test_blank_lines_and_comments_cost_nothing() -> None:
    content = b"\n  \n\t# x\n" * 1000
    assert seen(CommandLines(KINDS, SHORT), content) == (content, False, [])


def test_a_long_line_counts_with_its_bytes_but_not_without_end() -> None:
    content = b"a;" * 450 + b"\n"
    assert seen(CommandLines(KINDS, len(content) - 1), content)[0] is None
    assert seen(CommandLines(KINDS, len(content)), content)[0] == content
    assert seen(CommandLines(KINDS, 4096), b" " * 1_000_000 + b"a\n")[1] is False


def test_other_kinds_are_not_counted() -> None:
    content = b"a\n" * 1000
    assert seen(CommandLines(KINDS, SHORT), content, "note") == (content, False, [])
