"""What a terminal's window is opened for: `xterm -e "sudo x"`, `gnome-terminal -- sudo x`."""

from __future__ import annotations

from collections.abc import Sequence

from pkgscan.reason.words import joined
from pkgscan.values import Literal, Value, literal

# Each takes behind these either one text, or a command and its arguments.
RUNS = ("-e", "-x", "--command", "--execute", "--")
TERMINALS = frozenset((
    "x-terminal-emulator", "xterm", "uxterm", "lxterm", "rxvt", "urxvt", "konsole", "gnome-terminal", "mate-terminal",
    "xfce4-terminal", "lxterminal", "qterminal", "terminator", "tilix",
))  # fmt: skip


def opened_for(words: Sequence[Value]) -> Value:
    """What a terminal runs, as a text; empty where it starts a shell for somebody."""
    at = next((at for at, word in enumerate(words) if literal(word) in RUNS), len(words))
    return joined(words[at + 1 :]) if at + 1 < len(words) else Literal("")
