"""What a command line really starts: wrappers peeled off, the script given to an interpreter, the string of `sh -c`.

`nice -n 5 flock /run/x.lock bash /opt/app/run.sh` starts /opt/app/run.sh. The tables are data from the manual pages of
util-linux, coreutils, sudo, moreutils and the shells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal as OneOf

import msgspec

from pkgscan.facts.shell import Command
from pkgscan.model import Span
from pkgscan.values import Literal, Value, join, literal, resolve

Use = OneOf["program", "script", "sourced", "directory"]


class Wrapper(msgspec.Struct, frozen=True):
    """A program that runs the rest of its line: options that take the next word, and operands before the command."""

    valued: frozenset[str] = frozenset()
    operands: int = 0
    string: str = ""  # the option whose value is a line for the shell


class Reference(msgspec.Struct, frozen=True):
    """A file that a command starts: its path on the host, or a bare name looked up on PATH, and where it is written.

    `program` is the command word itself, `script` a file given to an interpreter, `directory` one given to run-parts.
    `sourced` is not started: the shell at hand reads it (`. FILE`), for its settings mostly. `arguments` follow it.
    """

    path: Value
    use: Use
    command: Command
    arguments: tuple[Value, ...] = ()

    @property
    def span(self) -> Span:
        """The command that names it."""
        return self.command.span


def _wrapper(options: str = "", operands: int = 0, string: str = "") -> Wrapper:
    return Wrapper(frozenset(options.split()), operands, string)


WRAPPERS: Mapping[str, Wrapper] = {
    "busybox": _wrapper(),
    "cgexec": _wrapper("-g"),
    "chpst": _wrapper("-u -U -b -e -/ -n -l -L -m -d -o -p -f -c -r -t"),
    "chronic": _wrapper(),
    "chroot": _wrapper(operands=1),
    "chrt": _wrapper("-T -P -D", 1),
    "command": _wrapper(),
    "cronic": _wrapper(),
    "doas": _wrapper("-u -C"),
    "eatmydata": _wrapper(),
    "env": _wrapper("-u -C --unset --chdir"),
    "exec": _wrapper("-a"),
    "flock": _wrapper("-w -E --timeout --wait --conflict-exit-code", 1, "-c"),
    "ionice": _wrapper("-c -n --class --classdata"),
    "lckdo": _wrapper("-W", 1),
    "nice": _wrapper("-n --adjustment"),
    "nohup": _wrapper(),
    "nsenter": _wrapper("-t -S -G --target"),
    "runuser": _wrapper("-u -g -G -s --user --group --shell", 0, "-c"),
    "setpriv": _wrapper("--reuid --regid --groups --inh-caps --ambient-caps --bounding-set"),
    "setsid": _wrapper(),
    "stdbuf": _wrapper("-i -o -e --input --output --error"),
    "su": _wrapper("-s -g -G -w --shell --group", 0, "-c"),
    "sudo": _wrapper("-u -g -h -p -C -r -t -U -D -T -R --user --group --host --prompt --chdir"),
    "systemd-cat": _wrapper("-t -p --identifier --priority"),
    "systemd-run": _wrapper("-u -p -t -E -H -M --unit --property --description --slice --uid --gid --setenv"),
    "taskset": _wrapper(operands=1),
    "time": _wrapper("-f -o --format --output"),
    "timeout": _wrapper("-k -s --kill-after --signal", 1),
    "unbuffer": _wrapper(),
    "unshare": _wrapper(),
    "xargs": _wrapper("-I -n -P -L -d -s -E -a"),
}
SHELLS = frozenset(("ash", "bash", "dash", "ksh", "mksh", "sh", "zsh"))
# Interpreters whose first operand is a script: options that take a value, and options after which there is no script.
INTERPRETERS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    **{shell: (frozenset(("-o", "+o", "--rcfile", "--init-file")), frozenset(("-c", "-s"))) for shell in SHELLS},
    "Rscript": (frozenset(), frozenset(("-e",))),
    "lua": (frozenset(("-l",)), frozenset(("-e",))),
    "node": (frozenset(("-r", "--require", "--import")), frozenset(("-e", "-p", "--eval", "--print"))),
    "perl": (frozenset(("-I",)), frozenset(("-e", "-E"))),
    "php": (frozenset(("-c", "-d")), frozenset(("-r",))),
    "python": (frozenset(("-W", "-X")), frozenset(("-c", "-m"))),
    "ruby": (frozenset(("-I", "-r")), frozenset(("-e",))),
    "tclsh": (frozenset(), frozenset()),
}
RUN_PARTS_VALUED = frozenset(("-a", "-u"))
PEELS = 16  # wrappers around one command; people write three


def base_name(value: Value) -> str:
    """The file name of a command word, empty where it is not written out."""
    return (literal(value) or "").rpartition("/")[2]


def peel(words: Sequence[Value]) -> tuple[Value, ...]:
    """The command inside its wrappers: of `sudo -u app nice -n 5 /opt/run now` the words `/opt/run now`.

    Empty when the wrapper runs no command of the line itself (`su -c ...`, `sudo -l`).
    """
    inner = tuple(words)
    for _ in range(PEELS):
        wrapper = WRAPPERS.get(base_name(inner[0])) if inner else None
        if wrapper is None:
            return inner
        inner = inside(inner, wrapper)
    return inner


def inside(words: tuple[Value, ...], wrapper: Wrapper) -> tuple[Value, ...]:
    """The words of the command that a wrapper runs; none where it runs no command of the line itself."""
    if base_name(words[0]) == "su" or (base_name(words[0]) == "runuser" and not _has(words, "-u", "--user")):
        return ()  # these hand their operands to a login shell
    if base_name(words[0]) == "command" and _has(words, "-v", "-V"):
        return ()  # asks where a command is, and runs nothing
    at = _first_operand(words, 1, wrapper.valued)
    if base_name(words[0]) == "env":
        while at < len(words) and "=" in (_start(words[at])):
            at += 1
    at += wrapper.operands
    if wrapper.string and at < len(words) and literal(words[at]) in (wrapper.string, "--command"):
        return ()
    return words[at:]


def _has(words: Sequence[Value], *options: str) -> bool:
    return any(_start(word).partition("=")[0] in options for word in words)


def _start(value: Value) -> str:
    first = value.parts[0] if hasattr(value, "parts") else value
    return first.text if isinstance(first, Literal) else ""


def _first_operand(words: Sequence[Value], at: int, valued: frozenset[str]) -> int:
    while at < len(words):
        word = _start(words[at])
        if word == "--":
            return at + 1
        if word in valued:
            at += 2
        elif word.startswith(("-", "+")) and len(word) > 1:
            at += 1
        else:
            break
    return at


def shell_string(words: Sequence[Value]) -> int:
    """The index of the word that is itself a line for the shell (`sh -c 'a; b'`, `su app -c ...`), or -1."""
    start = len(words) - len(peel(words)) if peel(words) else 0
    name = base_name(words[start]) if start < len(words) else ""
    for at in range(start + 1, len(words)):
        word = literal(words[at]) or ""
        if name in SHELLS and word.startswith("-") and not word.startswith("--") and word.endswith("c"):
            return _existing(words, _first_operand(words, at + 1, frozenset()))
        if name in SHELLS and not word.startswith(("-", "+")):
            return -1
        if word == "-c" and any(base_name(outer) in ("su", "runuser", "flock") for outer in words[:at]):
            return _existing(words, at + 1)
    return -1


def _existing(words: Sequence[Value], at: int) -> int:
    return at if at < len(words) else -1


def started(words: Sequence[Value]) -> tuple[Value, Use] | None:
    """The file a command line starts or sources, and how; None where it starts none by name (`sh -c`, `python3 -m`)."""
    inner = peel(words)
    if not inner:
        return None
    name = base_name(inner[0])
    if name == "run-parts":
        at = _first_operand(inner, 1, RUN_PARTS_VALUED)
        return (inner[at], "directory") if at < len(inner) else None
    if name in (".", "source"):
        return (inner[1], "sourced") if len(inner) > 1 else None
    if name == "java":
        return _jar(inner)
    kind = INTERPRETERS.get(name) or INTERPRETERS.get(name.rstrip("0123456789."))
    return _script(inner, *kind) if kind else (inner[0], "program")


def _jar(words: Sequence[Value]) -> tuple[Value, Use] | None:
    flag = next((at for at, word in enumerate(words) if literal(word) == "-jar"), len(words))
    return (words[flag + 1], "script") if flag + 1 < len(words) else None


def _script(words: Sequence[Value], valued: frozenset[str], ends: frozenset[str]) -> tuple[Value, Use] | None:
    at = _first_operand(words, 1, valued)
    for word in words[1:at]:
        option = _start(word)
        if option in ends or ("-c" in ends and not option.startswith("--") and option.endswith("c")):
            return None
    if literal(words[at - 1]) == "-f" and base_name(words[0]).startswith("php"):
        return words[at] if at < len(words) else words[-1], "script"
    return (words[at], "script") if at < len(words) else None


def references(commands: Iterable[Command], environment: Mapping[str, Value]) -> Iterator[Reference]:
    """The files that commands of one line start or source, in order, `cd` followed and known variables filled in."""
    folder: Value | None = None
    scoped = False
    for command in commands:
        words = tuple(resolve(word, environment) for word in command.words)
        if scoped and not command.stands_in("subshell"):
            folder, scoped = None, False
        if base_name(words[0]) == "cd" and len(words) > 1:
            folder, scoped = words[-1], command.stands_in("subshell")
            continue
        found = started(words)
        if found is not None:
            yield Reference(_from(folder, *found), found[1], command, _after(found[0], words))


def _after(word: Value, words: Sequence[Value]) -> tuple[Value, ...]:
    at = next(at for at, other in enumerate(words) if other is word)
    return tuple(words[at + 1 :])


def _from(folder: Value | None, path: Value, use: Use) -> Value:
    text = _start(path)
    if folder is None or not text or text.startswith("/") or (use == "program" and "/" not in text):
        return path
    if isinstance(path, Literal):
        path = Literal(path.text.removeprefix("./"))
    parts = [folder, Literal("/"), path]
    return join([piece for part in parts for piece in (part.parts if hasattr(part, "parts") else (part,))])
