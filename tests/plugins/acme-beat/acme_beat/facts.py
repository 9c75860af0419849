"""What a beat file states."""

from pkgscan.model import Fact


class Beat(Fact, frozen=True, tag="acme/Beat"):
    """A command that Acme's scheduler runs every so many seconds."""

    seconds: int
    command: str
