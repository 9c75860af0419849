"""The scripts a package tool runs by itself: dpkg's, from a deb's control archive, and rpm's, from its header.

What they do is not read yet, and is said to be unread.

Debian policy, chapter 6; the rpm manual on scriptlets.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.facts.package import MaintainerScript
from pkgscan.model import Span
from pkgscan.readers.base import Kind, Reader, Reading, Source, unread_commands

# The walk hands an rpm's scriptlets out as members of these names.
RPM_PHASES = (
    "%pre", "%post", "%preun", "%postun", "%pretrans", "%posttrans", "%preuntrans", "%postuntrans", "%verifyscript",
    "%trigger", "%triggerprein", "%triggerin", "%triggerun", "%triggerpostun",
    "%filetrigger", "%filetriggerin", "%filetriggerun", "%filetriggerpostun",
    "%transfiletrigger", "%transfiletriggerin", "%transfiletriggerun", "%transfiletriggerpostun",
)  # fmt: skip
DPKG_PHASES = ("preinst", "postinst", "prerm", "postrm")


class MaintainerReader(Reader):
    """Says that a member of a control archive is run, by whom and when, and that its commands are not read."""

    kinds = (Kind(name="maintainer-script", names=DPKG_PHASES + RPM_PHASES, by_name_alone=True),)
    facts = (MaintainerScript,)

    def read(self, source: Source) -> Iterator[Reading]:
        """One fact, or none for a file that merely has such a name; a gap for each that holds commands."""
        member, archive = source.entry.member, source.entry.archive.rpartition("/")[2]
        phase = member.rpartition("/")[2] if member.startswith("trigger ") else member
        if phase in RPM_PHASES:
            yield MaintainerScript(span=Span(source.path), tool="rpm", phase=phase)
            yield unread_commands(f"rpm's {phase}", source.path)
        elif member in DPKG_PHASES and archive.startswith("control.tar"):
            yield MaintainerScript(span=Span(source.path), tool="dpkg", phase=member)
            yield unread_commands(f"dpkg's {member}", source.path)
        elif source.data.startswith(b"#!"):
            yield unread_commands("this script", source.path)
