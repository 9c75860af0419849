"""Puts captures into a folder, with a profile that imports them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from pkgscan.captures.ansible import scrubbed
from pkgscan.captures.pieces import key_of, pieces
from pkgscan.captures.profile import FAILED, MADE, READERS, load_profile
from pkgscan.captures.source import Captured
from pkgscan.errors import UserError
from pkgscan.profile.model import Profile
from pkgscan.tomlfile import quoted

_ANSIBLE = "ansible"  # of which there may be several: each module of Ansible prints a file of its own
_HEAD = """\
# The host as it printed itself. What people decide is to be added by hand: the maintenance window, retired hosts, whom
# to trust, what is installed; docs/profile.md names the tables.
profile = 1

[imports]
"""


def take_in(sources: Sequence[str], folder: str) -> Profile:
    """The profile of what the sources hold, written to a folder that is new or empty. Raises UserError."""
    texts = _texts(sources)
    if not any(key_of(name) for name in texts):
        raise UserError("nothing in it is what a host prints of itself", "make one with: pkgscan profile script")
    try:
        _write(folder, texts)
    except OSError as error:
        raise UserError(f"cannot write {folder}: {error.strerror}", "name a folder that is new or empty") from error
    return load_profile(os.path.join(folder, MADE))


def _texts(sources: Sequence[str]) -> dict[str, str]:
    """The text of each file to be written, by its name; a failure only where nothing else is known instead."""
    found: dict[str, list[Captured]] = {}
    for source in sources:
        for name, captured in pieces(source):
            if name in found and name != _ANSIBLE and not name.endswith(FAILED):
                raise UserError(f"{source} holds {name}, which another source holds, too", "name only one of them")
            if name in READERS and captured.text.strip():
                READERS[name](captured)  # which complains before anything is written
            found.setdefault(name, []).append(captured)
    known = {key_of(name) for name in found}
    texts = {name: captured[0].text for name, captured in found.items() if name.removesuffix(FAILED) not in known}
    texts |= {name: captured[0].text for name, captured in found.items() if key_of(name)}
    return texts | ({_ANSIBLE: scrubbed(found[_ANSIBLE])} if _ANSIBLE in found else {})


def _write(folder: str, texts: dict[str, str]) -> None:
    os.makedirs(folder, exist_ok=True)
    if os.listdir(folder):
        raise UserError(f"{folder} is not empty", "name a folder that is new or empty")
    for name, text in sorted(texts.items()):
        path = os.path.join(folder, "facts", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    with open(os.path.join(folder, MADE), "w", encoding="utf-8") as file:
        file.write(_HEAD + "".join(f"{line}\n" for line in sorted({_import(name) for name in texts})))


def _import(name: str) -> str:
    """The line that imports a file; one that tells of a failure says that nothing is known."""
    if name.endswith(FAILED):
        return f"{name.removesuffix(FAILED)} = {quoted(f'facts/{name}')}  # not known: what prints it had failed"
    return f"{key_of(name)} = {quoted(f'facts/{key_of(name)}')}"
