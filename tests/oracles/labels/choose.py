"""Chooses the packages whose scripts are drawn from: by seed among Debian's, by name among those of npm and PyPI.

Run by hand and commit what it prints: `python tests/oracles/labels/choose.py --npm LIST --pypi LIST > packages.txt`.
Debian's come from the local package index (`apt-cache dumpavail`); the versions of the others from tab-separated lists
that begin with name and version.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

SEED = 20261128
SIZE = 1_000_000  # bytes of a deb: small packages have as many scripts as large ones
# What a package depends on tells what its scripts may call; each stratum takes its share before the next one looks.
STRATA = (
    ("cron", 55, re.compile(r"\b(cron|cron-daemon|anacron|systemd-cron)\b")),
    ("clients", 55, re.compile(r"\b(curl|wget|rsync|openssh-client|lftp|postgresql-client|default-mysql-client)\b")),
    ("rights", 30, re.compile(r"\b(sudo|doas|pkexec|policykit-1|schroot|libpam-runtime)\b")),
    ("services", 50, re.compile(r"\b(init-system-helpers|lsb-base|sysvinit-utils)\b")),
    ("accounts", 35, re.compile(r"\b(adduser|ucf)\b")),
)
# Few scripts write into a cron directory; these packages are known for it.
CRON = (
    "aide-common", "apticron", "autopostgresqlbackup", "awstats", "backupninja", "bcron", "clamav-freshclam",
    "cron-apt", "debsecan", "dspam", "etckeeper", "fcron", "fusioninventory-agent", "greylistd", "inn2", "leafnode",
    "logcheck",
    "mlmmj", "munin-node", "ocsinventory-agent", "popularity-contest", "rkhunter", "rsnapshot", "sa-compile",
    "slrnpull", "smokeping", "sysstat", "systemd-cron", "tiger", "unattended-upgrades", "uptimed", "webalizer",
)  # fmt: skip
NPM = (
    "@geekbeer/minion", "@treehouses/cli", "aws-code-deploy", "cloudify-ui-common-scripts", "deploy-to-gh-pages",
    "djo-shell", "ffmpeg-installer", "flightplan", "forever-service", "ghost-cli", "gog", "homebridge-config-ui-x",
    "hubot", "iobroker", "meshcentral", "n", "node-linux", "node-red", "node-wait-for-it", "npm", "pigpio", "pimatic",
    "pm2", "rpio", "sanctuary-scripts", "serverless", "service", "signalk-server", "strong-service-install",
    "supervisor", "task-library", "tmex", "underscore-cli", "wetty", "zigbee2mqtt",
)  # fmt: skip
PYPI = (
    "autoservice", "aws-parallelcluster", "basher", "cobbler", "diskimage-builder", "dstack", "edox-ops", "flask-nginx",
    "flintrock", "frappe-bench", "gitrelay", "heat-agents", "heymilo", "ironic-python-agent-builder", "jetson-stats",
    "kolla", "magnum", "nvflare", "octavia", "octoprint", "openstack-heat", "paasta-tools", "sahara", "skypilot",
    "toil", "tripleo-image-elements", "trove", "virtualenvwrapper",
)  # fmt: skip


def choose_debs(chance: random.Random) -> Iterator[str]:
    """Lines for Debian packages: the named ones, then stratum by stratum."""
    stanzas = {fields["Package"]: fields for fields in available()}
    for name in sorted(set(CRON) & stanzas.keys()):
        yield f"deb {name} {stanzas.pop(name)['Version']} named"
    for stratum, share, wanted in STRATA:
        names = sorted(name for name, fields in stanzas.items() if wanted.search(relations(fields)))
        for name in sorted(chance.sample(names, min(share, len(names)))):
            yield f"deb {name} {stanzas.pop(name)['Version']} {stratum}"


def available() -> Iterator[dict[str, str]]:
    """The small packages of the local index; those with a security update are left out, their versions do not stay."""
    text = subprocess.run(["apt-cache", "dumpavail"], check=True, capture_output=True, text=True).stdout
    stanzas = [dict(re.findall(r"^([A-Z][\w-]*): (.*)$", stanza, re.MULTILINE)) for stanza in text.split("\n\n")]
    updated = {fields["Package"] for fields in stanzas if "/updates/" in fields.get("Filename", "")}
    small = (fields for fields in stanzas if int(fields.get("Size", SIZE)) < SIZE)
    return (fields for fields in small if fields["Package"] not in updated)


def relations(fields: dict[str, str]) -> str:
    """What a package depends on or recommends, as one text."""
    return " ".join(fields.get(name, "") for name in ("Pre-Depends", "Depends", "Recommends"))


def choose_named(registry: str, names: tuple[str, ...], path: Path) -> Iterator[str]:
    """Lines for the packages of a registry that we name, with the versions of the list."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    versions = {row[0]: row[1] for row in rows if len(row) > 1}
    return (f"{registry} {name} {versions[name]} named" for name in names if name in versions)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--npm", type=Path, required=True)
    parser.add_argument("--pypi", type=Path, required=True)
    options = parser.parse_args()
    print(f"# seed {SEED}: kind, name, version, stratum; see choose.py")
    print(*choose_debs(random.Random(SEED)), sep="\n")
    print(*choose_named("npm", NPM, options.npm), sep="\n")
    print(*choose_named("pypi", PYPI, options.pypi), sep="\n")


if __name__ == "__main__":
    main()
