"""Files that have no name: in memory where the system offers that, else in the directory for temporary files."""

from __future__ import annotations

import os


def memory_file(label: str) -> int:
    """A descriptor of an empty file in memory; on systems without such files, of one on disk."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create(label, os.MFD_CLOEXEC)
    return disk_file()


def disk_file() -> int:
    """A descriptor of an empty unlinked file, for what does not fit in memory."""
    folder = os.environ.get("TMPDIR", "/tmp")  # noqa: S108  # no name is made in it
    if hasattr(os, "O_TMPFILE"):
        try:
            return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:  # a file system without nameless files
            return _unlinked_file()
    return _unlinked_file()


def _unlinked_file() -> int:
    import tempfile  # noqa: PLC0415  # rarely needed

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
