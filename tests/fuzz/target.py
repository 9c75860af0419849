"""Fuzzes one target for some seconds in this process: `python target.py NAME --folder DIR --seconds N --seed N`.

Led by coverage through atheris, or by chance. What breaks a claim is kept below the folder, and the process goes on; a
native crash, a hang or too much memory ends it, and libFuzzer keeps the input.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
INSTRUMENTED = ("pkgscan", "cronsim", "oncalendar", "zip_reading")  # not bashlex: a parser by tables, slow enough
MEMORY = 3 << 30  # bytes of address space: three times what a child of pkgscan may use
PATIENCE = 30  # seconds for one input, on a busy machine: none takes one
LONGEST = 64 << 10  # bytes of an input, as of the longest seed
CHANGED = 0.95  # of the inputs that chance makes; the others are seeds as they are
KEPT = 3  # inputs of one cause: the second may be shorter
FRAMES = 4  # innermost ones, by which causes are told apart


class Crashes:
    """What broke a claim, by its cause, in files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, data: bytes, error: BaseException) -> None:
        """Keep an input and its traceback, unless there are enough of its cause."""
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
        cause = "\n".join([type(error).__name__, *(f"{frame.filename}:{frame.lineno}" for frame in frames)])
        name = hashlib.sha256(cause.encode()).hexdigest()[:10]
        if len(list(self._folder.glob(f"broken-{name}-*.txt"))) < KEPT:
            path = self._folder / f"broken-{name}-{hashlib.sha256(data).hexdigest()[:10]}"
            path.write_bytes(data)
            text = "".join(traceback.format_exception(error))
            path.with_name(f"{path.name}.txt").write_text(text, "utf-8", "backslashreplace")


class Drive:
    """One target, its crashes, and how an input is tried."""

    def __init__(self, target: Any, folder: Path) -> None:
        self.target = target
        self.corpus, self.seeds = folder / "corpus", folder / "seeds"
        self._crashes = Crashes(folder / "crashes")
        self.tried = self.died = 0

    def try_one(self, data: bytes) -> None:
        """Try one input; whatever its claim raises is kept."""
        self.tried += 1
        try:
            self.died += bool(self.target.claim(data))
        except Exception as error:  # noqa: BLE001  # that is what is looked for
            self._crashes.keep(data, error)

    def write_seeds(self, *, trying: bool) -> list[bytes]:
        """Write the seeds anew, since builders change; trying each loads whatever is loaded late."""
        self.corpus.mkdir(parents=True, exist_ok=True)
        self.seeds.mkdir(exist_ok=True)
        for old in self.seeds.iterdir():
            old.unlink()
        found = [data for data in self.target.seeds().values() if len(data) <= LONGEST]
        for data in found:
            (self.seeds / hashlib.sha256(data).hexdigest()[:20]).write_bytes(data)
            if trying:
                self.try_one(data)
        return found


@contextmanager
def instrumented(atheris: Any) -> Iterator[None]:
    """Our own modules are loaded so that coverage is seen; with nothing to guide, as they are."""
    if atheris is None:
        yield
        return
    with atheris.instrument_imports(include=list(INSTRUMENTED), enable_loader_override=True):
        yield


def guide(atheris: Any, drive: Drive, seconds: int, seed: int) -> None:
    """Have libFuzzer lead; it ends the process."""
    flags = [
        f"-max_total_time={seconds}", f"-seed={seed}", f"-timeout={PATIENCE}", f"-rss_limit_mb={MEMORY >> 20}",
        f"-max_len={LONGEST}", f"-artifact_prefix={drive.seeds.parent}/crashes/", "-print_final_stats=1",
        "-report_slow_units=60",
    ]  # fmt: skip
    more = {"custom_mutator": _mending(atheris)} if drive.target.mends else {}
    atheris.Setup([sys.argv[0], *flags, str(drive.corpus), str(drive.seeds)], drive.try_one, **more)
    atheris.Fuzz()


def _mending(atheris: Any) -> Any:
    from fuzz.mending import mended  # noqa: PLC0415  # found once the tests are in reach

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        changed: bytes = atheris.Mutate(data, most)
        return mended(changed) if seed % 2 else changed

    return mutate


def wander(drive: Drive, seeds: list[bytes], seconds: int, seed: int) -> None:
    """Change seeds by chance until the time is over."""
    from fuzz.mutations import mutate  # noqa: PLC0415  # as above

    random, end = Random(seed), time.monotonic() + seconds
    while time.monotonic() < end:
        chosen = random.choice(seeds)
        drive.try_one(mutate(chosen, seeds, random) if random.random() < CHANGED else chosen)
    print(f"stat::number_of_executed_units: {drive.tried}", file=sys.stderr)
    print(f"stat::decoders_that_died: {drive.died}", file=sys.stderr)


def main() -> None:
    """Fuzz the target that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unguided", action="store_true")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (2 * options.seconds + 120,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.path[:1] = [str(TESTS), str(TESTS / "unit" / "reporters")]  # this folder itself holds a module called fuzz
    atheris = None
    if not options.unguided:
        import atheris  # type: ignore[no-redef]  # noqa: PLC0415  # not needed, nor there, where nothing guides
    with instrumented(atheris):
        from fuzz.targets import targets  # noqa: PLC0415  # instrumented

        drive = Drive(targets()[options.name], options.folder)
        is_guided = atheris is not None and drive.target.guided
        seeds = drive.write_seeds(trying=is_guided)
    if not is_guided:
        wander(drive, seeds, options.seconds, options.seed)
    else:
        guide(atheris, drive, options.seconds, options.seed)


if __name__ == "__main__":
    main()
