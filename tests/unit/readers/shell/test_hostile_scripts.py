"""Scripts that are made to cost time, depth or memory: each is read to its end within two seconds of CPU."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

CPU = 2  # seconds, the start of an interpreter included
DEEP = 20_000
SCRIPTS = {
    "substitutions": "'$(' * N + 'a' + ')' * N",
    "subshells": "'( ' * N + 'a' + ' )' * N",
    "braces": "'{ ' * N + 'a' + '; }' * N",
    "ifs": "'if a; then ' * N + 'b; ' + 'fi; ' * N",
    "expansions": "'x ' + '${a:-' * N + '}' * N",
    "unclosed substitutions": "'$(' * N",
    "unclosed subshells": "'(' * N",
    "unclosed braces": "'{ ' * N",
    "unclosed ifs": "'if a; then ' * N",
    "unclosed expansions": "'x ' + '${a:-' * N",
    "backticks": "'a ` ' * N",
    "200,000 parentheses": "'(' * 200_000",
    "a line of 800 kB": "'echo ' + 'x' * 800_000",
    "here-docs": "''.join(f'cat <<E{i}\\nx $(y)\\nE{i}\\n' for i in range(5000))",
    "here-docs without an end": "'$(cat <<E\\n' * 5000",
    "NUL": "'a\\0b\\n' * 1000",
    "an array without an end": "'a=(' * N",
    "functions without bodies": "'f()' * 50_000",
    "arithmetic": "'((a) ' * N + ') b)' * N",
    "50,000 arms": "'case $x in\\n' + ''.join(f'a{i}) b;;\\n' for i in range(50_000)) + 'esac\\n'",
    "100,000 pipes": "'|'.join(['a'] * 100_000)",
    "100,000 ands": "'&&'.join(['a'] * 100_000)",
}
PROGRAM = """
import gc, sys
gc.disable()  # as the command line does
from pkgscan.model import Entry, Fact, Gap
from pkgscan.readers.base import Embedded, Source
from pkgscan.readers.shell import ShellReader
N = {deep}
text = {text}
found = 0
for reading in ShellReader().read(Source(Entry(path="p!/x"), "shell", text.encode())):
    assert isinstance(reading, (Fact, Gap, Embedded))
    found += 1
print(found)
"""


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))


@pytest.mark.parametrize("name", SCRIPTS)
def test_it_is_read_to_its_end(name: str) -> None:
    program = PROGRAM.format(deep=DEEP, text=SCRIPTS[name])
    done = subprocess.run([sys.executable, "-c", program], preexec_fn=limit, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-500:]
    assert int(done.stdout) > 0
