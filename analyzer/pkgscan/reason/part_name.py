"""What a package file is called without its version."""

from __future__ import annotations

from pkgscan.patterns import pattern


def part_name(file_name: str) -> str:
    """`app` of `app_7.4-1~deb11u1_amd64.deb`, `app-tools` of `app-tools-7.4.zip`; a name without a version as it is."""
    found = pattern(r"(.+?)[-_.]v?\d").match(file_name)
    return found[1] if found else file_name
