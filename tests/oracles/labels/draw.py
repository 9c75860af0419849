"""Draws the scripts that are labelled: sixty of real packages, by seed, stratified by kind of fact and by origin.

`python tests/oracles/labels/draw.py` fetches what packages.txt names and prints what scripts.txt holds: names,
versions, paths and digests, never content. `--into FOLDER` writes the scripts there as well, for those who label them.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent)]

from labels.packages import MAINTAINER, Package, Script, fetch_all, read_list, scripts_of  # noqa: E402  # the same

from downloads import cache_folder  # noqa: E402  # after the path is set

SEED = 20261128
MOST_LINES = 400  # each is read to its end by eye
FEWEST_LINES = 6  # one that only hands over to another program has nothing to tell apart
# Liberal: what may be a fact of the kind, in a line that is no comment. The labels say what is one.
WORDS = {
    "cron": re.compile(
        r"\bcrontab\b|(>|\b(cp|mv|install|tee|ln|cat|sed)\b).*\bcron(\.(d|hourly|daily|weekly|monthly)|/)"
    ),
    "privilege": re.compile(r"\b(sudo|doas|runuser|pkexec|setpriv)\b|(^|[\s;&|(\"'`/])su\s+[-\w\"'$]"),
    "network": re.compile(
        r"\b(curl|wget|sftp|scp|rsync|ssh|ftp|lftp|nc|netcat|telnet)\s|\bgit\s+(clone|fetch|pull)\b|\b(psql|mysql|mysqldump)\s"
    ),
    "unit": re.compile(
        r"\b(systemctl|invoke-rc\.d|deb-systemd-(helper|invoke)|update-rc\.d|rc-service|initctl)\b|\binit\.d/|\bservice\s+\S"
    ),
}
# How many of each kind from each origin: most of the scripts that a package brings are its maintainer scripts.
SHARES = {
    "cron": {"maintainer": 4, "program": 3, "pypi": 1},
    "privilege": {"maintainer": 5, "init": 3, "program": 5, "npm": 2, "pypi": 3},
    "network": {"maintainer": 2, "program": 7, "npm": 3, "pypi": 4},
    "unit": {"maintainer": 6, "init": 4, "program": 3, "npm": 2, "pypi": 3},
}
# Few scripts write a cron file: what may do so, in the packages that were not drawn from and in those of more.txt.
CRON_PATH = re.compile(
    r"=\S*(/etc/cron|spool/cron)|\bcrontab\s+(-u\s+\S+\s+)?(-(\s|$|\))|[^-\s|&;)])"
    r"|(>>?|\b(cp|mv|install|tee|ln|cat|ucf)\s).*(/etc/cron|spool/cron)"
)
MORE = 6
# A second, smaller draw to measure by once the first had shown what to mend; from packages that the first left.
HELD_OUT_SEED, HELD_OUT_LINES, HELD_OUT_FROM = 20261129, 160, 67
HELD_OUT = {
    "cron": {"maintainer": 2, "program": 2},
    "privilege": {"maintainer": 2, "program": 3, "npm": 1, "pypi": 2},
    "network": {"program": 4, "npm": 2, "pypi": 3, "maintainer": 1},
    "unit": {"maintainer": 3, "init": 2, "program": 2, "npm": 1, "pypi": 2},
}
SPARE = ("program", "maintainer", "pypi", "npm", "init")  # who gives where an origin has too few


def origin(script: Script) -> str:
    """Which stratum of SHARES a script belongs to."""
    if script.package.kind != "deb":
        return script.package.kind
    if script.member.startswith("control/"):
        return "maintainer" if script.member.removeprefix("control/") in MAINTAINER else "other"
    return "init" if script.member.startswith("etc/init.d/") else "program"


def lines_of(script: Script) -> list[str]:
    return script.content.decode("latin-1").splitlines()


def holds(script: Script, word: re.Pattern[str]) -> bool:
    """Whether a line that is no comment has a word."""
    return any(word.search(line) for line in lines_of(script) if not line.lstrip().startswith("#"))


def candidates(scripts: Iterable[Script], most: int = MOST_LINES) -> Iterator[Script]:
    """Those of a length that can be read, each content once."""
    seen: set[bytes] = set()
    for script in scripts:
        if FEWEST_LINES <= len(lines_of(script)) <= most and script.content not in seen:
            seen.add(script.content)
            yield script


class Draw:
    """Sixty scripts, each from a package of its own."""

    def __init__(self, scripts: Iterable[Script], seed: int = SEED, most: int = MOST_LINES) -> None:
        self.cells: dict[tuple[str, str], list[Script]] = defaultdict(list)
        self.writers: list[Script] = []
        for script in candidates(scripts, most):
            for kind, word in WORDS.items():
                if holds(script, word):
                    self.cells[kind, origin(script)].append(script)
            if holds(script, CRON_PATH):
                self.writers.append(script)
        self.chance = random.Random(seed)
        self.taken: set[str] = set()

    def rows(self, of: dict[str, dict[str, int]] = SHARES) -> Iterator[tuple[str, str, Script]]:
        """(kind it was drawn for, origin, script)."""
        for kind, shares in of.items():
            drawn = [row for where, share in shares.items() for row in self.draw(kind, where, share)]
            for where in SPARE:
                drawn += self.draw(kind, where, sum(shares.values()) - len(drawn))
            yield from drawn

    def more(self, scripts: Iterable[Script]) -> Iterator[tuple[str, str, Script]]:
        """Scripts that may write a cron file, after the sixty."""
        self.writers += [script for script in candidates(scripts) if holds(script, CRON_PATH)]
        for script in self.writers:
            self.cells["cron-path", "any"].append(script)
        return ((kind, origin(script), script) for kind, _, script in self.draw("cron-path", "any", MORE))

    def draw(self, kind: str, where: str, share: int) -> list[tuple[str, str, Script]]:
        """A package first, then one of its scripts, so that a package with many is not drawn more often."""
        cell: dict[str, list[Script]] = defaultdict(list)
        for script in self.cells[kind, where]:
            if script.package.name not in self.taken:
                cell[script.package.name].append(script)
        names = self.chance.sample(sorted(cell), min(share, len(cell)))
        self.taken.update(names)
        return [(kind, where, self.chance.choice(cell[name])) for name in names]


def drawn() -> tuple[list[tuple[str, str, Script]], list[str]]:
    """The rows, and what was said of packages that were not fetched."""
    lists = [read_list(HERE / name) for name in ("packages.txt", "more.txt")]
    (found, said), (more, said_too) = (fetch_all(packages, cache_folder("oracles")) for packages in lists)
    draw = Draw(all_scripts(found))
    return [*draw.rows(), *draw.more(all_scripts(more))], said + said_too


def held_out() -> tuple[list[tuple[str, str, Script]], list[str]]:
    """The rows of the second draw, and what was said of packages that were not fetched."""
    found, said = fetch_all(read_list(HERE / "packages.txt"), cache_folder("oracles"))
    draw = Draw(all_scripts(found), HELD_OUT_SEED, HELD_OUT_LINES)
    first = (HERE / "scripts.txt").read_text(encoding="ascii").splitlines()
    draw.taken = {row.split()[4] for row in first if not row.startswith("#")}
    return [*draw.rows(HELD_OUT)], said


def all_scripts(found: dict[Package, Path]) -> Iterator[Script]:
    return (script for package, path in found.items() for script in scripts_of(package, path))


def write(folder: Path, number: int, script: Script) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number:02}.sh").write_bytes(script.content)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, help="a folder outside the tree for the scripts themselves")
    parser.add_argument("--held-out", action="store_true", help="the second draw")
    options = parser.parse_args()
    rows, said = held_out() if options.held_out else drawn()
    print(*said, sep="\n", end="\n" if said else "", file=sys.stderr)
    seed, start = (HELD_OUT_SEED, HELD_OUT_FROM) if options.held_out else (SEED, 1)
    print(f"# seed {seed}: number, drawn for, origin, kind, package, version, lines, sha256, member; see draw.py")
    for number, (kind, where, script) in enumerate(rows, start):
        package, digest = script.package, hashlib.sha256(script.content).hexdigest()
        count = len(lines_of(script))
        print(f"{number:02}", kind, where, package.kind, package.name, package.version, count, digest, script.member)
        if options.into:
            write(options.into, number, script)


if __name__ == "__main__":
    main()
