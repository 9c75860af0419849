"""A whole profile: what its file says itself, laid over what the files that it imports say."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec

from pkgscan.captures.ansible import ansible
from pkgscan.captures.crontabs import crontabs
from pkgscan.captures.overlay import all_overlaid
from pkgscan.captures.source import Captured, read_capture
from pkgscan.captures.sudoers import sudoers
from pkgscan.captures.system import mounts, os_release, timedatectl
from pkgscan.captures.tables import tables
from pkgscan.captures.units import timers, unit_files
from pkgscan.errors import UserError
from pkgscan.profile.model import Profile
from pkgscan.profile.reader import read_profile

READERS: dict[str, Callable[[Captured], Profile]] = {
    "ansible": ansible,
    "mounts": mounts,
    "os_release": os_release,
    "sudoers": sudoers,
    "tables": tables,
    "timedatectl": timedatectl,
    "timers": timers,
    "unit_files": unit_files,
}

FOLDERS: dict[str, Callable[[str], Profile]] = {"crontabs": crontabs}


def load_profile(path: str) -> Profile:
    """The profile in the file at a path, with all that it imports. Raises UserError."""
    stated = read_profile(path)
    parts = [stated]
    notes: list[str] = []
    for item in stated.imports:
        key, name = item.value
        if key in FOLDERS:
            parts.append(FOLDERS[key](os.path.join(os.path.dirname(path), name)))
            continue
        try:
            captured = read_capture(os.path.join(os.path.dirname(path), name))
        except UserError as error:
            place = f"{item.span.path}:{item.span.first_line}:{item.span.first_column}"
            raise UserError(f"{place}: {error}", error.hint) from error
        if captured.text.strip():
            parts.append(READERS[key](captured))
        else:
            notes.append(f"{key}: {name} is empty, so it says nothing of the host: what printed it had failed")
    laid = all_overlaid(parts)
    return msgspec.structs.replace(laid, notes=(*laid.notes, *notes))
