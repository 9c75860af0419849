"""Python scripts: which commands they start by subprocess and os, as far as these are written out.

What a script does by itself, such as to write a file, is not read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from pkgscan.facts.shell import Area, Command, Frame
from pkgscan.model import Gap, Span
from pkgscan.readers.base import Embedded, Kind, Reader, Reading, Segment, Source
from pkgscan.values import Literal, Unknown, Value, VariableRef, join

TEXT_LIMIT = 1 << 20  # characters; a script that installs something is a hundredth of it
NESTING_LIMIT = 100  # brackets in brackets; the parser of Python recurses on them
# What starts a program. The text given to one of SHELL is a line for the shell; with the others `shell=True` says so.
STARTING = frozenset((
    "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen",
    "asyncio.create_subprocess_exec",
))  # fmt: skip
SHELL = frozenset((
    "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "asyncio.create_subprocess_shell",
))  # fmt: skip
SPREAD = frozenset(("os.execl", "os.execlp", "os.execle", "os.execlpe", "asyncio.create_subprocess_exec"))
LISTED = frozenset(("os.execv", "os.execvp", "os.execve", "os.execvpe"))
REFUSALS = (SyntaxError, ValueError, RecursionError, MemoryError)
MODULES = ("os", "subprocess", "asyncio")


class PythonReader(Reader):
    """Reads the commands that a Python script starts."""

    kinds = (
        Kind(
            name="python-script",
            interpreters=("python", "python2", "python3", *(f"python3.{minor}" for minor in range(4, 16))),
        ),
    )
    facts = (Command,)

    def read(self, source: Source) -> Iterator[Reading]:
        """The commands in order, and the lines it hands to a shell."""
        text = source.text
        tree, why = _tree(text)
        if tree is None:
            detail = f"this Python script is not read: {why}"
            yield Gap(effect="partial", stage="read", reason="python-syntax", detail=detail, span=Span(source.path))
            return
        starts = _line_starts(text)
        nodes = list(ast.walk(tree))
        names = _names(nodes)
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
            yield from _Call(source, text, starts, call).readings(names.get(_dotted(call.func), _dotted(call.func)))


def _tree(text: str) -> tuple[ast.Module | None, str]:
    if len(text) > TEXT_LIMIT:
        return None, f"longer than {TEXT_LIMIT} characters"
    if _nesting(text) > NESTING_LIMIT:
        return None, f"nested deeper than {NESTING_LIMIT}"
    try:
        return ast.parse(text), ""
    except REFUSALS:
        return None, "not Python 3, as far as it is understood"


def _nesting(text: str) -> int:
    depth = deepest = 0
    for character in text:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth = max(0, depth - 1)
    return deepest


def _names(nodes: list[ast.AST]) -> Mapping[str, str]:
    """What imports call the functions that matter: `run` is `subprocess.run`."""
    names: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname and alias.name in MODULES:
                    names |= {f"{alias.asname}.{name.partition('.')[2]}": name for name in STARTING | SHELL}
    return names


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return ""


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


class _Call:
    """A call of a function that may start a program."""

    def __init__(self, source: Source, text: str, starts: list[int], call: ast.Call) -> None:
        self.source = source
        self.text = text
        self.starts = starts
        self.call = call

    def readings(self, name: str) -> Iterator[Reading]:
        """The command it starts, or the line that it hands to a shell."""
        if not self.call.args or name not in STARTING | SHELL | SPREAD | LISTED:
            return
        first = self.call.args[0]
        if name in SHELL or (self.in_shell() and not isinstance(first, ast.List | ast.Tuple)):
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield self.embedded(first, first.value)
        elif name in SPREAD:
            yield self.command(self.call.args[1:] if name.startswith("os.") else self.call.args)
        elif name in LISTED:
            yield from (
                self.command(node.elts) for node in self.call.args[1:2] if isinstance(node, ast.List | ast.Tuple)
            )
        elif isinstance(first, ast.List | ast.Tuple):
            yield self.command(first.elts)
        elif isinstance(first, ast.Constant):
            yield self.command([first])

    def in_shell(self) -> bool:
        """Whether `shell=True` stands in it."""
        return any(
            word.arg == "shell" and isinstance(word.value, ast.Constant) and word.value.value is True
            for word in self.call.keywords
        )

    def command(self, nodes: list[ast.expr]) -> Command:
        """A command from its words."""
        words = tuple(_value(node) for node in nodes) or (Unknown("computed at run time"),)
        name = nodes[0] if nodes else self.call
        last = nodes[-1] if nodes else self.call
        return Command(
            span=self.span(name, last),
            text=self.text[self.offset(name) : self.end(last)],
            words=words,
            name_span=self.span(name, name),
            reader="python",
        )

    def embedded(self, node: ast.Constant, line: str) -> Embedded:
        """A line for the shell, each line of it where it stands if it is written as it is."""
        first = self.offset(node)
        at = self.text.find(line, first, self.end(node)) if line else -1
        area = self.source.span(first, self.end(node) - 1)
        within = (Frame("string", "", (Area(area.first_line, area.first_column, area.last_line, area.last_column),)),)
        if at < 0:
            place = self.source.segment(first)
            return Embedded(
                "shell", line, tuple(Segment(offset, place.line, place.column) for offset in _lines(line)), within
            )
        segments = []
        for offset in _lines(line):
            place = self.source.segment(at + offset)
            segments.append(Segment(offset, place.line, place.column))
        return Embedded("shell", line, tuple(segments), within)

    def offset(self, node: ast.expr) -> int:
        """Where a node begins; Python counts columns in bytes."""
        return self._character(node.lineno, node.col_offset)

    def end(self, node: ast.expr) -> int:
        """Behind the end of a node."""
        return self._character(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)

    def span(self, first: ast.expr, last: ast.expr) -> Span:
        """From one node to another."""
        return self.source.span(self.offset(first), self.end(last) - 1)

    def _character(self, line: int, column: int) -> int:
        start = self.starts[line - 1]
        written = self.text[start : self.starts[line] - 1]
        if written.isascii():
            return start + column
        return start + len(written.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))


def _lines(text: str) -> Iterator[int]:
    yield 0
    at = text.find("\n")
    while at >= 0:
        yield at + 1
        at = text.find("\n", at + 1)


def _value(node: ast.expr) -> Value:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return Literal(node.value)
    if isinstance(node, ast.JoinedStr):
        return join([_part(part) for part in node.values])
    return _part(node)


def _part(node: ast.expr) -> Literal | VariableRef | Unknown:
    if isinstance(node, ast.Constant):
        return Literal(str(node.value))
    return Unknown("computed at run time")
