"""How noisy pkgscan is on real packages: every rule over 200 Debian packages and 70 from npm and PyPI, no profile.

`make quiet` prints who fails the gate and why, what every rule said how often, what was not seen, and what cost most;
each high finding is read by a person and judged in judged.md. Downloads go to `$XDG_CACHE_HOME/pkgscan-quiet`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # runs as a script from anywhere

from downloads import DownloadError, cache_folder, fetch  # noqa: E402
from measure import run  # noqa: E402

WORKERS = 2  # scans at a time; each starts children of its own
TARGET = 5.0  # per cent of the packages that may fail the gate
SLOWEST = 5
NOW = "2026-11-23T12:00:00Z"  # the same sentences on every day
EXITS = {0: "pass", 1: "fail", 2: "usage", 3: "incomplete", 4: "internal"}


@dataclass(frozen=True)
class Choice:
    """One line of packages.txt."""

    kind: str
    name: str
    version: str
    stratum: str


@dataclass(frozen=True)
class Scanned:
    """What one scan said. `cpu`: seconds, user and system, children included."""

    choice: Choice
    code: int
    cpu: float
    report: dict[str, Any]
    words: str

    @property
    def high(self) -> list[dict[str, Any]]:
        return [finding for finding in self.report.get("findings", ()) if finding["severity"] == "high"]


def choices() -> list[Choice]:
    """The committed packages, in the order of the file."""
    lines = (HERE / "packages.txt").read_text(encoding="utf-8").splitlines()
    return [Choice(*line.split()) for line in lines if not line.startswith("#")]


def scan(choice: Choice, program: list[str], reports: Path) -> Scanned:
    """Fetches and scans one package; a scan that hangs is killed and counts among the other codes."""
    package = fetch(choice.kind, choice.name, choice.version, cache_folder("quiet"))
    target = reports / f"{choice.kind}-{choice.name}.json"
    target.unlink(missing_ok=True)
    arguments = ["scan", "--preview", "--no-progress", "--now", NOW, "-o", f"json={target}", str(package)]
    done = run([*program, *arguments])
    report = json.loads(target.read_bytes()) if target.exists() else {}
    return Scanned(choice, done.code, done.cpu, report, done.errors)


def scan_all(program: list[str], reports: Path, wanted: list[Choice]) -> Iterator[Scanned | str]:
    """Every scan in the order of the file; a package that cannot be fetched is one line of text."""

    def attempt(choice: Choice) -> Scanned | str:
        try:
            return scan(choice, program, reports)
        except DownloadError as error:
            return f"not fetched: {error}"

    with ThreadPoolExecutor(WORKERS) as pool:
        for done in pool.map(attempt, wanted):
            print(".", end="", file=sys.stderr, flush=True)
            yield done
    print(file=sys.stderr)


def show_exits(scans: list[Scanned]) -> Iterator[str]:
    """How many packages ended how, by kind; then each that did not pass, with its reasons."""
    kinds = sorted({scanned.choice.kind for scanned in scans})
    yield f"{'':8}{'packages':>10}" + "".join(f"{f'exit {code}':>9}" for code in EXITS) + f"{'other':>9}"
    for kind in [*kinds, "all"]:
        codes = Counter(s.code for s in scans if kind in (s.choice.kind, "all"))
        others = sum(count for code, count in codes.items() if code not in EXITS)
        counts = "".join(f"{codes[code]:>9}" for code in EXITS)
        yield f"{kind:8}{codes.total():>10}{counts}{others:>9}"
    for scanned in sorted(scans, key=lambda s: (s.code, s.choice.kind, s.choice.name)):
        if scanned.code:
            label = EXITS.get(scanned.code, f"code {scanned.code}")
            yield f"{label:11}{scanned.choice.kind} {scanned.choice.name}: {'; '.join(reasons(scanned))}"


def reasons(scanned: Scanned) -> list[str]:
    """Why a package did not pass: its high findings, what was unread, or what was said on standard error."""
    if scanned.code == 1:
        return [f"{rule} x{count}" for rule, count in Counter(f["rule"] for f in scanned.high).most_common()]
    unread = [gap for gap in scanned.report.get("gaps", ()) if gap["effect"] == "unread"]
    if scanned.code == 3 and unread:  # the exit codes are the documented ones
        return [f"{reason} x{count}" for reason, count in Counter(gap["reason"] for gap in unread).most_common()]
    return [scanned.words.splitlines()[-1] if scanned.words else "nothing said"]


def show_counts(scans: list[Scanned]) -> Iterator[str]:
    """Findings by rule and severity, gaps by effect and reason, each with the packages they stand in."""
    yield from tally("rule", [(scanned, f"{f['severity']:7}{f['rule']}") for scanned, f in each(scans, "findings")])
    yield from tally("gap", [(scanned, f"{g['effect']:11}{g['reason']}") for scanned, g in each(scans, "gaps")])


def each(scans: list[Scanned], part: str) -> Iterator[tuple[Scanned, dict[str, Any]]]:
    return ((scanned, row) for scanned in scans for row in scanned.report.get(part, ()))


def tally(heading: str, rows: Iterable[tuple[Scanned, str]]) -> Iterator[str]:
    counts: Counter[str] = Counter()
    packages: dict[str, set[str]] = {}
    for scanned, label in rows:
        counts[label] += 1
        packages.setdefault(label, set()).add(f"{scanned.choice.kind} {scanned.choice.name}")
    yield f"\n{heading:45}{'count':>8}{'packages':>10}"
    yield from (f"{label:45}{count:>8}{len(packages[label]):>10}" for label, count in sorted(counts.items()))


def show_high(scans: list[Scanned]) -> Iterator[str]:
    """Every high finding, as the rows that judged.md judges."""
    spread = Counter(len(scanned.high) for scanned in scans)
    yield "\nhigh findings a package: " + ", ".join(f"{count} x {number}" for number, count in sorted(spread.items()))
    for scanned in scans:
        for finding in scanned.high:
            span = finding["span"] or {"path": "", "first_line": 0}
            place = f"{span['path']}:{span['first_line']}"
            yield f"| {scanned.choice.name} | {finding['rule']} | `{place}` | {finding['message']} |"


def show_slowest(scans: list[Scanned]) -> Iterator[str]:
    yield "\nslowest, CPU seconds"
    for scanned in sorted(scans, key=lambda s: -s.cpu)[:SLOWEST]:
        yield f"{scanned.cpu:8.2f}  {scanned.choice.kind} {scanned.choice.name}"


def show_verdict(scans: list[Scanned]) -> str:
    share = 100 * sum(scanned.code == 1 for scanned in scans) / len(scans)
    word = "met" if share <= TARGET else "missed"
    return f"\nfail the gate: {share:.1f} % of {len(scans)} packages; target {TARGET:.0f} %: {word}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assert", dest="strict", action="store_true", help="exit 1 when the target is missed")
    parser.add_argument("--only", default="", help="packages whose name contains this")
    parser.add_argument("--reports", type=Path, default=cache_folder("quiet-reports"), help="where the JSON reports go")
    parser.add_argument("--program", default="", help="pkgscan to run (default: the one of this interpreter)")
    options = parser.parse_args()
    options.reports.mkdir(parents=True, exist_ok=True)
    program = [options.program or str(Path(sys.executable).parent / "pkgscan")]
    wanted = [choice for choice in choices() if options.only in choice.name]
    done = list(scan_all(program, options.reports, wanted))
    scans = [scanned for scanned in done if isinstance(scanned, Scanned)]
    print(*(line for line in done if isinstance(line, str)), sep="\n")
    for part in (show_exits, show_counts, show_high, show_slowest):
        print(*part(scans), sep="\n")
    print(verdict := show_verdict(scans))
    return int(options.strict and verdict.endswith("missed"))


if __name__ == "__main__":
    sys.exit(main())
