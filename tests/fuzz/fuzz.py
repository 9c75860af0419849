"""Fuzzes every target in turn, and says what came of it: `make fuzz ARGS='--minutes 120 --jobs 2'`.

Each target runs in a process of its own for a while, within limits of memory and CPU time, and comes to its turn again
until the time is over. Its corpus is kept between runs, outside of the tree; so is every input that broke a claim.
Exit code 1 if there is any.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from threading import Lock

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pkgscan-fuzz"
LONGEST_TURN, SHORTEST_TURN = 90, 20  # seconds: long enough for the corpus to be read, short enough for all to come
GRACE = 300  # seconds over its turn until a target's process is ended from outside
WITHOUT = """\
make fuzz: atheris is not installed. It has wheels for CPython 3.11 to 3.14 on Linux x86-64 alone; this is {}.
`make test` fuzzes a little without it; another Python goes by `make clean` and `make PYTHON=python3.11 fuzz`.
"""

_EXECUTED = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
_COVERED = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)")
_COUNTED = re.compile(r"^#(\d+)", re.MULTILINE)
_DIED = re.compile(r"stat::decoders_that_died: (\d+)")

# Files that a target leaves behind, by what they begin with: libFuzzer's own, and ours.
KINDS = {"broken": "broken-*[!t]", "native": "crash-*", "hang": "timeout-*", "memory": "oom-*"}


@dataclass
class Sum:
    """What came of one target so far."""

    turns: int = 0
    executions: int = 0
    seconds: float = 0.0
    edges: int = 0
    corpus: int = 0
    new: int = 0  # inputs in the corpus that were not there before
    died: int = 0  # decoders of a whole run: each cost an archive, and no run
    ended: int = 0  # processes that ended before their time and left no input behind
    found: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in KINDS})


class Fuzzing:
    """Everything that is fuzzed, until the time is over."""

    def __init__(self, cache: Path, minutes: float, names: list[str], log: Path | None) -> None:
        self.cache = cache
        self.end = time.monotonic() + 60 * minutes
        self.sums = {name: Sum(new=-_count(cache / name / "corpus", "*")) for name in names}
        self._before = {name: self._inputs(name) for name in names}
        self._number = int(time.time())
        first = self._number % len(names)  # short runs do not come to all, nor always to the same ones
        self._turns: Iterator[str] = cycle(names[first:] + names[:first])
        self._lock = Lock()
        self._log = log

    def work(self, jobs: int) -> None:
        """One of several that take target after target."""
        share = max(SHORTEST_TURN, min(LONGEST_TURN, int((self.end - time.monotonic()) * jobs / len(self.sums))))
        while (left := self.end - time.monotonic()) >= 1:
            with self._lock:
                name = next(self._turns)
                self._number += 1
                number = self._number
            self._turn(name, max(1, int(min(share, left))), number)

    def _turn(self, name: str, seconds: int, number: int) -> None:
        folder = self.cache / name
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(HERE / "target.py"), name, "--folder", str(folder)]
        command += ["--seconds", str(seconds), "--seed", str(number % 2**31)]
        started = time.monotonic()
        try:
            done = subprocess.run(
                command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, timeout=seconds + GRACE, check=False
            )
            said, code = done.stderr.decode("utf-8", "replace"), done.returncode
        except subprocess.TimeoutExpired as error:
            said, code = (error.stderr or b"").decode("utf-8", "replace"), -1
        with self._lock:
            self._add(name, said, code, time.monotonic() - started)

    def _add(self, name: str, said: str, code: int, seconds: float) -> None:
        total = self.sums[name]
        executed, counted = _EXECUTED.findall(said), _COUNTED.findall(said)
        executions = int(executed[-1]) if executed else int(counted[-1]) if counted else 0
        total.turns += 1
        total.executions += executions
        total.seconds += seconds
        if covered := _COVERED.findall(said):
            total.edges, total.corpus = max(total.edges, int(covered[-1][0])), int(covered[-1][2])
        total.died += sum(map(int, _DIED.findall(said)))
        before = {kind: set(found) for kind, found in total.found.items()}
        for kind, inputs in self._inputs(name).items():
            total.found[kind] = inputs - self._before[name][kind]
        news = [f"{kind} {path}" for kind, inputs in total.found.items() for path in sorted(inputs - before[kind])]
        if code and not news:
            total.ended += 1
            news = [f"ended with {code}: {said[-1500:]}"]
        self._tell(f"{time.strftime('%H:%M:%S')} {name}: {executions} in {seconds:.0f} s", news)

    def _tell(self, line: str, news: list[str]) -> None:
        text = "\n".join([line, *(f"  {piece}" for piece in news)])
        sys.stderr.write(text + "\n")
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as file:
                file.write(text + "\n")

    def _inputs(self, name: str) -> dict[str, set[str]]:
        folder = self.cache / name / "crashes"
        return {kind: {str(path) for path in folder.glob(pattern)} for kind, pattern in KINDS.items()}

    def table(self) -> str:
        """What came of every target."""
        head = ("target", "executions", "seconds", "edges", "corpus", "new", *KINDS, "ended", "decoders died")
        rows = [head]
        for name, total in self.sums.items():
            new = max(0, total.new + _count(self.cache / name / "corpus", "*"))
            found = (str(len(total.found[kind])) for kind in KINDS)
            numbers = (total.executions, round(total.seconds), total.edges, total.corpus, new)
            rows.append((name, *map(str, numbers), *found, str(total.ended), str(total.died)))
        all_ = self.sums.values()
        found = (str(sum(len(total.found[kind]) for total in all_)) for kind in KINDS)
        sums = (sum(total.executions for total in all_), round(sum(total.seconds for total in all_)))
        rows.append(("in all", *map(str, sums), "", "", "", *found, *("" for _ in range(2))))
        widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
        return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)

    def is_broken(self) -> bool:
        """Whether a claim was broken, or a target hung, took too much or would not run; not: a decoder that crashed."""
        kinds = [kind for kind in KINDS if kind != "native"]
        return any(total.ended or any(total.found[kind] for kind in kinds) for total in self.sums.values())


def _count(folder: Path, pattern: str) -> int:
    return sum(1 for _ in folder.glob(pattern))


def names_of(wanted: str) -> list[str]:
    """The names of the targets that a pattern names."""
    code = "from fuzz.targets import targets; print(*targets())"
    path = os.pathsep.join((str(HERE.parent), str(HERE.parent / "unit" / "reporters")))
    run = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    return [name for name in run.stdout.split() if re.search(wanted, name)]


def main() -> int:
    """Fuzz as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 1) - 1))
    parser.add_argument("--targets", default="", metavar="PATTERN", help="only those whose name holds this")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"where corpora and inputs are kept ({CACHE})")
    parser.add_argument("--log", type=Path, help="a file to which a line is added for each turn")
    options = parser.parse_args()
    try:
        import atheris  # noqa: F401, PLC0415  # only to know whether it is there
    except ImportError:
        this = f"{platform.python_implementation()} {platform.python_version()}, {sys.platform} {platform.machine()}"
        sys.stderr.write(WITHOUT.format(this))
        return 2
    names = names_of(options.targets)
    if not names:
        sys.stderr.write(f"no target's name holds {options.targets!r}\n")
        return 2
    fuzzing = Fuzzing(options.cache, options.minutes, names, options.log)
    with ThreadPoolExecutor(options.jobs) as pool:
        for working in [pool.submit(fuzzing.work, options.jobs) for _ in range(options.jobs)]:
            working.result()
    print(fuzzing.table())
    return int(fuzzing.is_broken())


if __name__ == "__main__":
    sys.exit(main())
