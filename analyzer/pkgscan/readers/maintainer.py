"""The scripts a package tool runs by itself: dpkg's, in the control archive of a deb (Debian policy, chapter 6)."""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.facts.package import MaintainerScript
from pkgscan.model import Span
from pkgscan.readers.base import Kind, Reader, Reading, Source

DPKG_PHASES = ("preinst", "postinst", "prerm", "postrm")


class MaintainerReader(Reader):
    """Says that a member of a control archive is run, by whom and when; what it does is the shell reader's to say."""

    kinds = (Kind(name="maintainer-script", names=DPKG_PHASES),)
    facts = (MaintainerScript,)

    def read(self, source: Source) -> Iterator[Reading]:
        """One fact, or none for a file that merely has such a name."""
        archive = source.entry.archive.rpartition("/")[2]
        if archive.startswith("control.tar") and source.entry.member in DPKG_PHASES:
            yield MaintainerScript(span=Span(source.path), tool="dpkg", phase=source.entry.member)
