"""Code in a script that something else reads: strings for another shell, here-docs, SQL for a database's client.

It is embedded as what becomes of it: `sh -c '...'` and a here-doc piped to `sh` are shell, one that is written to
/etc/cron.d is a crontab, one that psql reads is SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from pkgscan.facts.shell import Area, Command, Frame, FrameKind
from pkgscan.readers.base import Embedded, Source
from pkgscan.readers.shell.parsed import Item
from pkgscan.readers.shell.plain import Plain, plain_body, plain_word
from pkgscan.readers.shell.written import COMPUTED_LINE, kind_at
from pkgscan.reason.invocation import SHELLS, WRAPPERS, base_name, peel, shell_string
from pkgscan.reason.programs.databases import database_call
from pkgscan.values import Literal, Value, literal, shown

DIALECTS: Mapping[str, str] = {
    "postgresql": "sql-postgresql", "mariadb": "sql-mysql", "mysql": "sql-mysql", "sqlite": "sql-sqlite",
    "sqlserver": "sql-sqlserver", "oracle": "sql-oracle",
}  # fmt: skip
SWITCHING = frozenset(("su", "runuser", "sudo", "doas", "ssh"))  # the shell that these start reads a here-doc of theirs
SSH_VALUED = frozenset(f"-{letter}" for letter in "bcDEeFIiJLlmOopQRSWw")  # options of ssh with a value
PRODUCERS = frozenset(("echo", "printf", "cat"))
WORDS_KEPT = 4096  # distinct command words; scripts say the same few again and again
REMEMBERED = 64  # texts that wait for the next command of their pipe
TO_FILE = frozenset((">", ">>", ">|", "1>", "1>>"))


class Nested:
    """Finds the code in the commands of one script, which it is shown in order."""

    def __init__(self, source: Source, text: str) -> None:
        self.source = source
        self.text = text
        self.piped: dict[tuple[tuple[Area, ...], int], Plain] = {}

    def embedded(self, command: Command, item: Item) -> Iterator[Embedded]:
        """What a command hands to something else that reads it as code."""
        words = peel(command.words)
        name = base_name(words[0]) if words else ""
        yield from self._strings(command, item, words, name)
        for text in self._texts(command, item, words, name):
            kind = self._read_as(command, words, name)
            if kind.startswith("crontab") and COMPUTED_LINE.search(text.text):
                continue  # a crontab of which not even the times are written out
            if kind:
                yield self._made(kind, text, command, Frame("here-doc", "", (_area(command),)))
            elif target := _target(command, name):
                if kind := kind_at(target, text.text):
                    frame = Frame("here-doc", target, (_area(command),))
                    yield self._made(kind, text, command, frame, becomes=target)
            else:
                self._remember(command, text)

    def may_embed(self, item: Item) -> bool:
        """Whether a command is worth a look: few run other commands, or handle texts."""
        return bool(self.piped or item.redirects) or not is_plain(item.values[0])

    def _strings(self, command: Command, item: Item, words: Sequence[Value], name: str) -> Iterator[Embedded]:
        at, kind, frame = self._string(command, words, name)
        if at >= 0:
            text = plain_word(self.text, item.firsts[at], item.ends[at])
            yield self._made(kind, text, command, frame)
        call = database_call(name, words, dict(command.environment)) if name in CLIENTS else None
        for value in call.texts if call is not None else ():
            yield from self._sql(command, item, value, DIALECTS[call.engine] if call else "sql")

    def _sql(self, command: Command, item: Item, value: Value, kind: str) -> Iterator[Embedded]:
        """The word that a client was given as SQL, without its option (`--command=...`)."""
        sought = shown(value)
        for at, word in enumerate(item.values):
            written = shown(word)
            if sought and written.endswith(sought):
                text = plain_word(self.text, item.firsts[at], item.ends[at])
                cut = max(0, len(written) - len(sought)) if isinstance(word, Literal) else 0
                frame = Frame("string", "", (_area(command),))
                yield self._made(kind, Plain(text.text[cut:], text.places[cut:]), command, frame)
                return

    def _string(self, command: Command, words: Sequence[Value], name: str) -> tuple[int, str, Frame]:
        """Which word is a line for a shell, if any."""
        frame = Frame("string", "", (_area(command),))
        at = shell_string(command.words)
        if at >= 0:
            return at, "shell", frame
        first = len(command.words) - len(words)
        if name == "eval" and len(words) == 2:  # noqa: PLR2004  # the command and its one argument
            return first + 1, "shell", frame
        if name == "trap":
            return _trap(words, first, _area(command))
        return (_remote(command.words), "shell", frame)

    def _texts(self, command: Command, item: Item, words: Sequence[Value], name: str) -> Iterator[Plain]:
        """The texts that a command reads or writes: here-docs, what is echoed, what comes through its pipe."""
        for redirected in item.redirects:
            if redirected.body is not None:
                strips = redirected.operator.endswith("-")
                yield plain_body(self.text, *redirected.body, expands=redirected.expands, strips=strips)
        at = _echoed(words, name)
        if at:
            at += len(command.words) - len(words)
            yield plain_word(self.text, item.firsts[at], item.ends[at]).ended()
        pipes = [frame for frame in command.context if frame.kind == "pipe" and frame.position > 0]
        if pipes and (text := self.piped.get((pipes[-1].areas, pipes[-1].position - 1))):
            yield text

    def _remember(self, command: Command, text: Plain) -> None:
        """A text may be for the next command of a pipe that it goes into."""
        for frame in command.context:
            if frame.kind == "pipe" and frame.position + 1 < frame.count and len(self.piped) < REMEMBERED:
                self.piped.setdefault((frame.areas, frame.position), text)

    def _read_as(self, command: Command, words: Sequence[Value], name: str) -> str:
        """What a command takes its input for; empty where it does not read it as code."""
        texts = [literal(word) for word in words[1:]]
        if name in SHELLS:
            return "shell" if all(text is not None and text.startswith("-") for text in texts) else ""
        if not words or name in SWITCHING:
            return "shell" if _starts_a_shell(command) else ""
        if name == "crontab":
            reads = "-" in texts or not texts or texts[0] == "-u"
            return "crontab-user" if reads and "-l" not in texts and "-r" not in texts else ""
        call = database_call(name, words, dict(command.environment)) if name in CLIENTS else None
        return DIALECTS[call.engine] if call is not None and call.reads_input else ""

    def _made(self, kind: str, text: Plain, command: Command, frame: Frame, becomes: str = "") -> Embedded:
        within = (*command.context, frame)
        return Embedded(kind, text.text, text.segments(self.source), within, becomes)


CLIENTS = frozenset(("psql", "mysql", "mariadb", "sqlite3", "sqlplus", "sqlcmd"))


HANDLING = frozenset((*WRAPPERS, *SHELLS, *CLIENTS, *SWITCHING, *PRODUCERS, "eval", "trap", "crontab", "tee"))


@lru_cache(WORDS_KEPT)
def is_plain(name: Value) -> bool:
    """Whether a program neither runs others nor handles texts, as far as the tables say."""
    return base_name(name) not in HANDLING


def _area(command: Command) -> Area:
    at = command.span
    return Area(at.first_line, at.first_column, at.last_line, at.last_column)


def _trap(words: Sequence[Value], first: int, area: Area) -> tuple[int, str, Frame]:
    """`trap 'commands' EXIT`; a `-` or nothing takes a trap away."""
    at = 2 if len(words) > 1 and literal(words[1]) == "--" else 1
    signals = tuple(words[at + 1 :])
    kind: FrameKind = "trap"
    is_code = len(words) > at + 1 and literal(words[at]) not in ("-", "", "-p", "-l")
    return first + at if is_code else -1, "shell", Frame(kind, "", (area,), words=signals)


def _remote(words: Sequence[Value]) -> int:
    """The one word behind the host of `ssh` that is a line for the shell there, or -1."""
    at = next((at for at, word in enumerate(words) if base_name(word) == "ssh"), -1) + 1
    while 0 < at < len(words) and (text := literal(words[at]) or "").startswith("-"):
        at += 2 if text in SSH_VALUED else 1
    return at + 1 if at > 0 and at + 2 == len(words) else -1


def _starts_a_shell(command: Command) -> bool:
    """Whether `su app`, `sudo -i` or `ssh host` start a shell that reads its commands from the input."""
    name = base_name(command.words[0])
    texts = [literal(word) or "" for word in command.words[1:]]
    if name in ("sudo", "doas"):
        return any(text in ("-i", "-s") for text in texts)
    if name == "ssh":
        at = 0
        while at < len(texts) and texts[at].startswith("-"):
            at += 2 if texts[at] in SSH_VALUED else 1
        return at + 1 == len(texts)
    return name in ("su", "runuser") and "-c" not in texts


def _echoed(words: Sequence[Value], name: str) -> int:
    r"""Which word `echo 'line'` and `printf '%s\n' 'line'` print; 0 for none that is sure."""
    formats = ("%s", "%s\\n")
    if name == "echo" and len(words) == 2:  # noqa: PLR2004  # the command and its one argument
        return 1
    if name == "printf" and len(words) == 3 and literal(words[1]) in formats:  # noqa: PLR2004  # and the format
        return 2
    return 0


def _target(command: Command, name: str) -> str:
    """The file a command writes what it prints or reads to; empty for none."""
    if name == "tee":
        return next((shown(word) for word in peel(command.words)[1:] if not shown(word).startswith("-")), "")
    if name not in PRODUCERS:
        return ""
    return next((shown(one.target) for one in command.redirects if one.operator in TO_FILE), "")
