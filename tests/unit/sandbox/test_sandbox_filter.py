"""The filter's program, run here by a small machine of our own, on both architectures, whatever this machine is."""

import errno
import os
import re
import struct

import pytest

from pkgscan.sandbox.seccomp import build_program
from pkgscan.sandbox.syscalls import ABSENT, CONDITIONAL, NEWEST, REFUSED

PID = 4321
X86, ARM = (0, 0xC000003E), (1, 0xC00000B7)
I386, ARM32 = 0x40000003, 0x40000028
HEADERS = ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm-generic/unistd.h")
ALLOWED, KILLED = "allowed", "killed"


def judge(program, number, arguments=(), architecture=None):
    """Classic BPF as in linux/filter.h: 32-bit loads, comparisons, return."""
    words = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, architecture, 0, *(word & 0xFFFFFFFFFFFFFFFF for word in words))
    accumulator, at = 0, 0
    while True:
        operation, if_true, if_false, operand = program[at]
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, operand)
        elif operation == 0x06:
            return {0x7FFF0000: ALLOWED, 0x80000000: KILLED}.get(operand) or errno.errorcode[operand & 0xFFFF]
        else:
            tests = {0x15: accumulator == operand, 0x35: accumulator >= operand, 0x45: bool(accumulator & operand)}
            at += if_true if tests[operation] else if_false


@pytest.fixture(params=[X86, ARM], ids=["x86-64", "arm64"])
def ask(request):
    column, architecture = request.param
    program = build_program(column, architecture, PID)

    def call(name, *arguments):
        number = CONDITIONAL[name][column] if name in CONDITIONAL else name
        return judge(program, number, arguments, architecture)

    call.column = column
    return call


def test_every_refused_call_is_refused(ask):
    numbers = {name: row[ask.column] for name, *row in REFUSED if row[ask.column] != ABSENT}
    assert {name for name, number in numbers.items() if ask(number) != "EPERM"} == set()
    assert len(set(numbers.values())) == len(numbers)


def test_other_calls_are_allowed(ask):
    judged = {row[ask.column] for _, *row in REFUSED} | {row[ask.column] for row in CONDITIONAL.values()}
    others = set(range(NEWEST + 1)) - judged
    assert {number for number in others if ask(number) != ALLOWED} == set()


@pytest.mark.parametrize("number", [NEWEST + 1, 1 << 30, (1 << 30) + 59, 0xFFFFFFFF])
def test_calls_nobody_judged_do_not_exist(ask, number):
    assert ask(number) == "ENOSYS"


@pytest.mark.parametrize(("native", "foreign"), [(X86, I386), (ARM, ARM32), (X86, ARM[1])])
def test_another_architectures_call_kills(native, foreign):
    assert judge(build_program(*native, PID), 1, (), foreign) == KILLED


@pytest.mark.parametrize("flags", [os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC, 3, os.O_RDWR | 1 << 40])
def test_opening_for_writing_is_refused(ask, flags):
    assert ask("openat", 0, 0, flags) == "EPERM"
    assert CONDITIONAL["open"][ask.column] == ABSENT or ask("open", 0, flags) == "EPERM"


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, os.O_APPEND])
def test_opening_for_reading_is_allowed(ask, flags):
    assert ask("openat", os.O_RDWR, os.O_RDWR, flags) == ALLOWED


@pytest.mark.parametrize(
    ("flags", "answer"),
    [
        (0x3D0F00, ALLOWED),  # what glibc asks for a thread
        (0x7D0F00, ALLOWED),  # what musl asks
        (0x1200011, "EPERM"),  # fork
        (0x4111, "EPERM"),  # vfork, posix_spawn
        (0x3D0F00 | 0x10000000, "EPERM"),  # a thread in a new user namespace
        (0x3D0F00 | 0x20000, "EPERM"),  # a thread in a new mount namespace
    ],
)
def test_threads_are_allowed_and_processes_are_not(ask, flags, answer):
    assert ask("clone", flags) == answer


@pytest.mark.parametrize("name", ["kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"])
def test_signals_go_to_oneself_alone(ask, name):
    assert ask(name, PID, 6) == ALLOWED
    for other in (0, 1, PID + 1, -1, -PID):
        assert ask(name, other, 9) == "EPERM"


@pytest.mark.parametrize(
    ("name", "argument", "value", "answer"),
    [
        ("ioctl", 1, 0x5412, "ENOTTY"),  # TIOCSTI: type into the terminal
        ("ioctl", 1, 0x8901, "ENOTTY"),  # FIOSETOWN
        ("ioctl", 1, 0x5401, "ENOTTY"),  # TCGETS: nothing is a terminal
        ("ioctl", 1, 0x5451, ALLOWED),  # FIOCLEX
        ("fcntl", 1, 8, "EPERM"),  # F_SETOWN
        ("fcntl", 1, 15, "EPERM"),  # F_SETOWN_EX
        ("fcntl", 1, 1030, ALLOWED),  # F_DUPFD_CLOEXEC
        ("prctl", 0, 1, "EPERM"),  # PR_SET_PDEATHSIG: outlive the parent
        ("prctl", 0, 22, "EPERM"),  # PR_SET_SECCOMP
        ("prctl", 0, 15, ALLOWED),  # PR_SET_NAME
        ("prlimit64", 0, 0, ALLOWED),
        ("prlimit64", 0, 1, "EPERM"),
        ("clone3", 0, 0, "ENOSYS"),
        ("seccomp", 0, 1, "EPERM"),
    ],
)
def test_controls_are_judged_by_their_request(ask, name, argument, value, answer):
    arguments = [7] * argument + [value]
    assert ask(name, *arguments) == answer


@pytest.mark.parametrize("column", [0, 1], ids=["x86-64", "arm64"])
def test_numbers_are_the_kernels(column):
    if not os.path.exists(HEADERS[column]):
        pytest.skip("the kernel's headers are not installed")
    with open(HEADERS[column]) as file:
        numbers = {
            name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)\b", file.read())
        }
    ours = {name: row[column] for name, *row in REFUSED} | {name: row[column] for name, row in CONDITIONAL.items()}
    newer = {name for name, number in ours.items() if number > max(numbers.values())}
    assert {name: ours[name] for name in ours.keys() - newer} == {
        name: numbers.get(name, ABSENT) for name in ours.keys() - newer
    }
