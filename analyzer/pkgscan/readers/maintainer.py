"""The scripts a package tool runs by itself: dpkg's, from a deb's control archive, and rpm's, from its header.

What they do is read by the reader of their language.

Debian policy, chapter 6; the rpm manual on scriptlets.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.facts.package import MaintainerScript
from pkgscan.model import Gap, Span
from pkgscan.readers.base import Embedded, Kind, Reader, Reading, Source, interpreter, unread_commands

# The walk hands an rpm's scriptlets out as members of these names.
RPM_PHASES = (
    "%pre", "%post", "%preun", "%postun", "%pretrans", "%posttrans", "%preuntrans", "%postuntrans", "%verifyscript",
    "%trigger", "%triggerprein", "%triggerin", "%triggerun", "%triggerpostun",
    "%filetrigger", "%filetriggerin", "%filetriggerun", "%filetriggerpostun",
    "%transfiletrigger", "%transfiletriggerin", "%transfiletriggerun", "%transfiletriggerpostun",
)  # fmt: skip
PROBE = 512  # bytes; programs have a NUL among their first, scripts none
DPKG_PHASES = ("preinst", "postinst", "prerm", "postrm")


# What may run such a script, apart from the shells, without version digits.
LANGUAGES = {"python": "python-script", "perl": "perl-script"}
SHELLS = frozenset(("sh", "bash", "dash", "ksh", "ash", "mksh"))


class MaintainerReader(Reader):
    """Says that a member of a control archive is run, by whom and when, and hands its text on."""

    kinds = (Kind(name="maintainer-script", names=DPKG_PHASES + RPM_PHASES, by_name_alone=True),)
    facts = (MaintainerScript,)

    def read(self, source: Source) -> Iterator[Reading]:
        """One fact, or none for a file that merely has such a name; then its text, or that nobody reads it."""
        member, archive = source.entry.member, source.entry.archive.rpartition("/")[2]
        phase = member.rpartition("/")[2] if member.startswith("trigger ") else member
        if phase in RPM_PHASES:
            yield MaintainerScript(span=Span(source.path), tool="rpm", phase=phase)
            yield _text(source, f"rpm's {phase}")
        elif member in DPKG_PHASES and archive.startswith("control.tar"):
            yield MaintainerScript(span=Span(source.path), tool="dpkg", phase=member)
            yield _text(source, f"dpkg's {member}")
        elif source.data.startswith(b"#!"):
            yield _text(source, "this script")


def _text(source: Source, whose: str) -> Embedded | Gap:
    """The text for the reader of its language: what runs it is named in its first line, and else is the shell."""
    program = interpreter(source.data) if source.data.startswith(b"#!") else "sh"
    kind = "shell" if program in SHELLS else LANGUAGES.get(program.rstrip("0123456789."), "")
    if not kind or b"\0" in source.data[:PROBE]:
        return unread_commands(whose, source.path)
    return Embedded(kind, source.text, ())
