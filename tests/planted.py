"""Programs planted first on PATH that only log their start, and packages that tempt a scanner to start them."""

from __future__ import annotations

import bz2
import os
from pathlib import Path

from packing import deb_of, tar_of, zip_of

# What libarchive's default filters start, what a search for a C library starts, and what unpackers usually are.
NAMES = (
    *("lrzip", "grzip", "lzop", "bzip2", "bunzip2", "gzip", "xz", "zstd", "lz4", "lzma", "uncompress", "uudecode"),
    *("gcc", "cc", "ld", "ldconfig", "objdump"),
    *("tar", "cpio", "unzip", "7z", "7za", "unrar", "dpkg", "dpkg-deb", "ar", "rpm", "rpm2cpio", "file", "strings"),
    *("sh", "bash", "env", "crontab", "systemctl", "systemd-analyze", "sudo", "sftp", "psql", "gpg", "openssl"),
)
# First bytes by which libarchive 3.8 knows what it would hand to a program, from its filters' bid functions.
LRZIP = b"LRZI\x00\x06" + bytes(18) + b"payload" * 9
GRZIP = b"GRZipII\x00\x02\x04:)" + b"payload" * 9
LZOP = b"\x89LZO\x00\x0d\x0a\x1a\x0a" + b"\x10\x40\x20\xa0\x09\x40" + b"payload" * 9
TEMPTATIONS = {"a.lrz": LRZIP, "a.grz": GRZIP, "a.lzo": LZOP, "a.tar.bz2": tar_of({"a": b"a" * 999}, "w:bz2")}


def plant(folder: Path) -> tuple[str, Path]:
    """A PATH that starts with the stubs, and the log they write to."""
    log = folder / "started.log"
    stubs = folder / "stubs"
    stubs.mkdir(parents=True)
    for name in NAMES:
        stub = stubs / name
        stub.write_text(f"#!/bin/sh\necho {name} \"$@\" >>'{log}'\nexit 1\n")
        stub.chmod(0o755)
    return f"{stubs}{os.pathsep}{os.environ['PATH']}", log


def started(log: Path) -> list[str]:
    """The command lines of the stubs that ran."""
    return log.read_text().splitlines() if log.exists() else []


def tempting_zip(marker: Path) -> bytes:
    """Everything at once: each temptation bare, in a tar and in a deb, and scripts that would leave a mark."""
    script = f"#!/bin/sh\ntouch '{marker}'\n$(touch '{marker}')\n`touch '{marker}'`\n".encode()
    job = f"* * * * * root touch '{marker}' | sh -c \"$(touch '{marker}')\"\n".encode()
    files = {"etc/cron.d/job": job, "etc/cron.daily/job": script, "opt/app/run.sh": script}
    timer = b"[Timer]\nOnCalendar=*-*-* 03:00\n[Install]\nWantedBy=timers.target\n"
    service = f"[Service]\nExecStart=/bin/sh -c \"touch '{marker}'\"\n".encode()
    units = {"lib/systemd/system/a.timer": timer, "lib/systemd/system/a.service": service}
    control = {"./control": b"Package: a\nVersion: 1\n", "./postinst": script, "./config": script}
    python = {"setup.py": f"open({str(marker)!r}, 'w')\n".encode(), "conftest.py": b"raise SystemExit\n"}
    return zip_of({
        **TEMPTATIONS, **files, **units, **python,
        "in.tar": tar_of(TEMPTATIONS),
        "in.tar.xz": tar_of({**TEMPTATIONS, **files}, "w:xz"),
        "in.deb": deb_of(files | TEMPTATIONS, control),
        "log.bz2": bz2.compress(b"line\n" * 99),
    })  # fmt: skip
