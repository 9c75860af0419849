"""Every library a reader needs loads and works after the restriction, in this very Python, wherever it is installed."""

import importlib.util
import os
import subprocess
import sys

import pytest

WORK = {
    "isal": "from isal import isal_zlib; assert isal_zlib.decompress(isal_zlib.compress(b'x' * 99)) == b'x' * 99",
    "msgspec": "import msgspec; assert msgspec.msgpack.decode(msgspec.msgpack.encode([1])) == [1]",
    "bashlex": "import bashlex; assert bashlex.parse('a | b')[0].kind == 'pipeline'",
    "cronsim": (
        "from datetime import datetime; from cronsim import CronSim;"
        "assert next(CronSim('0 3 * * *', datetime(2026, 1, 1))) == datetime(2026, 1, 1, 3)"
    ),
    "oncalendar": (
        "from datetime import UTC, datetime; from oncalendar import OnCalendar;"
        "assert next(OnCalendar('03:00', datetime(2026, 1, 1, tzinfo=UTC))) == datetime(2026, 1, 1, 3, tzinfo=UTC)"
    ),
    "zoneinfo": (
        "from datetime import datetime; from zoneinfo import ZoneInfo;"
        "assert datetime(2026, 7, 1, tzinfo=ZoneInfo('Europe/Berlin')).utcoffset().seconds == 7200"
    ),
    "libarchive": (
        "import libarchive; from libarchive import ffi; assert ffi.version_number() >= 3_008_010; ffi.read_new();"
        "import io; data = io.BytesIO()\n"
        "import tarfile; tarfile.open(fileobj=data, mode='w').addfile(tarfile.TarInfo('a'))\n"
        "with libarchive.memory_reader(data.getvalue() + bytes(10240)) as archive:\n"
        "    assert [entry.pathname for entry in archive] == ['a']"
    ),
    "standard library": "import bz2, lzma, zlib, hashlib, sqlite3, tomllib; hashlib.sha256(b'').hexdigest()",
    "concurrency": (
        "import concurrent.futures as f;"
        "assert list(f.ThreadPoolExecutor(2).map(abs, [-1, -2])) == [1, 2]"
    ),
}  # fmt: skip

SCRIPT = """
import sys
from pkgscan.sandbox.child import Confinement, interpreter_paths, read_layers, spawn
from pkgscan.sandbox.frames import Channel

def main(channel):
    before = set(sys.modules)
    exec(sys.argv[1], {})
    channel.send(16, str(len(set(sys.modules) - before)).encode())

child = spawn(main, Confinement(interpreter_paths()))
channel = Channel(child.socket)
layers = read_layers(channel.receive())
frame = channel.receive()
print(*layers, sep=", ")
print(frame.payload.decode() if frame else "no answer")
child.wait()
"""


def find_libarchive():
    folder = os.path.join(os.path.dirname(importlib.util.find_spec("archi").origin), "archi.libs")
    return next(os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("libarchive"))


@pytest.mark.parametrize("library", WORK)
def test_a_library_works_inside(library):
    environment = {**os.environ, "LIBARCHIVE": find_libarchive()}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, WORK[library]], capture_output=True, text=True, env=environment, check=False
    )
    layers, _, answer = done.stdout.partition("\n")
    assert done.stderr == ""
    assert layers.startswith("child process, resource limits")
    assert answer.strip().isdigit(), answer


def test_time_zones_work_without_the_systems_own():
    environment = {**os.environ, "PYTHONTZPATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, WORK["zoneinfo"]], capture_output=True, text=True, env=environment, check=False
    )
    assert done.stdout.splitlines()[-1].isdigit(), done.stdout


def test_the_parents_modules_are_light():
    light = "sys, msgspec, array, gc, resource, signal, socket, struct"
    script = f"import {light}; old = set(sys.modules); import pkgscan.sandbox.child; new = set(sys.modules) - old;"
    script += "print(*sorted(name for name in new if not name.startswith('pkgscan')))"
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
