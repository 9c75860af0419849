"""Gives names of one file in a cpio the content that only the last of them carries.

cpio in its newer forms, and so rpm, writes the names of a hard-linked file one after the other and the content with the
last: unpackers give it to all of them, while libarchive lists those before as empty.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from pkgscan.archive.member import Damage, Member

MOST_HELD = 10_000  # names that ever wait in one archive; real packages have a few dozen


class CpioLinks:
    """Members on their way: the names of a file wait until its content comes, which the library gives to the last."""

    def __init__(self) -> None:
        self._held: dict[bytes, list[Member]] = {}  # by the first name, to which the library links the others
        self._count = 0

    def put(self, member: Member, names: int) -> Iterator[Member | Damage]:
        """What is to be passed on for a member whose file has so many names."""
        waiting = self._held.get(member.link_target or member.name, [])
        if member.link_target and member.type == "file" and waiting:
            del self._held[member.link_target]
            yield from _joined([*waiting, member])
        elif member.type == "hardlink" and waiting and self._has_room():
            waiting.append(member)
        elif member.type == "file" and not member.size and not waiting and names > 1 and self._has_room():
            self._held[member.name] = [member]
        else:
            if self._count == MOST_HELD:
                self._count += 1
                yield Damage("damaged", f"over {MOST_HELD} names wait for the content of a hard link")
            yield member

    def rest(self) -> Iterator[Member]:
        """Names whose content never came: empty files, and links to them."""
        for waiting in self._held.values():
            yield from waiting

    def _has_room(self) -> bool:
        self._count += self._count < MOST_HELD
        return self._count < MOST_HELD


def _joined(names: list[Member]) -> Iterator[Member]:
    """The names of one content: all with it where it is at hand, else the first, and the others as links to it."""
    first, last = names[0], names[-1]
    data, content = last.data, last.content
    for member in names:
        if data is not None:
            yield replace(member, type="file", size=last.size, data=data, content=iter((data,)), link_target=b"")
        elif member is first:
            yield replace(member, size=last.size, data=None, content=content)
        else:
            yield replace(member, type="hardlink", size=0, data=None, content=iter(()), link_target=first.name)
