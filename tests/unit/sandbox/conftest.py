"""Runs a function inside a confined child and brings back what it returned."""

import errno
import json
from collections.abc import Callable, Iterable
from typing import NamedTuple

import pytest

from pkgscan.archive.limits import Limits
from pkgscan.sandbox import landlock, seccomp
from pkgscan.sandbox.child import CRASHED, Confinement, interpreter_paths, read_layers, spawn
from pkgscan.sandbox.frames import Channel

RESULT = 16


class Outcome(NamedTuple):
    layers: tuple[str, ...]
    value: object  # what the function returned, through JSON
    crash: str
    code: int


def run(main: Callable[[], object], confinement: Confinement, keep_fds: Iterable[int] = ()) -> Outcome:
    child = spawn(lambda channel: channel.send(RESULT, json.dumps(main()).encode()), confinement, keep_fds)
    channel = Channel(child.socket)
    try:
        layers = read_layers(channel.receive())
        frame = channel.receive()
    finally:
        channel.close()
        code, _ = child.wait()
    value = json.loads(frame.payload) if frame and frame.kind == RESULT else None
    crash = frame.payload.decode() if frame and frame.kind == CRASHED else ""
    return Outcome(layers, value, crash, code)


def attempt(action: Callable[[], object]) -> str:
    """The name of the error that an action meets; "done" when it meets none."""
    try:
        action()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"


@pytest.fixture
def confined():
    """Run a function with both layers; gives its Outcome."""

    def call(main, *, keep_fds=(), read_paths=(), mode="auto", **limits):
        return run(main, Confinement((*interpreter_paths(), *read_paths), Limits(**limits), mode), keep_fds)

    return call


@pytest.fixture
def landlock_alone(confined, monkeypatch):
    if landlock.find_abi() is None:
        pytest.skip("this kernel has no Landlock")
    monkeypatch.setattr(seccomp, "install", lambda: None)
    return confined


@pytest.fixture
def seccomp_alone(confined, monkeypatch):
    if not seccomp.is_available():
        pytest.skip("this kernel filters no system calls")
    monkeypatch.setattr(landlock, "restrict", lambda _: None)
    return confined


@pytest.fixture(params=["both", "landlock", "seccomp"])
def each_layer(request):
    """Both layers, then each alone, so that neither hides the other's fault."""
    if request.param == "both":
        if landlock.find_abi() is None or not seccomp.is_available():
            pytest.skip("this kernel lacks a layer")
        return request.getfixturevalue("confined")
    return request.getfixturevalue(f"{request.param}_alone")


@pytest.fixture(name="attempt")
def attempt_fixture():
    return attempt
