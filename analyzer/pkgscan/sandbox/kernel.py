"""System calls that Python has no function for, through the C library that is loaded already."""

from __future__ import annotations

import os
import struct
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctypes import Array, c_char

_CAPGET_AND_CAPSET = {"x86_64": (125, 126), "aarch64": (90, 91)}
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1 << 1, 1 << 2
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_PDEATHSIG = 1


def call_kernel(name: str, number: int, *arguments: int | bytes | Array[c_char] | None) -> int:
    """The result of system call `number`; integers go as words, bytes by pointer. Raises OSError naming the call."""
    import ctypes  # noqa: PLC0415  # 5 ms that a run without children does not pay

    libc = ctypes.CDLL(None, use_errno=True)  # not find_library: that may run a compiler
    libc.syscall.restype = ctypes.c_long
    values = [ctypes.c_ulong(value) if isinstance(value, int) else value for value in arguments]
    result: int = libc.syscall(ctypes.c_long(number), *values)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
    return result


def call_prctl(option: int, value: int) -> int:
    """The result of prctl with one argument, the rest zero. Raises OSError."""
    import ctypes  # noqa: PLC0415

    libc = ctypes.CDLL(None, use_errno=True)
    arguments = [ctypes.c_ulong(number) for number in (value, 0, 0, 0)]
    result: int = libc.prctl(ctypes.c_int(option), *arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"prctl {option}: {os.strerror(error)}")
    return result


def forbid_new_privileges() -> None:
    """No program started from here on gains rights; both Landlock and seccomp ask for it. Raises OSError."""
    call_prctl(_PR_SET_NO_NEW_PRIVS, 1)


def die_with_parent(signal_number: int) -> None:
    """Have the kernel send `signal_number` to this process when the thread that forked it ends. Raises OSError."""
    call_prctl(_PR_SET_PDEATHSIG, signal_number)


def drop_capabilities() -> None:
    """Give up root's powers, but reading what the parent could read; others keep theirs. Raises OSError.

    A container's root often lacks the power to read alone; then the one that includes it stays, and other layers refuse
    writing.
    """
    numbers = _CAPGET_AND_CAPSET.get(os.uname().machine)
    if numbers is None or not sys.platform.startswith("linux") or os.geteuid() != 0:
        return
    import ctypes  # noqa: PLC0415  # 5 ms that a run without children does not pay

    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    state = ctypes.create_string_buffer(24)  # effective, permitted, inheritable: the low words, then the high words
    call_kernel("capget", numbers[0], header, state)
    permitted = struct.unpack("=6I", state.raw)[1]
    kept = permitted & _CAP_DAC_READ_SEARCH or permitted & _CAP_DAC_OVERRIDE
    call_kernel("capset", numbers[1], header, struct.pack("=6I", kept, kept, 0, 0, 0, 0))
