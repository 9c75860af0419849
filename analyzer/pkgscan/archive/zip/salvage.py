"""Takes from a zip without a directory what its local headers name."""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.archive.member import Damage, Member, Window
from pkgscan.archive.zip.directory import is_last_part
from pkgscan.archive.zip.encryption import encrypted_directory
from pkgscan.archive.zip.local import find, local_entries
from pkgscan.archive.zip.member import local_member
from pkgscan.archive.zip.record import DESCRIPTOR, LOCAL


def salvage(window: Window) -> Iterator[Member | Damage]:
    """The members that local headers name, and why it takes these."""
    last = is_last_part(window)
    if not last and find(window, 0, window.size, (LOCAL,)) < 0:
        raise Damage("corrupt", "the zip has neither an end record nor local headers", fatal=True)
    if last:
        yield Damage("multi-volume", "this is the last part of a split archive, the other parts are not here")
    elif window.read(0, len(DESCRIPTOR)) == DESCRIPTOR:  # section 8.5.4: so the first part of a split archive begins
        yield Damage("multi-volume", "this is the first part of a split archive, the other parts are not here")
    else:
        cut_off = "the zip directory is missing or cut off: members were found by their local headers"
        yield encrypted_directory(window) or Damage("truncated", cut_off)
    for found in local_entries(window, 0, window.size):
        yield local_member(found.local, found.source)
