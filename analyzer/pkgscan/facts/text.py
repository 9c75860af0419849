"""Facts about any text file."""

from pkgscan.model import Fact


class TextLine(Fact, frozen=True):
    """One line of a text entry, without its line end; made only when a loaded rule looks at it."""
