"""Whether a text that nothing but its execute bit makes a script is one: prose is grammatical shell, too."""

from __future__ import annotations

from pkgscan.readers.shell.parsed import Parsed
from pkgscan.values import Literal

LOOKED_AT = 50  # commands; more of the same prove nothing
# What scripts mostly consist of: builtins and the most frequent programs of POSIX.
KNOWN = frozenset((
    ".", ":", "[", "[[", "basename", "break", "cat", "cd", "chmod", "chown", "command", "continue", "cp", "cut",
    "dirname", "echo", "eval", "exec", "exit", "export", "false", "find", "grep", "head", "id", "kill", "ln",
    "local", "ls", "mkdir", "mv", "printf", "pwd", "read", "return", "rm", "sed", "set", "shift", "sleep",
    "source", "sudo", "systemctl", "tail", "tar", "test", "touch", "trap", "true", "umask", "unset", "wait",
))  # fmt: skip


def looks_like_shell(parsed: Parsed) -> bool:
    """Whether at least half of its first commands are known ones, paths or variables, or assignments."""
    items = parsed.items[:LOOKED_AT]
    known = 0
    for item in items:
        word = item.values[0] if item.values else None
        if isinstance(word, Literal):
            known += word.text in KNOWN or word.text.startswith(("/", "./"))
        else:
            known += 1
    return known * 2 >= len(items) > 0
