"""How a child starts, what it inherits, and how it ends."""

import os
import select
import signal
import subprocess
import sys
import threading

import msgspec
import pytest

from pkgscan.archive.limits import Limits
from pkgscan.errors import UserError
from pkgscan.sandbox import landlock, seccomp
from pkgscan.sandbox.child import (
    CRASHED,
    LAYERS,
    Confinement,
    SandboxUnavailable,
    interpreter_paths,
    read_layers,
    spawn,
)
from pkgscan.sandbox.frames import Channel, Frame, FrameError


def test_every_other_descriptor_is_closed(confined):
    def list_open():
        def is_open(fd):
            try:
                os.fstat(fd)
            except OSError:
                return False
            return True

        return [fd for fd in range(1024) if is_open(fd)]

    reading, writing = os.pipe()
    fds = confined(list_open, keep_fds=(reading,)).value
    os.close(reading)
    os.close(writing)
    assert fds[:3] == [0, 1, 2]
    assert reading in fds
    assert writing not in fds
    assert len(fds) == 5  # and the channel


def test_a_child_is_mute(confined, capfd):
    def shout():
        os.write(1, b"\x1b]0;owned\x07")
        os.write(2, b"\x1b]0;owned\x07")
        raise RuntimeError("also this")

    assert "also this" in confined(shout).crash
    assert capfd.readouterr() == ("", "")


def test_a_crash_is_told_and_bounded(confined):
    def crash():
        raise ValueError("x" * 100_000 + "end")

    outcome = confined(crash)
    assert outcome.code == 1
    assert outcome.crash.endswith("xend\n")
    assert len(outcome.crash) == 16 << 10


@pytest.mark.parametrize("error", [SystemExit(0), KeyboardInterrupt(), MemoryError()])
def test_nothing_unwinds_into_the_parents_code(confined, error):
    def leave():
        raise error

    outcome = confined(leave)
    assert type(error).__name__ in outcome.crash
    assert outcome.code == 1


def test_ctrl_c_is_the_parents_to_answer(confined):
    assert confined(lambda: os.kill(os.getpid(), signal.SIGINT)).code == 0


def test_the_parents_handlers_are_not_run_in_a_child(confined, monkeypatch):
    ran = []
    before = signal.signal(signal.SIGUSR1, lambda *_: ran.append(1))
    try:
        assert confined(lambda: os.kill(os.getpid(), signal.SIGUSR1)).code == -signal.SIGUSR1
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert ran == []


def test_a_child_whose_parent_is_gone_ends_quietly():
    child = spawn(lambda channel: channel.receive() and None, Confinement(interpreter_paths()))
    child.socket.close()
    assert child.wait()[0] in (0, 1)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone ends children with their parent")
def test_no_child_outlives_its_parent():
    script = (
        "import os, signal, sys\n"
        "from pkgscan.sandbox.child import Confinement, read_layers, interpreter_paths, spawn\n"
        "from pkgscan.sandbox.frames import Channel\n"
        "child = spawn(lambda channel: signal.pause(), Confinement(interpreter_paths()), (int(sys.argv[1]),))\n"
        "assert read_layers(Channel(child.socket).receive())\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    reading, writing = os.pipe()
    done = subprocess.run([sys.executable, "-c", script, str(writing)], pass_fds=(writing,), check=False)
    os.close(writing)
    assert done.returncode == -signal.SIGKILL
    ready, _, _ = select.select([reading], [], [], 60)  # the end of the pipe: the child held the last other end
    assert ready
    assert os.read(reading, 1) == b""
    os.close(reading)


@pytest.mark.parametrize(("module", "function"), [(landlock, "restrict"), (seccomp, "install")])
def test_require_refuses_in_one_line_when_a_layer_is_missing(confined, monkeypatch, module, function):
    monkeypatch.setattr(module, function, lambda *_: None)
    ran_without = confined(lambda: "ran")
    assert ran_without.value == "ran"
    name = module.__name__.rpartition(".")[2]
    assert not any(layer.startswith(name) for layer in ran_without.layers)
    with pytest.raises(SandboxUnavailable) as raised:
        confined(lambda: "ran", mode="require")
    assert isinstance(raised.value, UserError)
    assert f"has no {name}" in str(raised.value)
    assert "--sandbox auto" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_layer_that_fails_ends_the_child_in_either_mode(confined, monkeypatch):
    def fail(_):
        raise OSError(22, "landlock_add_rule: Invalid argument")

    monkeypatch.setattr(landlock, "restrict", fail)
    with pytest.raises(SandboxUnavailable, match="landlock_add_rule"):
        confined(lambda: "ran")


@pytest.mark.parametrize(
    "frame",
    [None, Frame(CRASHED, b"?"), Frame(99, b""), Frame(LAYERS, b"\xff\xff"), Frame(LAYERS, msgspec.msgpack.encode(7))],
)
def test_a_first_frame_that_names_no_layers_is_refused(frame):
    with pytest.raises(FrameError):
        read_layers(frame)


def test_children_are_found_and_ended_by_their_parent():
    child = spawn(lambda _: signal.pause(), Confinement(interpreter_paths(), Limits()))
    assert read_layers(Channel(child.socket).receive())
    child.kill()
    assert child.wait()[0] == -signal.SIGKILL
    child.socket.close()


def test_the_first_path_is_left_out_when_it_is_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), "", *sys.path])
    assert str(tmp_path) not in interpreter_paths()
    monkeypatch.setattr(sys, "path", [sys.path[2], str(tmp_path)])
    assert str(tmp_path) in interpreter_paths()


def test_no_readable_path_lies_below_another():
    paths = interpreter_paths()
    assert list(paths) == [
        path for path in paths if not any(path != other and path.startswith(f"{other}/") for other in paths)
    ]
    assert "/" not in paths
    assert os.path.realpath(sys.base_prefix) in paths or sys.base_prefix == "/usr"


def test_a_thread_of_the_parent_does_not_stop_a_spawn(confined):
    if sys.version_info >= (3, 12):
        pytest.skip("newer interpreters warn of a fork beside threads")
    release = threading.Event()
    thread = threading.Thread(target=release.wait)
    thread.start()
    try:
        assert confined(threading.active_count).value == 1
    finally:
        release.set()
        thread.join()
