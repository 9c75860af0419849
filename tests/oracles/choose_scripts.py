"""Chooses the Debian packages whose scripts the shell oracle reads: by seed, small ones that act on a host.

Run by hand and commit what it prints: `python tests/oracles/choose_scripts.py > tests/oracles/script_packages.txt`.
Names come from the local package index.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "quiet"))

from choose import available, relations

SEED = 20261128
SIZE = 250_000  # bytes of a deb: all that are wanted of it are its scripts
# Each stratum takes its share before the next one looks: what a package depends on tells which scripts it brings.
STRATA = (
    ("schedule", 40, re.compile(r"\b(cron|cron-daemon|anacron|logrotate)\b")),
    ("service", 330, re.compile(r"\b(init-system-helpers|lsb-base|sysvinit-utils)\b")),
    ("accounts", 230, re.compile(r"\b(adduser|ucf|debconf|update-inetd|dbconfig-common)\b")),
)


def main() -> None:
    chance = random.Random(SEED)
    stanzas = {fields["Package"]: fields for fields in available() if int(fields["Size"]) < SIZE}
    print(f"# seed {SEED}: name, version, stratum; see choose_scripts.py")
    for stratum, share, wanted in STRATA:
        names = sorted(name for name, fields in stanzas.items() if wanted.search(relations(fields)))
        for name in sorted(chance.sample(names, share)):
            print(name, stanzas.pop(name)["Version"], stratum)


if __name__ == "__main__":
    main()
