"""What copy and unpack commands of the package's scripts put where: `cp run.sh /opt/app/`, `tar -xf a.tar -C /`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from pkgscan.facts.shell import Command
from pkgscan.link.install import Placement
from pkgscan.reason.invocation import base_name, peel
from pkgscan.values import Value, literal

# (entry path of a file, directory or archive that a source names, seen from an entry) or None
Find = Callable[[str, str], str | None]

VALUED: Mapping[str, frozenset[str]] = {
    "cp": frozenset(("-t", "--target-directory", "-S", "--suffix")),
    "install": frozenset(("-t", "--target-directory", "-S", "-m", "--mode", "-o", "--owner", "-g", "--group")),
    "mv": frozenset(("-t", "--target-directory", "-S", "--suffix")),
    "rsync": frozenset(("-e", "--rsh", "-f", "--filter", "-B", "-T", "--exclude", "--include", "--chmod", "--chown")),
}
WHOLE = ("/*", "/.", "/")  # ends of a source that mean what is in the directory, not the directory
UNPACKED = "!"  # what follows an archive's path in those of its members
WORDS = 1000  # of one command; a longer list of files is a generated one


class Copy(msgspec.Struct, frozen=True):
    """Sources and target of one copy command, as written. `into`: the target is a directory to put them in."""

    sources: tuple[str, ...]
    target: str
    into: bool


def placements(commands: Iterable[Command], find: Find) -> Iterator[Placement]:
    """What each copy or unpack command with a written-out absolute target places where."""
    for command in commands:
        words = peel(command.words)[:WORDS]
        name = base_name(words[0]) if words else ""
        copy = _READ[name](words) if name in _READ else None
        if copy is not None and copy.target.startswith("/"):
            yield from _placed(copy, name, command.span.path, find)


def _placed(copy: Copy, name: str, origin: str, find: Find) -> Iterator[Placement]:
    why = f"{name} puts it there"
    for source in copy.sources:
        bare, contents = _trimmed(source, name)
        entry = find(bare, origin) if bare else None
        if entry is None:
            continue
        entry += UNPACKED if name in ("tar", "unzip") else ""
        into = copy.into and not contents
        target = f"{copy.target.rstrip('/')}/{bare.rpartition('/')[2]}" if into else copy.target.rstrip("/") or "/"
        yield Placement(entry, target.rstrip("/"), why)


def _trimmed(source: str, name: str) -> tuple[str, bool]:
    """The source without what says "its contents", and whether it said so."""
    for end in WHOLE:
        if source.endswith(end) and len(source) > len(end) and (end != "/" or name == "rsync"):
            return source[: -len(end)], True
    return source.rstrip("/"), False


def _copied(words: tuple[Value, ...]) -> Copy | None:
    texts = [literal(word) for word in words]
    name = (texts[0] or "").rpartition("/")[2]
    operands, folder = _operands(texts[1:], VALUED[name])
    if name == "install" and any(text in ("-d", "--directory") for text in texts):
        return None
    said = folder is not None or len(operands) > 2  # noqa: PLR2004  # several sources and a target
    if folder is None and len(operands) > 1:
        folder = operands.pop()
    if folder is None:
        return None
    sources = tuple(text for text in operands if text)
    return Copy(sources, folder, said or _is_folder(folder, sources))


def _is_folder(target: str, sources: tuple[str, ...]) -> bool:
    """Whether the target looks like a directory to copy into: it does not end in a name like the source's."""
    if target.endswith("/"):
        return True
    name, source = target.rpartition("/")[2], sources[0].rpartition("/")[2] if sources else ""
    return name != source and "." not in name and "." in source


def _operands(texts: list[str | None], valued: frozenset[str]) -> tuple[list[str | None], str | None]:
    operands: list[str | None] = []
    folder: str | None = None
    at = 0
    while at < len(texts):
        text = texts[at]
        if text in ("-t", "--target-directory"):
            folder = texts[at + 1] if at + 1 < len(texts) else None
        elif text is not None and text.startswith("--target-directory="):
            folder = text.partition("=")[2]
        elif text is None or not text.startswith("-"):
            operands.append(text)
        at += 2 if text in valued else 1
    return operands, folder


def _untarred(words: tuple[Value, ...]) -> Copy | None:
    texts = [literal(word) for word in words]
    folder = archive = None
    extracts = False
    for at, text in enumerate(texts[1:], 1):
        following = texts[at + 1] if at + 1 < len(texts) else None
        if text is None:
            continue
        flags = text.lstrip("-") if at == 1 or (text.startswith("-") and not text.startswith("--")) else ""
        extracts = extracts or "x" in flags or text in ("--extract", "--get")
        if text in ("-C", "--directory"):
            folder = following
        elif text.startswith(("--directory=", "--file=")):
            folder, archive = _long(text, folder, archive)
        elif flags.endswith("f") or text == "--file":
            archive = following
    return Copy((archive,), folder, into=False) if extracts and archive and folder else None


def _long(text: str, folder: str | None, archive: str | None) -> tuple[str | None, str | None]:
    value = text.partition("=")[2]
    return (value, archive) if text.startswith("--directory") else (folder, value)


def _unzipped(words: tuple[Value, ...]) -> Copy | None:
    texts = [literal(word) for word in words]
    operands, _ = _operands(texts[1:], frozenset(("-d", "-x", "-P")))
    folder = next((texts[at + 1] for at, text in enumerate(texts[:-1]) if text == "-d"), None)
    return Copy((operands[0],), folder, into=False) if operands and operands[0] and folder else None


_READ: Mapping[str, Callable[[tuple[Value, ...]], Copy | None]] = {
    "cp": _copied,
    "install": _copied,
    "mv": _copied,
    "rsync": _copied,
    "tar": _untarred,
    "unzip": _unzipped,
}
COPYING = frozenset(_READ)
