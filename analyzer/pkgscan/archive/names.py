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


def inner_path(name: bytes) -> str:
    """The path of a member in its archive, spelled as an unpacker would leave it on disk.

    Repeated slashes and "." go, ".." goes with what is before it, as far as it stays inside; what leads out stays.
    """
    text = name_text(name)
    if "//" in text or "/." in text or text[:1] == "." or text[-1:] == "/":
        return _normalized(text)
    return text


def member_path(archive: str, name: bytes) -> str:
    """The path of a member of the archive at `archive`."""
    return archive + MEMBER + inner_path(name)


def _normalized(text: str) -> str:
    kept: list[str] = []
    for part in text.split("/"):
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif part not in {"", "."}:
            kept.append(part)
    return ("/" if text.startswith("/") else "") + "/".join(kept)
