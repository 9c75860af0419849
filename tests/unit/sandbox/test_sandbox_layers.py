"""What a confined child cannot do, with both layers and with each alone; and what it still can."""

import os
import signal
import socket
import struct
import sys
import threading

import pytest

from pkgscan.sandbox import child, kernel, landlock, seccomp

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the layers are Linux's")

DENIED = {"EPERM", "EACCES"}


def test_all_layers_are_named_in_order(confined):
    layers = confined(lambda: None).layers
    assert layers[:2] == ("child process", "resource limits")
    assert [layer.split()[0] for layer in layers[2:]] == ["landlock", "seccomp"]


def test_files_outside_cannot_be_read(confined, landlock_alone, attempt):
    assert confined(lambda: attempt(lambda: os.open("/etc/passwd", os.O_RDONLY))).value == "EACCES"
    assert landlock_alone(lambda: attempt(lambda: os.listdir("/"))).value == "EACCES"


def test_a_given_tree_can_be_read(confined, tmp_path):
    (tmp_path / "given").write_text("text")
    assert confined((tmp_path / "given").read_text, read_paths=(str(tmp_path),)).value == "text"


@pytest.mark.parametrize("directory", ["/tmp", "/dev/shm", "/var/tmp", os.getcwd(), sys.prefix])
def test_nothing_can_be_written(each_layer, attempt, directory):
    path = os.path.join(directory, "written-by-a-confined-child")
    assert each_layer(lambda: attempt(lambda: os.open(path, os.O_WRONLY | os.O_CREAT))).value in DENIED
    assert not os.path.exists(path)


@pytest.mark.parametrize(
    "flags", [os.O_WRONLY, os.O_RDWR, os.O_RDONLY | os.O_TRUNC, os.O_WRONLY | os.O_APPEND], ids=str
)
def test_a_readable_file_cannot_be_opened_for_writing(each_layer, attempt, tmp_path, flags):
    path = tmp_path / "kept"
    path.write_text("kept")
    outcome = each_layer(lambda: attempt(lambda: os.open(path, flags)), read_paths=(str(tmp_path),))
    assert outcome.value in DENIED
    assert path.read_text() == "kept"


def test_no_unnamed_file_can_be_made(each_layer, attempt, tmp_path):
    flags = os.O_TMPFILE | os.O_RDWR
    assert each_layer(lambda: attempt(lambda: os.open(tmp_path, flags)), read_paths=(str(tmp_path),)).value in DENIED


@pytest.mark.parametrize(
    "change",
    [
        os.unlink,
        lambda path: os.rename(path, path + "2"),
        lambda path: os.link(path, path + "2"),
        lambda path: os.symlink(path, path + "2"),
        lambda path: os.truncate(path, 0),
        lambda path: os.mkdir(path + "2"),
        lambda path: os.mkfifo(path + "2"),
    ],
    ids=["unlink", "rename", "link", "symlink", "truncate", "mkdir", "mkfifo"],
)
def test_no_name_can_be_changed(each_layer, attempt, tmp_path, change):
    path = tmp_path / "kept"
    path.write_text("kept")
    outcome = each_layer(lambda: attempt(lambda: change(str(path))), read_paths=(str(tmp_path),))
    assert outcome.value in DENIED | {"EXDEV"}  # Landlock's word for a link or rename to another directory
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("kept", "kept")]


@pytest.mark.parametrize(
    "change",
    [lambda path: os.chmod(path, 0o777), lambda path: os.chown(path, -1, os.getgid()), os.utime],
    ids=["chmod", "chown", "utime"],
)
def test_no_mode_owner_or_time_can_be_changed(seccomp_alone, attempt, tmp_path, change):
    assert seccomp_alone(lambda: attempt(lambda: change(tmp_path))).value == "EPERM"


@pytest.mark.parametrize("program", ["/bin/true", sys.executable])
def test_no_program_can_be_started(each_layer, attempt, program):
    assert each_layer(lambda: attempt(lambda: os.execv(program, [program]))).value in DENIED


@pytest.mark.parametrize("start", [os.fork, lambda: os.posix_spawn("/bin/true", ["true"], {}), os.forkpty])
def test_no_process_can_be_made(seccomp_alone, attempt, start):
    assert seccomp_alone(lambda: attempt(start)).value in DENIED


def test_a_thread_can_be_made(each_layer):
    def count():
        seen = []
        threads = [threading.Thread(target=seen.append, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(seen)

    assert each_layer(count).value == [0, 1, 2]


def test_tcp_is_refused(each_layer, attempt):
    abi = landlock.find_abi()
    if abi is not None and abi < 4:
        pytest.skip("TCP needs Landlock 4")
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        assert each_layer(lambda: attempt(lambda: socket.create_connection(address))).value in DENIED
        assert each_layer(lambda: attempt(lambda: socket.create_server(("127.0.0.1", 0)))).value in DENIED


@pytest.mark.parametrize(
    ("family", "kind"),
    [
        (socket.AF_INET, socket.SOCK_STREAM),
        (socket.AF_INET, socket.SOCK_DGRAM),
        (socket.AF_INET6, socket.SOCK_DGRAM),
        (socket.AF_UNIX, socket.SOCK_STREAM),
        (socket.AF_UNIX, socket.SOCK_DGRAM),
    ],
)
def test_no_socket_can_be_made(seccomp_alone, attempt, family, kind):
    assert seccomp_alone(lambda: attempt(lambda: socket.socket(family, kind))).value == "EPERM"
    assert seccomp_alone(lambda: attempt(socket.socketpair)).value == "EPERM"


def test_an_inherited_socket_reaches_nobody(seccomp_alone, attempt):
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as idle:
        address, fd = server.getsockname(), idle.fileno()
        for act in (lambda: idle.connect(address), lambda: idle.sendto(b"x", address), lambda: idle.bind(("", 0))):
            assert seccomp_alone(lambda act=act: attempt(act), keep_fds=(fd,)).value == "EPERM"


def test_an_abstract_socket_outside_is_out_of_reach(landlock_alone, attempt):
    if (landlock.find_abi() or 0) < 6:
        pytest.skip("scopes need Landlock 6")
    name = f"\0pkgscan-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        outcome = landlock_alone(lambda: attempt(lambda: socket.socket(socket.AF_UNIX).connect(name)))
    assert outcome.value == "EPERM"


@pytest.mark.parametrize("victim", [os.getpid(), 1, 0, -1], ids=["parent", "init", "group", "everybody"])
def test_nobody_else_can_be_signalled(seccomp_alone, attempt, victim):
    assert seccomp_alone(lambda: attempt(lambda: os.kill(victim, 0))).value == "EPERM"


def test_the_parent_cannot_be_signalled(landlock_alone, attempt):
    if (landlock.find_abi() or 0) < 6:
        pytest.skip("scopes need Landlock 6")
    parent = os.getpid()
    assert landlock_alone(lambda: attempt(lambda: os.kill(parent, 0))).value == "EPERM"


def test_a_child_can_abort_itself(each_layer):
    assert each_layer(os.abort).code == -signal.SIGABRT


def test_the_parent_cannot_be_read(seccomp_alone, attempt):
    parent = os.getpid()
    assert seccomp_alone(lambda: attempt(lambda: os.pidfd_open(parent))).value == "EPERM"
    assert seccomp_alone(lambda: attempt(lambda: os.open(f"/proc/{parent}/mem", os.O_RDWR))).value == "EPERM"


@pytest.mark.parametrize(
    "act",
    [
        lambda: os.chroot("/"),
        lambda: os.setuid(os.getuid()),
        os.setsid,
        lambda: os.setpriority(os.PRIO_PROCESS, 0, 5),
        lambda: os.sched_setaffinity(0, {0}),
    ],
    ids=["chroot", "setuid", "setsid", "setpriority", "setaffinity"],
)
def test_no_right_or_rank_can_be_changed(seccomp_alone, attempt, act):
    assert seccomp_alone(lambda: attempt(act)).value == "EPERM"


def test_root_keeps_no_power_but_reading(confined):
    if os.geteuid() != 0:
        pytest.skip("root alone has powers to lose")

    def read_capabilities():
        with open("/proc/self/status") as file:
            return dict(line.split() for line in file if line.startswith(("CapEff", "CapPrm", "CapInh")))

    powers = confined(read_capabilities, read_paths=("/proc",)).value
    assert powers == {"CapInh:": "0" * 16, "CapPrm:": f"{1 << 2:016x}", "CapEff:": f"{1 << 2:016x}"}


@pytest.mark.parametrize(
    ("held", "kept"),
    [
        (0xA80425FB, 1 << 1),  # what a container's root holds by default: no reading alone
        (1 << 2 | 1 << 21, 1 << 2),
        (0, 0),
    ],
)
def test_root_with_fewer_powers_keeps_no_more(confined, monkeypatch, held, kept):
    if os.geteuid() != 0 or os.uname().machine != "x86_64":
        pytest.skip("root alone has powers to lose; the number of the call is this architecture's")

    def drop():
        header = struct.pack("=Ii", 0x20080522, 0)
        kernel.call_kernel("capset", 126, header, struct.pack("=6I", held, held, 0, 0, 0, 0))
        kernel.drop_capabilities()

    def read_effective():
        with open("/proc/self/status") as file:
            return next(int(line.split()[1], 16) for line in file if line.startswith("CapEff"))

    monkeypatch.setattr(child, "drop_capabilities", drop)
    assert confined(read_effective, read_paths=("/proc",)).value == kept


@pytest.mark.parametrize(
    ("abi", "file_rights", "words"),  # how many rights linux/landlock.h has at each version, and of how many kinds
    [(1, 13, 1), (2, 14, 1), (3, 15, 1), (4, 15, 2), (5, 16, 2), (6, 16, 3), (7, 16, 3), (9, 16, 3)],
)
def test_every_right_of_an_older_kernel_is_taken(monkeypatch, abi, file_rights, words):
    asked = []

    def answer(name, number, *arguments):
        asked.append((name, arguments))
        if name == "landlock_restrict_self":
            return 0
        return abi if arguments[0] is None else os.open(os.devnull, os.O_RDONLY)

    monkeypatch.setattr(landlock, "call_kernel", answer)
    monkeypatch.setattr(landlock, "forbid_new_privileges", lambda: None)
    assert landlock.restrict(["/no/such/path"]) == f"landlock v{abi}"
    (_, (attributes, size, flags)) = asked[1]
    assert (size, flags) == (8 * words, 0)
    assert struct.unpack(f"={words}Q", attributes) == ((1 << file_rights) - 1, 3, 3)[:words]


def test_a_kernel_without_the_layers_is_told_from_a_failing_one(monkeypatch):
    def fail(name, *_):
        raise OSError(38, f"{name}: Function not implemented")

    monkeypatch.setattr(landlock, "call_kernel", fail)
    monkeypatch.setattr(seccomp, "call_kernel", fail)
    assert landlock.restrict(["/"]) is None
    assert seccomp.install() is None
