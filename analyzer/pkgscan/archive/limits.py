"""The limits of one scan: bytes, counts and CPU seconds. Each may be changed with `--limit KEY=VALUE`."""

from __future__ import annotations

import re

import msgspec

from pkgscan.errors import UserError

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

LEAST_MEMORY = 64 * MIB  # below that a child cannot even load what it reads with

_UNITS = {"": 1, "k": KIB, "m": MIB, "g": GIB, "t": GIB << 10}
_SIZE = r"(\d+)\s*([kmgt]?)(?:i?b)?"


class Limits(msgspec.Struct, frozen=True):
    """What one scan may use. Bytes are real bytes as they come out, never sizes an archive declares."""

    entries: int = 1_000_000  # in the whole package; an index of all of Debian has fewer files per release
    archive_entries: int = 250_000  # in one archive; the largest npm tarballs hold about 50,000
    unpacked: int = 16 * GIB  # in the whole package, nested bytes counted at each level
    entry: int = 4 * GIB  # of one entry; database dumps in vendor packages reach this, not more
    depth: int = 12  # archives in archives; real packages reach 4
    # Unpacked over packed bytes of one archive. Real packages lie between 3 and 10, but one that holds a table of time
    # zones many times reaches 260 (libjs-moment-timezone 0.5.40); zeros reach 1030 by deflate, far more by xz, bzip2.
    ratio: int = 500
    ratio_floor: int = 64 * MIB  # below this many unpacked bytes a ratio harms nobody
    name: int = 4096  # bytes of a member name or link target: PATH_MAX
    # Of headers and tables read for one archive: of 7z, rpm, rar and xar. The kernel's own rpm, with tens of thousands
    # of files, has 10 MiB. The least block and element count as 32 bytes and 12.
    metadata: int = 64 * MIB
    paths: int = 64 * MIB  # bytes of all paths of entries together; a million real ones have about as many
    gaps: int = 1000  # of one reason in one archive that are told one by one; nobody reads more
    buffer: int = 32 * MIB  # of one entry handed to a reader; the rest is hashed only, and that is said
    # Bytes of the lines of all crontabs, a short one counted as 64, without comments: nine times what the largest
    # real one has. The worst text of that size takes four seconds to read.
    commands: int = 96 * KIB
    payload: int = (
        4 * MIB
    )  # behind a script or program, where an archive must begin: four times the longest such script
    spool: int = 4 * GIB  # of nested archives that need seeking, all together
    spool_memory: int = 256 * MIB  # of the spool kept in memory before it goes to an unlinked file
    memory: int = 1 * GIB  # address space of a child over what it starts with
    archive_cpu: int = 120  # CPU seconds on one archive, nested ones included
    entry_cpu: int = 30  # CPU seconds on reading one entry
    cpu: int = 900  # CPU seconds of all the walking
    findings: int = 25_000  # in one report: what a code-scanning server takes


def parse_limit(limits: Limits, setting: str) -> Limits:
    """The limits with one `KEY=VALUE` changed; sizes take k, m, g, t (powers of 1024). Raises UserError."""
    key, _, value = setting.partition("=")
    known = Limits.__struct_fields__
    if key not in known:
        raise UserError(f"unknown limit {key!r}", f"known limits: {', '.join(known)}")
    match = re.fullmatch(_SIZE, value.strip(), re.IGNORECASE)
    if match is None:
        raise UserError(f"limit {key} needs a whole number, not {value!r}", f"write it as {key}={getattr(limits, key)}")
    number = int(match[1]) * _UNITS[match[2].lower()]
    least = LEAST_MEMORY if key == "memory" else 1
    if number < least:
        raise UserError(f"limit {key} cannot be {value}", f"the least is {least}")
    return msgspec.structs.replace(limits, **{key: number})
