"""A whole profile: what its file says itself, laid over what the files that it imports say."""

from __future__ import annotations

import os
from collections.abc import Callable

from pkgscan.captures.ansible import ansible
from pkgscan.captures.crontabs import crontabs
from pkgscan.captures.overlay import all_overlaid
from pkgscan.captures.source import Captured, read_capture
from pkgscan.captures.sudoers import sudoers
from pkgscan.captures.system import mounts, os_release, timedatectl
from pkgscan.captures.tables import tables
from pkgscan.captures.units import timers, unit_files
from pkgscan.errors import UserError
from pkgscan.model import Span
from pkgscan.profile.model import Host, Profile, Stated
from pkgscan.profile.reader import read_profile
from pkgscan.profile.release import releases
from pkgscan.tomlfile import did_you_mean

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

MADE = "profile.toml"  # what an import calls the profile that it writes
FAILED = ".failed"  # how the name ends of a file that says why a capture has nothing else
SAID = 200  # characters of that
FOLDERS: dict[str, Callable[[str], Profile]] = {"crontabs": crontabs}


def load_profile(path: str) -> Profile:
    """The profile in the file at a path, with all that it imports. Raises UserError."""
    stated = read_profile(path)
    imported = [_imported(item, os.path.dirname(path)) for item in stated.imports]
    return all_overlaid([stated, *imported])


def load_target(name: str) -> Profile:
    """The profile in a file or in a folder that an import made, or the built-in one of a release (`debian-12`).

    Raises UserError for what is none of them.
    """
    if os.path.isfile(os.path.join(name, MADE)):
        return load_profile(os.path.join(name, MADE))
    if os.path.exists(name):
        return load_profile(name)
    known = releases()
    if name not in known:
        hint = did_you_mean(name, known) if "/" not in name and "." not in name else "name a file that exists"
        raise UserError(f"cannot read {name}: there is no such file, and no built-in profile of this name", hint)
    system, _, version = name.partition("-")
    place = Span(name)
    return Profile(path=name, host=Host(os=Stated(system, place), version=Stated(version, place)))


def _imported(item: Stated[tuple[str, str]], folder: str) -> Profile:
    """What one import says. Of what had failed at capture nothing is known, and a note says so."""
    key, name = item.value
    path = os.path.join(folder, name)
    try:
        if key in FOLDERS and not name.endswith(FAILED):
            return FOLDERS[key](path)
        captured = read_capture(path)
    except UserError as error:
        place = f"{item.span.path}:{item.span.first_line}:{item.span.first_column}"
        raise UserError(f"{place}: {error.message}", error.hint) from error
    if name.endswith(FAILED):
        why = captured.text.strip().split("\n")[0][:SAID] or "it printed nothing"
        return Profile(path=path, notes=(f"{key} is not known: {why}",))
    if not captured.text.strip():
        return Profile(path=path, notes=(f"{key} is not known: {name} is empty, so what prints it had failed",))
    return READERS[key](captured)
