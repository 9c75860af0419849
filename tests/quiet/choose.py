"""Chooses the packages that `make quiet` scans: by seed, among those that act on a host when they are installed.

Run by hand and commit what it prints: `python tests/quiet/choose.py --npm LIST --pypi LIST > tests/quiet/packages.txt`.
Debian's names come from the local package index (`apt-cache dumpavail`); the other two from tab-separated lists
of name, version and, in the last column, a summary.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

SEED = 20261123
SIZE = 15_000_000  # bytes of a deb; larger ones cost minutes and teach nothing new about noise
# What a package depends on tells what it does when installed; each stratum takes its share before the next one looks.
STRATA = (
    ("schedule", 40, re.compile(r"\b(cron|cron-daemon|anacron|systemd-cron|logrotate)\b")),
    ("database", 25, re.compile(r"\b(dbconfig-common|dbconfig-\w+|default-mysql-client|postgresql-client\S*)\b")),
    ("service", 60, re.compile(r"\b(init-system-helpers|lsb-base|sysvinit-utils|systemd)\b")),
    ("accounts", 45, re.compile(r"\b(adduser|ucf|debconf|update-inetd)\b")),
    ("any", 30, re.compile("")),
)
TRADE = re.compile(
    r"\b(installer|self-hosted|daemon|systemd|cron jobs?|migrations?|provision\w*"
    r"|deploy(?:ment|s)? (?:tool|scripts?|cli))\b",
    re.IGNORECASE,
)
WANTED = 40  # of each of npm and PyPI; some turn out too large or withdrawn
NPM_DOWNLOADS = 2_000  # a month; below that most are experiments


def choose_debs(chance: random.Random) -> Iterator[str]:
    """Lines for Debian packages, stratum by stratum."""
    stanzas = {fields["Package"]: fields for fields in available() if int(fields["Size"]) < SIZE}
    for stratum, share, wanted in STRATA:
        names = sorted(name for name, fields in stanzas.items() if wanted.search(relations(fields)))
        for name in sorted(chance.sample(names, share)):
            yield f"deb {name} {stanzas.pop(name)['Version']} {stratum}"


def available() -> Iterator[dict[str, str]]:
    """The stanzas of the local index; packages with a security update are left out, their versions do not stay."""
    text = subprocess.run(["apt-cache", "dumpavail"], check=True, capture_output=True, text=True).stdout
    stanzas = [dict(re.findall(r"^([A-Z][\w-]*): (.*)$", stanza, re.MULTILINE)) for stanza in text.split("\n\n")]
    updated = {fields["Package"] for fields in stanzas if "/updates/" in fields.get("Filename", "")}
    return (fields for fields in stanzas if "Size" in fields and fields["Package"] not in updated)


def relations(fields: dict[str, str]) -> str:
    """What a package depends on or recommends, as one text."""
    return " ".join(fields.get(name, "") for name in ("Pre-Depends", "Depends", "Recommends"))


def choose_listed(registry: str, path: Path, chance: random.Random) -> Iterator[str]:
    """Lines for packages of a list whose summary speaks of installing, scheduling, migrating or serving."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:] if not line.startswith("@")]
    apt = [row for row in rows if len(row) > 3 and TRADE.search(row[-1]) and known(registry, row)]
    for row in sorted(chance.sample(apt, min(WANTED, len(apt)))):
        yield f"{registry} {row[0]} {row[1]} listed"


def known(registry: str, row: list[str]) -> bool:
    """Whether people use it: a rank among the most downloaded (PyPI), or enough downloads a month (npm)."""
    return bool(row[3]) if registry == "pypi" else int(row[2] or 0) >= NPM_DOWNLOADS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--npm", type=Path, required=True)
    parser.add_argument("--pypi", type=Path, required=True)
    options = parser.parse_args()
    print(f"# seed {SEED}: kind, name, version, stratum; see choose.py")
    print(*choose_debs(random.Random(SEED)), sep="\n")
    for registry in ("npm", "pypi"):
        print(*choose_listed(registry, getattr(options, registry), random.Random(SEED)), sep="\n")


if __name__ == "__main__":
    main()
