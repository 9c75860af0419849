"""Member names: hostile bytes in, one unambiguous text path out."""

from __future__ import annotations

from pkgscan.model import MEMBER


def name_text(name: bytes) -> str:
    r"""A member's name as text: UTF-8, or every undecodable byte as `\xNN`; NUL and "!/" are escaped too.

    Nothing else is changed: what is not safe to print is the reporters' care.
    """
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        text = name.decode("utf-8", "backslashreplace")
    if "\0" in text or MEMBER in text:
        text = text.replace("\0", "\\x00").replace(MEMBER, "\\x21/")
    return text


def member_path(archive: str, name: bytes) -> str:
    """The path of a member of the archive at `archive`; a leading "./" is dropped, as every unpacker does."""
    text = name_text(name)
    if text[:2] == "./" or text[-1:] == "/":
        while text.startswith("./"):
            text = text[2:].lstrip("/")
        text = text.rstrip("/")
    return archive + MEMBER + text
