"""A seccomp filter: system calls that reach other processes, the network, programs or file names fail.

A list of refusals, not of permissions: which harmless calls Python, its C library and decoders make differs between
systems and versions, and a forgotten one would be a crash on somebody's host. Calls newer than the list do not exist
for a child, so the list cannot grow stale. Source: seccomp(2), linux/seccomp.h, linux/filter.h.
"""

from __future__ import annotations

import errno
import os
import struct
import sys
from typing import TypeAlias

from pkgscan.sandbox.kernel import call_kernel, forbid_new_privileges
from pkgscan.sandbox.syscalls import ABSENT, CONDITIONAL, NEWEST, REFUSED

Instruction: TypeAlias = "tuple[int, int, int, int]"  # operation, jump if true, jump if false, operand
Program: TypeAlias = "list[Instruction]"

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column of the table, AUDIT_ARCH

_LOAD, _RETURN = 0x20, 0x06
_IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT = 0x15, 0x35, 0x45
_AT_NUMBER, _AT_ARCHITECTURE, _AT_ARGUMENTS = 0, 4, 16  # struct seccomp_data

_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_DENY = _FAIL | errno.EPERM
_NO_SUCH_CALL = _FAIL | errno.ENOSYS
_NO_SUCH_CONTROL = _FAIL | errno.ENOTTY

_WRITING = 0o3 | 0o100 | 0o1000  # O_WRONLY | O_RDWR, O_CREAT, O_TRUNC
_CLONE_THREAD = 0x10000
_CLONE_NAMESPACES = 0x7E020000
_SIGNALS = ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")  # first argument: whom
_SIGNAL_OWNER = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: have the kernel signal somebody else
_FILE_CONTROLS = (0x5450, 0x5451, 0x5421, 0x541B)  # FIONCLEX, FIOCLEX, FIONBIO, FIONREAD: all that Python needs
_OWN_CONTROLS = (15, 16, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA: names of threads and of memory

_SET_MODE_FILTER, _GET_ACTION_AVAILABLE = 1, 2
_ALL_THREADS = 1


def install() -> str | None:
    """Filter this process's calls for good; the layer's name, None where the kernel or the architecture has none.

    Signals to the process itself stay possible, so that abort() works: run this after the last fork.
    Raises OSError.
    """
    if not is_available():
        return None
    import ctypes  # noqa: PLC0415  # 5 ms that a run without children does not pay

    column, architecture = _ARCHITECTURES[os.uname().machine]
    program = build_program(column, architecture, os.getpid())
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
    pointer = struct.pack("@HP", len(program), ctypes.addressof(code))
    forbid_new_privileges()
    stray = call_kernel("seccomp", CONDITIONAL["seccomp"][column], _SET_MODE_FILTER, _ALL_THREADS, pointer)
    if stray:
        raise OSError(errno.EBUSY, f"seccomp: thread {stray} cannot be filtered")
    return "seccomp"


def is_available() -> bool:
    """Whether this kernel filters calls, and this process's architecture is one of ours."""
    machine = os.uname().machine
    if not sys.platform.startswith("linux") or machine not in _ARCHITECTURES or sys.maxsize < 1 << 32:
        return False
    number = CONDITIONAL["seccomp"][_ARCHITECTURES[machine][0]]
    try:
        return call_kernel("seccomp", number, _GET_ACTION_AVAILABLE, 0, struct.pack("=I", _FAIL)) == 0
    except OSError:  # ENOSYS, EINVAL: not built in; EPERM: a container's filter
        return False


def build_program(column: int, architecture: int, pid: int) -> Program:
    """The filter for one architecture and process, as classic BPF."""
    program: Program = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_IF_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),  # a 32-bit call: other numbers, no honest use
        (_LOAD, 0, 0, _AT_NUMBER),
        (_IF_AT_LEAST, 0, 1, NEWEST + 1),  # x32 calls too: they have bit 30 set
        (_RETURN, 0, 0, _NO_SUCH_CALL),
    ]
    for _, *numbers in REFUSED:
        program += _on_call(numbers[column], [(_RETURN, 0, 0, _DENY)])
    for name, body in _judge_arguments(pid):
        program += _on_call(CONDITIONAL[name][column], body)
    return [*program, (_RETURN, 0, 0, _ALLOW)]


def _judge_arguments(pid: int) -> list[tuple[str, Program]]:
    """The calls that depend on their arguments, each with what decides."""
    return [
        ("open", _refuse_bits(1, _WRITING)),
        ("openat", _refuse_bits(2, _WRITING)),
        ("clone", _refuse_processes()),
        ("clone3", [(_RETURN, 0, 0, _NO_SUCH_CALL)]),  # its flags lie in memory; the C library falls back to clone
        *((name, _choose(0, (pid,), _ALLOW, _DENY)) for name in _SIGNALS),
        ("prlimit64", _choose(0, (0, pid), _ALLOW, _DENY)),
        ("fcntl", _choose(1, _SIGNAL_OWNER, _DENY, _ALLOW)),
        ("ioctl", _choose(1, _FILE_CONTROLS, _ALLOW, _NO_SUCH_CONTROL)),
        ("prctl", _choose(0, _OWN_CONTROLS, _ALLOW, _DENY)),
        ("seccomp", [(_RETURN, 0, 0, _DENY)]),
    ]


def _on_call(number: int, body: Program) -> Program:
    """`body`, which must return, for one call number."""
    return [] if number == ABSENT else [(_IF_EQUAL, 0, len(body), number), *body]


def _load_argument(index: int) -> Instruction:
    """The low word of an argument: all of these are 32-bit to the kernel, on little-endian machines."""
    return (_LOAD, 0, 0, _AT_ARGUMENTS + 8 * index)


def _choose(argument: int, values: tuple[int, ...], matched: int, otherwise: int) -> Program:
    tests = [(_IF_EQUAL, len(values) - index, 0, value) for index, value in enumerate(values)]
    return [_load_argument(argument), *tests, (_RETURN, 0, 0, otherwise), (_RETURN, 0, 0, matched)]


def _refuse_bits(argument: int, bits: int) -> Program:
    return [_load_argument(argument), (_IF_ANY_BIT, 0, 1, bits), (_RETURN, 0, 0, _DENY), (_RETURN, 0, 0, _ALLOW)]


def _refuse_processes() -> Program:
    """A new thread may be made, a new process or namespace may not."""
    return [
        _load_argument(0),
        (_IF_ANY_BIT, 1, 0, _CLONE_NAMESPACES),
        (_IF_ANY_BIT, 1, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, _DENY),
        (_RETURN, 0, 0, _ALLOW),
    ]
