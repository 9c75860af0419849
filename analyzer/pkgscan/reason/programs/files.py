"""Which files a command writes, copies, deletes or opens to everybody, by its arguments alone; redirects come apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal as OneOf

import msgspec

from pkgscan.reason.programs.options import Given, given, options
from pkgscan.reason.words import head, holed
from pkgscan.values import Join, Literal, Value, join, literal

# `adds`: what was there stays, and grows. `mode`: only who may do what with it changes.
Way = OneOf["replaces", "adds", "deletes", "mode"]
GROUP_MODE_DIGITS = 3


class FileCall(msgspec.Struct, frozen=True):
    """One file that a command changes. `sources` are what it is made of, where that is files.

    `mode` is as written; `keeps`: a copy of what was there is kept, or nothing that is there is touched. `is_tree`:
    what lies below goes with it. `is_forced`: a file that is missing is no error.
    """

    way: Way
    path: Value
    sources: tuple[Value, ...] = ()
    mode: str = ""
    keeps: bool = False
    is_tree: bool = False
    is_forced: bool = False


def file_calls(name: str, words: Sequence[Value]) -> tuple[FileCall, ...]:
    """The files that a command changes; none where it is no such command."""
    reader = READERS.get(name)
    return tuple(reader(words)) if reader else ()


def opens_to_all(mode: str) -> bool:
    """Whether a mode lets everybody write: `777`, `o+w`, `a=rw`; not a sticky folder as /tmp is (`1777`)."""
    if mode.isdigit():
        sticky = len(mode) > GROUP_MODE_DIGITS and int(mode[-4]) & 1 and mode[-4] in "1357"
        return bool(mode[-1] in "2367") and not sticky
    return any(_opens(clause) for clause in mode.split(","))


def _opens(clause: str) -> bool:
    at = next((at for at, sign in enumerate(clause) if sign in "+="), -1)
    return at > 0 and bool({"o", "a"} & set(clause[:at])) and "w" in clause[at:] and "t" not in clause[at:]


_COPY = options("St", "--target-directory --suffix --backup --mode --owner --group --sparse --context")
_INSTALL = options("Stmog", "--target-directory --suffix --mode --owner --group")
_LINK = options("St", "--target-directory --suffix")
BACKUP = ("-b", "--backup", "-n", "--no-clobber", "--suffix", "-S")


def _targets(found: Given, way: Way, mode: str = "", *, keeps: bool = False) -> Iterator[FileCall]:
    """What a copy writes: its last operand, or the names of its sources below the folder that `-t` names."""
    folder = found.value("-t", "--target-directory")
    sources = found.operands if folder is not None else found.operands[:-1]
    target = folder if folder is not None else (found.operands[-1] if len(found.operands) > 1 else None)
    if target is None:
        return
    into = folder is not None or len(sources) > 1 or holed(target).endswith("/")
    for source in sources:
        path = _below(target, source) if into else target
        yield FileCall(way, path, (source,), mode, keeps=keeps, is_tree=found.has("-r", "-R", "-a", "--recursive"))


def _below(folder: Value, source: Value) -> Value:
    """`folder/name`, as far as the name is known."""
    name = (literal(source) or "").rstrip("/").rpartition("/")[2]
    if not name:
        return folder
    slash = "" if holed(folder).endswith("/") else "/"
    pieces = folder.parts if isinstance(folder, Join) else (folder,)
    return join([*pieces, Literal(slash + name)])


def _copy(words: Sequence[Value]) -> Iterator[FileCall]:
    found = given(words, _COPY)
    yield from _targets(found, "replaces", keeps=found.has(*BACKUP, "-u", "--update"))


def _move(words: Sequence[Value]) -> Iterator[FileCall]:
    found = given(words, _COPY)
    yield from _targets(found, "replaces", keeps=found.has(*BACKUP, "-u", "--update"))
    for source in found.operands[:-1]:
        yield FileCall("deletes", source)


def _install(words: Sequence[Value]) -> Iterator[FileCall]:
    found = given(words, _INSTALL)
    value = found.value("-m", "--mode")
    mode = literal(value) or "" if value is not None else ""
    if found.has("-d", "--directory"):
        for folder in found.operands:
            yield FileCall("mode", folder, mode=mode)
        return
    yield from _targets(found, "replaces", mode, keeps=found.has(*BACKUP))


def _link(words: Sequence[Value]) -> Iterator[FileCall]:
    found = given(words, _LINK)
    if found.has("-f", "--force"):
        yield from _targets(found, "replaces", keeps=found.has(*BACKUP))
    else:
        yield from _targets(found, "replaces", keeps=True)


def _tee(words: Sequence[Value]) -> Iterator[FileCall]:
    found = given(words, options())
    way: Way = "adds" if found.has("-a", "--append") else "replaces"
    for path in found.operands:
        yield FileCall(way, path)


def _sed(words: Sequence[Value]) -> Iterator[FileCall]:
    """`sed -i`, whose suffix, if any, keeps what was there."""
    edits = next((head(word) for word in words[1:] if head(word).startswith(("-i", "--in-place"))), None)
    if edits is None and not any(_clusters(head(word), "i") for word in words[1:]):
        return
    found = given(
        [word for word in words if not head(word).startswith(("-i", "--in-place"))],
        options("efl", "--expression --file"),
    )
    scripts = found.has("-e", "--expression", "-f", "--file")
    for path in found.operands if scripts else found.operands[1:]:
        yield FileCall("adds", path, keeps=len((edits or "").removeprefix("--in-place=").removeprefix("-i")) > 0)


def _clusters(word: str, letter: str) -> bool:
    return word.startswith("-") and not word.startswith("--") and letter in word[1:]


def _dd(words: Sequence[Value]) -> Iterator[FileCall]:
    for word in words[1:]:
        if head(word).startswith("of="):
            yield FileCall("replaces", _behind_equals(word))


def _behind_equals(word: Value) -> Value:
    first, *rest = word.parts if isinstance(word, Join) else (word,)
    text = first.text if isinstance(first, Literal) else ""
    return join([Literal(text.partition("=")[2]), *rest])


def _delete(words: Sequence[Value]) -> Iterator[FileCall]:
    found = given(words, options())
    is_tree, is_forced = found.has("-r", "-R", "--recursive"), found.has("-f", "--force")
    for path in found.operands:
        yield FileCall("deletes", path, is_tree=is_tree, is_forced=is_forced)


def _chmod(words: Sequence[Value]) -> Iterator[FileCall]:
    found = given(words, options(long="--reference"))
    if found.has("--reference") or len(found.operands) < 2:  # noqa: PLR2004  # a mode and a file
        return
    mode = literal(found.operands[0]) or ""
    for path in found.operands[1:]:
        yield FileCall("mode", path, mode=mode, is_tree=found.has("-R", "--recursive"))


def _mkdir(words: Sequence[Value]) -> Iterator[FileCall]:
    found = given(words, options("m", "--mode"))
    value = found.value("-m", "--mode")
    if value is not None:
        for path in found.operands:
            yield FileCall("mode", path, mode=literal(value) or "")


READERS: Mapping[str, Callable[[Sequence[Value]], Iterator[FileCall]]] = {
    "cp": _copy,
    "mv": _move,
    "install": _install,
    "ln": _link,
    "rsync": _copy,
    "tee": _tee,
    "sed": _sed,
    "dd": _dd,
    "rm": _delete,
    "chmod": _chmod,
    "mkdir": _mkdir,
}
