"""Downloads that are run at once: `curl URL | sh`, `sh -c "$(curl URL)"`, `bash <(curl URL)`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pkgscan.facts.shell import Command
from pkgscan.facts.uses import DownloadRun
from pkgscan.reason.about import About
from pkgscan.reason.invocation import SHELLS, base_name, peel
from pkgscan.reason.programs.network import endpoints
from pkgscan.reason.scripts import Script, area_of
from pkgscan.reason.words import head
from pkgscan.values import Value, literal, shown

DOWNLOADERS = frozenset(("curl", "wget", "fetch", "aria2c", "lynx"))
INTERPRETERS = SHELLS | {"python", "python3", "perl", "ruby", "php", "node"}
RUNS_OUTPUT = frozenset(("eval", ".", "source"))
RUNNERS = INTERPRETERS | RUNS_OUTPUT


def downloads_run(words: Sequence[Value], about: About, script: Script, where: str) -> Iterator[DownloadRun]:
    """The downloads that a command runs, told at the shell that does."""
    inner = peel(words)
    name = base_name(inner[0]) if inner else ""
    if name in INTERPRETERS and _reads_program(inner):
        yield from _piped(name, about, script, where)
    if name in RUNNERS:
        yield from _substituted(name, inner, about, script, where)


def _reads_program(words: Sequence[Value]) -> bool:
    """Whether an interpreter reads its program from its input: no file, or `-`, or `-s`."""
    operands = [literal(word) for word in words[1:] if not head(word).startswith("-") or literal(word) == "-"]
    flags = [literal(word) or "" for word in words[1:]]
    is_told = any(flag.startswith("-") and not flag.startswith("--") and flag[-1] in "ce" for flag in flags)
    return not is_told and (not operands or operands[0] == "-" or any(flag.startswith("-s") for flag in flags))


def _piped(name: str, about: About, script: Script, where: str) -> Iterator[DownloadRun]:
    pipe = next((frame for frame in reversed(about.command.context) if frame.kind == "pipe"), None)
    if pipe is None or pipe.position == 0:
        return
    for area in pipe.areas:
        for command in script.within(area):
            at = next((frame.position for frame in reversed(command.context) if frame.areas == pipe.areas), -1)
            if 0 <= at < pipe.position:
                yield from _download(command, name, about, where)


def _substituted(name: str, words: Sequence[Value], about: About, script: Script, where: str) -> Iterator[DownloadRun]:
    if (
        name in INTERPRETERS
        and not any(literal(word) in ("-c", "-ec", "-xc") for word in words)
        and not about.command.redirects
    ):
        is_process = any(
            frame.kind == "substitution" and frame.name == "<("
            for command in script.within(area_of(about.command.span))
            for frame in command.context[len(about.command.context) :]
        )
        if not is_process:
            return
    for command in script.within(area_of(about.command.span)):
        if len(command.context) > len(about.command.context):
            yield from _download(command, name, about, where)


def _download(command: Command, shell: str, about: About, where: str) -> Iterator[DownloadRun]:
    words = peel(command.words)
    name = base_name(words[0]) if words else ""
    if name not in DOWNLOADERS:
        return
    for end in endpoints(name, words):
        url = next((shown(word) for word in words[1:] if "://" in shown(word)), "")
        yield DownloadRun(**about.common(where), program=name, shell=shell, host=end.host, url=url)
