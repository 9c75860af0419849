"""What may run a command given to it, though nothing says that it does: `${PREFIX[$i]} su -c x`, `/opt/a/as_a ssh h x`.

A variable before a command is mostly a prefix that may be empty, as `nice`; a program at a path of its own that is
given a whole command mostly runs it. Neither is sure: `$INSTALL sudo` installs it.
"""

from __future__ import annotations

from collections.abc import Sequence

from pkgscan.reason.words import head
from pkgscan.values import Literal, Value, literal

# Behind a variable: those alone whose names are hardly ever arguments, and with an option, which tells them from one.
BEHIND_VARIABLES = frozenset(("sudo", "doas", "runuser", "pkexec", "setpriv", "su"))
BEHIND_PROGRAMS = BEHIND_VARIABLES | {"ssh", "scp", "sftp", "rsync", "curl", "wget", "systemctl"}
WORDS = 4  # the program, the command, and two words at least for it: with fewer, a name says too little
# Programs of the system take names of commands for much else: `/usr/bin/which ssh curl`.
SYSTEM = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/", "/etc/")


def may_run(words: Sequence[Value]) -> tuple[Value, ...]:
    """The command that the first word may run or be nothing before; none where nothing hints at one."""
    command = literal(words[1]) if len(words) > 2 else None  # noqa: PLR2004  # both, and something for the command
    if command is None:
        return ()
    program = literal(words[0])
    if program is None:
        hints = not isinstance(words[0], Literal) and command in BEHIND_VARIABLES and head(words[2]).startswith("-")
    else:
        hints = command in BEHIND_PROGRAMS and _is_own(program) and _is_whole(words)
    return tuple(words[1:]) if hints else ()


def _is_own(program: str) -> bool:
    return program.startswith("/") and not program.startswith(SYSTEM)


def _is_whole(words: Sequence[Value]) -> bool:
    """Whether it is a command with arguments, and no list of commands."""
    return len(words) >= WORDS and literal(words[2]) not in BEHIND_PROGRAMS
