"""Shell scripts, by two readers: a strict one, and a forgiving one for what the strict one refuses.

What neither reads whole is said, with its lines. Commands that only one of the two saw are taken with less certainty.
This module is what the registry loads; the parsers are imported with the first script.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.facts.shell import Assignment, Command, FunctionDefinition, ShellScript
from pkgscan.readers.base import Kind, Reader, Reading, Source

SHELLS = ("sh", "bash", "dash", "ksh", "ash", "mksh", "ksh93", "rbash")


class ShellReader(Reader):
    """Reads scripts of sh, bash, dash and ksh into commands, assignments and functions."""

    kinds = (
        Kind(name="shell", suffixes=(".sh", ".bash", ".ksh", ".dash"), interpreters=SHELLS),
        Kind(name="shell-guess", executable_text=True),
    )
    facts = (ShellScript, Command, Assignment, FunctionDefinition)

    def read(self, source: Source) -> Iterator[Reading]:
        """The script, then all in it in the order in which it is written."""
        from pkgscan.readers.shell.script import read_script  # noqa: PLC0415  # with the first script

        return read_script(source)
