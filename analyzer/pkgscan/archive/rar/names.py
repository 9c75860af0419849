"""RAR 4 states some names twice: as its system spelled them, and as Unicode."""

from __future__ import annotations


def misleads(name: bytes, old: bytes) -> bool:
    """Whether the old name (in a character set that is not known) cannot be the Unicode name (UTF-8) spelled in it.

    What the old character set lacks is a question mark, an underscore, or a letter that looks alike; so only what is
    ASCII in the Unicode name is compared, where a character has one byte.
    """
    if not old or old == name:
        return False
    text = name.decode("utf-8", "replace")
    if text.isascii():
        return True
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if units == len(old):
        spread = text.encode("utf-16-le", "surrogatepass")
        pairs = ((spread[at] if not spread[at + 1] else 0xFF, old[at // 2]) for at in range(0, len(spread), 2))
        return any(new < 0x80 and new != byte for new, byte in pairs)  # noqa: PLR2004  # the end of ASCII
    return old.isascii() and len(text) != len(old)
