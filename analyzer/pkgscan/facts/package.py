"""Facts about package formats: which scripts their tool runs, and when."""

from pkgscan.model import Fact


class MaintainerScript(Fact, frozen=True):
    """A script that dpkg or rpm runs: `phase` is preinst, postinst, %post ...; `tool` is dpkg or rpm.

    `span` is the entry that holds it.
    """

    tool: str
    phase: str
