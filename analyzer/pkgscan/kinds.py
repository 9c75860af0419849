"""What kind of entry this is, from its name and first bytes. Kinds are strings that readers own."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pkgscan.readers.base import Kind, interpreter

# Kinds of entries that no reader owns; they only describe.
PLAIN_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x7fELF", "elf"),
    (b"MZ", "pe"),
    (b"\xca\xfe\xba\xbe", "java-class"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"%PDF-", "pdf"),
)
SCRIPT = "script:"  # the kind of a script in a language that no reader owns; what follows is its interpreter
READ_SCRIPTS = frozenset(("shell", "shell-guess", "python-script", "perl-script", "maintainer-script"))
# Scripts that have no #! line: what suffixes say.
PLAIN_SUFFIXES = {
    ".bat": f"{SCRIPT}batch",
    ".cmd": f"{SCRIPT}batch",
    ".ps1": f"{SCRIPT}PowerShell",
}
# What begins so is a program, or a script of the language it names, and the kind its name suggests it is not.
PROGRAMS = (b"\x7fELF", b"MZ", b"#!")
NOTHING = r"(?!)"  # the pattern that matches nowhere
HEADS = 16  # bytes looked at for the beginnings a kind wants
EXECUTE = 0o111
TEXT_PROBE = 1024  # bytes; a text with its first NUL later than that is rare, and nothing hangs on it


class KindTable:
    """Kinds of all loaded readers, made ready to look up one entry in about a microsecond.

    `names`: those whose content is wanted; all, unless `wanted` says which. `line_by_line`: those of which each line
    costs as much as a file. `condensers`: what leaves out of a kind's contents what its reader does not need.
    """

    def __init__(self, kinds: Iterable[Kind], wanted: frozenset[str] | None = None) -> None:
        kinds = tuple(kinds)
        self.names = frozenset(kind.name for kind in kinds) if wanted is None else wanted
        self.condensers = {kind.name: kind.condense for kind in kinds if kind.condense is not None}
        self.line_by_line = frozenset(kind.name for kind in kinds if kind.line_by_line)
        self._by_name = {name: kind.name for kind in kinds for name in kind.names}
        suffixes = PLAIN_SUFFIXES | {suffix.lower(): kind.name for kind in kinds for suffix in kind.suffixes}
        self._by_suffix: dict[str, list[tuple[str, str]]] = {}  # by what follows the last dot; the longest first
        for suffix in sorted(suffixes, key=len, reverse=True):
            self._by_suffix.setdefault(suffix[suffix.rfind(".") :], []).append((suffix, suffixes[suffix]))
        self._by_interpreter = {program: kind.name for kind in kinds for program in kind.interpreters}
        self._magic = tuple((magic, kind.name) for kind in kinds for magic in kind.magic) + PLAIN_MAGIC
        self._first_bytes = frozenset(magic[:1] for magic, _ in self._magic) | {b"#"}
        self._heads = {kind.name: kind.heads for kind in kinds if kind.heads}
        self._executable_text = next((kind.name for kind in kinds if kind.executable_text), "text")
        self._by_name_alone = frozenset(kind.name for kind in kinds if kind.by_name_alone)
        globs = [(glob, kind.name) for kind in kinds for glob in kind.paths]
        self._path_kinds = tuple(name for _, name in globs)
        self._components = max((glob.count("/") + 1 for glob, _ in globs), default=1)
        self._paths = re.compile("|".join(f"({_pattern(glob)})" for glob, _ in globs) or NOTHING)
        # Most entries lie in no directory that any glob names: one cheap test spares them the big pattern.
        hints = {_hint(glob) for glob, _ in globs}
        self._folders = frozenset(name for name, above in hints if not above and "*" not in name)
        self._above = {(name, above) for name, above in hints if above}
        self._highest = max((above for _, above in hints), default=0)
        self._folder_ends = tuple(name.rpartition("*")[2] for name, above in hints if "*" in name and not above)
        # A glob of a mere name, or of a directory whose name may end in anything, may match anywhere.
        self._anywhere = (
            ("", 0) in hints
            or any("*" in name for name, _ in self._above)
            or not all(end.startswith(".") for end in self._folder_ends)
        )
        self._folder, self._may_match = "/", False  # the last one looked up

    def identify(self, member: str, head: bytes, mode: int = 0) -> str:
        """The kind of a regular file by its path in its archive, its first bytes, and whether it may be executed."""
        kind = self._identify(member, head)
        if kind == "text" and mode & EXECUTE and head[:2] != b"#!" and "." not in member.rpartition("/")[2]:
            return self._executable_text
        return kind

    def _identify(self, member: str, head: bytes) -> str:
        found = self._placed(member)
        if found in self._heads and not head[:HEADS].startswith(self._heads[found]):
            found = ""
        if found and not (head.startswith(PROGRAMS) and self._is_by_name(member, found)):
            return found
        if head[:1] not in self._first_bytes:
            return "text" if head.find(0, 0, TEXT_PROBE) < 0 else "binary"
        return self._by_content(head)

    def by_place(self, member: str, head: bytes | memoryview = b"") -> str:
        """The kind that a path gives, empty for none: what the host would take the file for.

        A kind that wants the content to begin in a certain way is given only where `head` does.
        """
        found = self._placed(member)
        return "" if found in self._heads and not bytes(head[:HEADS]).startswith(self._heads[found]) else found

    def _placed(self, member: str) -> str:
        folder, _, base = member.rpartition("/")
        if folder != self._folder:  # members come folder by folder
            self._folder, self._may_match = folder, self._may_lie_in(folder)
        if self._may_match:
            match = self._paths.search(self._end(member))
            if match is not None and match.lastindex is not None:
                return self._path_kinds[match.lastindex - 1]
        found = self._by_name.get(base, "")
        if not found and (dot := base.rfind(".")) >= 0 and (ends := self._by_suffix.get(base[dot:].lower())):
            lower = base.lower()
            found = next((kind for suffix, kind in ends if lower.endswith(suffix)), "")
        return found

    def _may_lie_in(self, folder: str) -> bool:
        """Whether any glob may match in a folder, by its last name and by those that globs have above others."""
        *above, last = folder.rsplit("/", self._highest + 1)
        return self.may_hold(last) or any((name, at) in self._above for at, name in enumerate(reversed(above), 1))

    def may_hold(self, folder: str) -> bool:
        """Whether files are of a kind for lying in a folder of this name; most names are those of none."""
        return folder in self._folders or ("." in folder and folder.endswith(self._folder_ends)) or self._anywhere

    def _end(self, member: str) -> str:
        """As many components as any glob has, and one to stand before them: a path may have thousands."""
        parts = member.rsplit("/", self._components + 1)
        return member if len(parts) <= self._components + 1 else "/".join(["", *parts[1:]])

    def _is_by_name(self, member: str, found: str) -> bool:
        """Whether a kind comes from the name, which a program's head outweighs, and not from the path."""
        return found not in self._by_name_alone and self._paths.search(self._end(member)) is None

    def _by_content(self, head: bytes) -> str:
        if head[:2] == b"#!":
            program = interpreter(head)
            return self._by_interpreter.get(program, f"{SCRIPT}{program}" if program else "text")
        for magic, name in self._magic:
            if head.startswith(magic):
                return name
        return "text" if head.find(0, 0, TEXT_PROBE) < 0 else "binary"


def is_script(kind: str) -> bool:
    """Whether what is of this kind is run by an interpreter, whoever reads it."""
    return kind.startswith(SCRIPT) or kind in READ_SCRIPTS


def _hint(glob: str) -> tuple[str, int]:
    """The folder's name by which to tell what a glob cannot match, and how many folders without a name it is above."""
    folders = glob.split("/")[:-1]
    above = next((at for at, name in enumerate(reversed(folders)) if name != "*"), 0)
    return (folders[-1 - above], above) if folders else ("", 0)


def _pattern(glob: str) -> str:
    pieces = (re.escape(piece) for piece in glob.split("*"))
    return r"(?:^|/)" + "[^/]*".join(pieces) + r"\Z"
