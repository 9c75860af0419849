"""Scripts of real packages, and the commands in them as shfmt's tree has them: what the shell oracle compares with."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHFMT = Path(sys.executable).parent / "shfmt"
PACKAGES = Path(__file__).with_name("script_packages.txt")
MAINTAINER = frozenset(("preinst", "postinst", "prerm", "postrm", "config"))
PLACES = tuple(f"etc/{folder}/" for folder in ("init.d", "cron.hourly", "cron.daily", "cron.weekly", "cron.monthly"))
FIRST_LINE = re.compile(rb"#!\s*(?:/usr)?/bin/(?:env )?(?:ba|da|k)?sh\b")
SENSITIVE = frozenset((
    "sudo", "su", "doas", "runuser", "pkexec", "systemctl", "service", "invoke-rc.d", "deb-systemd-invoke", "curl",
    "wget", "ssh", "scp", "rsync", "sftp", "crontab",
))  # fmt: skip

Word = tuple[int, str]  # line and command word as written
Commands = Counter[Word]


@dataclass(frozen=True)
class Script:
    """A script of a package, without the others of the same content."""

    name: str  # package and member
    content: bytes

    @property
    def text(self) -> str:
        try:
            return self.content.decode()
        except UnicodeDecodeError:
            return self.content.decode("latin-1")


def scripts(deb: Callable[..., Path], listed: Sequence[str] = ()) -> Iterator[Script]:
    """The maintainer, init and cron scripts of the packages listed, each content once."""
    seen: set[bytes] = set()
    for line in listed or PACKAGES.read_text().splitlines():
        if line.startswith("#"):
            continue
        name, version, _ = line.split()
        for member, content in members(deb(name, version)):
            digest = hashlib.sha256(content).digest()
            if FIRST_LINE.match(content) and digest not in seen:
                seen.add(digest)
                yield Script(f"{name}/{member}", content)


def members(package: Path) -> Iterator[tuple[str, bytes]]:
    """(path, content) of what may be such a script."""
    for option in ("--ctrl-tarfile", "--fsys-tarfile"):
        done = subprocess.run(["dpkg-deb", option, str(package)], capture_output=True, check=True)
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            for member in archive:
                path = member.name.removeprefix("./")
                wanted = path in MAINTAINER if option == "--ctrl-tarfile" else path.startswith(PLACES)
                if wanted and member.isfile():
                    yield path, archive.extractfile(member).read()  # type: ignore[union-attr]  # it is a file


def reference(script: Script) -> Commands | None:
    """The commands of shfmt's tree; None where it refuses the script in either language."""
    raw = script.text.encode()
    languages = ("bash",) if re.match(rb"#!.*(?:bash|ksh)", script.content) else ("posix", "bash")
    for language in languages:
        command = [str(SHFMT), f"-ln={language}", "--to-json"]
        done = subprocess.run(command, input=raw, capture_output=True, check=False)
        if done.returncode == 0:
            return of_tree(json.loads(done.stdout), raw)
    return None


def of_tree(tree: Any, raw: bytes) -> Commands:
    """The command words of a tree; shfmt counts bytes."""
    found: Commands = Counter()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            kind = node.get("Type")
            if kind == "CallExpr" and node.get("Args"):
                word = node["Args"][0]
                written = raw[word["Pos"]["Offset"] : word["End"]["Offset"]].decode()
                found[word["Pos"]["Line"], written] += 1
            elif kind == "DeclClause":
                found[node["Variant"]["Pos"]["Line"], node["Variant"]["Value"]] += 1
            elif kind == "LetClause":
                found[node["Pos"]["Line"], "let"] += 1
            waiting += node.values()
    return found


def is_sensitive(word: Word) -> bool:
    return word[1].strip("\"'").rpartition("/")[2] in SENSITIVE


def sensitive(commands: Commands) -> Commands:
    return Counter({word: count for word, count in commands.items() if is_sensitive(word)})
