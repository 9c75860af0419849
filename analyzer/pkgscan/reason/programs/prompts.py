"""Which commands wait for somebody at a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pkgscan.reason.programs.options import given, options
from pkgscan.reason.words import head
from pkgscan.values import Value, literal, shown

DIALOGS = frozenset(("dialog", "whiptail", "zenity", "kdialog", "gdialog", "Xdialog"))
# Of a dialog, what is shown and waits for nobody.
SHOWS = frozenset(("--infobox", "--gauge", "--clear", "--version", "--print-version", "--notification", "--progress"))
EDITORS = frozenset(("vi", "vim", "nano", "pico", "emacs", "editor", "sensible-editor", "visudo", "vipw", "vigr"))
ASKING: Mapping[str, str] = {
    "mysql_secure_installation": "its questions",
    "passwd": "a password",
    "ssh-copy-id": "a password",
    "smbpasswd": "a password",
}
READ = options("adinNptu")


def prompt(name: str, words: Sequence[Value], *, has_input: bool) -> str:
    """What a command asks for, a phrase; empty where it asks for nothing.

    `has_input`: something else than the terminal is its standard input.
    """
    if name == "read":
        return _read(words, has_input=has_input)
    if name in DIALOGS:
        return "" if any(head(word) in SHOWS for word in words[1:]) else "an answer to a dialog"
    if has_input:
        return ""
    if name in EDITORS:
        return "an edit" if name not in ("vim", "vi", "emacs") or not _is_batch(words) else ""
    if name in ("passwd", "smbpasswd"):
        return "" if any(head(word).startswith(_QUIET[name]) for word in words[1:]) else ASKING[name]
    return ASKING.get(name, "")


_QUIET: Mapping[str, tuple[str, ...]] = {
    "passwd": ("-l", "-u", "-d", "-S", "-e", "--lock", "--unlock", "--delete", "--status", "--expire", "--stdin", "-x"),
    "smbpasswd": ("-s", "-x", "-d", "-e", "-n"),
}


def _is_batch(words: Sequence[Value]) -> bool:
    return any(head(word) in ("-es", "-s", "--batch", "-Es") for word in words[1:])


def _read(words: Sequence[Value], *, has_input: bool) -> str:
    """`read -p TEXT NAME` asks; plain `read NAME` may, where nothing is piped or redirected into it."""
    found = given(words, READ)
    if found.has("-t") or has_input or found.has("-u"):
        return ""
    text = found.value("-p")
    if text is not None:
        return f'"{shown(text).strip()}"'
    return (
        "a password"
        if found.has("-s")
        else f"${literal(found.operands[0]) or 'a value'}"
        if found.operands
        else "a line"
    )
