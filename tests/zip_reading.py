"""What the zip reader makes of some bytes, in a shape that is easy to compare."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field

from pkgscan.archive.member import BLOCK, Damage, Member, Window
from pkgscan.archive.zip.reader import read_zip
from pkgscan.facts.archive import Disagreement


@dataclass
class Reading:
    """Everything one zip gave. `files` are those read in full, in order."""

    files: list[tuple[bytes, bytes]] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    broken: list[tuple[bytes, str]] = field(default_factory=list)
    facts: list[Disagreement] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)

    @property
    def kinds(self) -> set[str]:
        return {fact.disagreement for fact in self.facts}


def read(data: bytes, most: int = 1 << 30) -> Reading:
    """Read a zip that is in memory; at most `most` bytes of any content are kept."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        return read_window(Window(file.fileno(), 0, len(data)), most)


def read_path(path: str) -> Reading:
    """Read a zip on disk."""
    fd = os.open(path, os.O_RDONLY)
    try:
        return read_window(Window(fd, 0, os.fstat(fd).st_size))
    finally:
        os.close(fd)


def read_window(window: Window, most: int = 1 << 30) -> Reading:
    """Read a zip in a window. Fatal damage is kept like other damage."""
    reading = Reading()
    try:
        for item in read_zip(window, "p.zip", 250_000):
            if isinstance(item, Member):
                reading.members.append(item)
                _consume(item, reading, most)
            elif isinstance(item, Damage):
                reading.damage.append(item.reason)
            elif isinstance(item, Disagreement):  # other facts, as of signatures, are others' to look at
                reading.facts.append(item)
    except Damage as damage:
        reading.damage.append(damage.reason if damage.fatal else f"not fatal: {damage.reason}")
    return reading


def _consume(member: Member, reading: Reading, most: int) -> None:
    content = bytearray()
    try:
        for block in member.content:
            assert len(block) <= BLOCK
            content += block
            if len(content) > most:
                return
    except Damage as damage:
        reading.broken.append((member.name, damage.reason))
    else:
        reading.files.append((member.name, bytes(content)))
