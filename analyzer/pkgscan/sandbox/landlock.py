"""Landlock: the kernel keeps this process from every file but those below a few given paths, for good.

Reading is granted below the paths; writing, making, removing and executing is granted nowhere. Mapping a library needs
reading only, so not even the interpreter's own directory may be executed from. From ABI 4 on TCP is refused, from ABI 6
on signals to, and abstract sockets of, processes outside. Source: linux/landlock.h and landlock(7).
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterable

from pkgscan.sandbox.kernel import call_kernel, forbid_new_privileges

# The same on every architecture: they came after the numbers were unified.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
# First ABI that knows a right, and the bits up to and including it.
_FILE_RIGHTS = ((5, (1 << 16) - 1), (3, (1 << 15) - 1), (2, (1 << 14) - 1), (1, (1 << 13) - 1))
_TCP_BIND_AND_CONNECT = 0b11  # ABI 4
_SCOPE_SOCKETS_AND_SIGNALS = 0b11  # ABI 6


def restrict(read_paths: Iterable[str]) -> str | None:
    """Restrict this thread and all that it starts; the layer's name ("landlock v7"), None when the kernel has none.

    Paths that do not exist are skipped. Must run while the process has one thread. Raises OSError.
    """
    abi = find_abi()
    if abi is None:
        return None
    ruleset = _create_ruleset(abi)
    try:
        for path in read_paths:
            _allow_reading(ruleset, path)
        forbid_new_privileges()
        call_kernel("landlock_restrict_self", _RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return f"landlock v{abi}"


def find_abi() -> int | None:
    """The kernel's Landlock version; None when it has none, or has it switched off."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        return call_kernel("landlock_create_ruleset", _CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)
    except OSError:  # ENOSYS: not built in; EOPNOTSUPP: not switched on; EPERM: a container's filter
        return None


def _create_ruleset(abi: int) -> int:
    files = next(bits for first, bits in _FILE_RIGHTS if abi >= first)
    fields = [files]
    if abi >= 4:  # noqa: PLR2004  # an ABI number, said beside the constant
        fields.append(_TCP_BIND_AND_CONNECT)
    if abi >= 6:  # noqa: PLR2004
        fields.append(_SCOPE_SOCKETS_AND_SIGNALS)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    return call_kernel("landlock_create_ruleset", _CREATE_RULESET, attributes, len(attributes), 0)


def _allow_reading(ruleset: int, path: str) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # what is not there, or not for us, needs no permission
    try:
        rights = _READ_FILE | _READ_DIR if os.path.isdir(path) else _READ_FILE
        rule = struct.pack("=Qi", rights, beneath)
        call_kernel("landlock_add_rule", _ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(beneath)
