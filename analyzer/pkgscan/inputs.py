"""What the user named, opened once by the parent and handed in as (role, name, descriptor)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import get_args

import msgspec

from pkgscan.archive.limits import Limits
from pkgscan.archive.member import BLOCK, Damage, Member, Window
from pkgscan.archive.nameless import disk_file, memory_file
from pkgscan.archive.names import name_text
from pkgscan.errors import UserError
from pkgscan.model import Role


class Input(msgspec.Struct, frozen=True):
    """One opened input. `path` is as the user wrote it, for opening; `name`, as text, begins its entries' paths."""

    role: Role
    name: str
    path: str
    fd: int
    size: int
    is_directory: bool = False

    def window(self) -> Window:
        """Its bytes."""
        return Window(self.fd, 0, self.size)

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self.fd)


def open_input(path: str, role: Role = "package", limits: Limits | None = None, name: str = "") -> Input:
    """Open a file, a directory, or `-` for standard input, to be called by its own name or by another.

    Raises UserError naming the path and what to do.
    """
    if path == "-":
        return _standard_input(role, limits or Limits())
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file", "check the path; a URL has to be downloaded first") from None
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}", "check who may read it") from error
    status = os.fstat(fd)
    if stat.S_ISDIR(status.st_mode):
        return Input(role, name or _named(os.path.realpath(path), role), path, fd, 0, is_directory=True)
    if not stat.S_ISREG(status.st_mode):
        os.close(fd)
        raise UserError(f"{path}: neither a file nor a directory", "pipe it in instead: pkgscan - < FILE")
    if not status.st_size:
        os.close(fd)
        raise UserError(f"{path}: empty file", "fetch the package again")
    return Input(role, name or _named(path, role), path, fd, status.st_size)


def _named(path: str, role: Role) -> str:
    name = name_text(os.fsencode(os.path.basename(path))) or "root"
    if role != "package":
        return f"{role}:{name}"
    role_of_others, colon, _ = name.partition(":")
    return f"./{name}" if colon and role_of_others in get_args(Role) else name  # it is not what others are called


def _standard_input(role: Role, limits: Limits) -> Input:
    """Standard input cannot be sought: keep it in memory, or in an unlinked file once it is large."""
    fd = memory_file("stdin")
    size, in_memory = 0, True
    while block := os.read(0, BLOCK):
        size += len(block)
        if size > limits.spool:
            raise UserError(
                f"standard input: over {limits.spool} bytes", "write it to a file first, or --limit spool=N"
            )
        if in_memory and size > limits.spool_memory:
            fd, in_memory = _to_file(fd), False
        _write_all(fd, block)
    if not size:
        raise UserError("standard input: empty", "name a file, or check the command before the pipe")
    return Input(role, _named("stdin", role), "-", fd, size)


def _to_file(memfd: int) -> int:
    fd = disk_file()
    os.lseek(memfd, 0, os.SEEK_SET)
    while block := os.read(memfd, BLOCK):
        _write_all(fd, block)
    os.close(memfd)
    return fd


def _write_all(fd: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(fd, view) :]


def tree_members(root: Input) -> Iterator[Member | Damage]:
    """The files below a directory as members, in the order of their names; what cannot be read is Damage that names it.

    Links are not followed.
    """
    pending = [b""]
    while pending:
        folder = pending.pop()
        try:
            names = _names_in(root.fd, folder)
        except OSError as error:
            yield _unreadable(folder or b".", error)
            continue
        for name in names:
            path = folder + b"/" + name if folder else name
            try:
                member = _tree_member(root.fd, path)
            except OSError as error:  # it may have vanished since
                yield _unreadable(path, error)
                continue
            if member.type == "directory":
                pending.append(path)
            yield member


def _names_in(root: int, folder: bytes) -> list[bytes]:
    fd = _open_below(root, folder or b".", os.O_DIRECTORY)
    try:
        return sorted(os.fsencode(name) for name in os.listdir(fd))
    finally:
        os.close(fd)


def _unreadable(path: bytes, error: OSError) -> Damage:
    return Damage("unreadable", f"{name_text(path)} cannot be read: {error.strerror}")


def _tree_member(root: int, path: bytes) -> Member:
    status = os.stat(path, dir_fd=root, follow_symlinks=False)
    kind = _TYPES.get(stat.S_IFMT(status.st_mode), "file")
    target = os.readlink(path, dir_fd=root) if kind == "symlink" else b""
    return Member(
        name=path,
        type=kind,  # type: ignore[arg-type]  # the table holds entry types only
        size=status.st_size,
        mode=stat.S_IMODE(status.st_mode),
        uid=status.st_uid,
        gid=status.st_gid,
        link_target=target,
        content=_file_blocks(root, path),
    )


def _file_blocks(root: int, path: bytes) -> Iterator[bytes]:
    try:
        fd = _open_below(root, path, os.O_NOFOLLOW)
        try:
            while block := os.read(fd, BLOCK):
                yield block
        finally:
            os.close(fd)
    except OSError as error:
        raise _unreadable(path, error) from error


def _open_below(root: int, path: bytes, flags: int) -> int:
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | flags, dir_fd=root)


_TYPES = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symlink",
    stat.S_IFCHR: "character-device",
    stat.S_IFBLK: "block-device",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
}
