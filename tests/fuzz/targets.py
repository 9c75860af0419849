"""What is fuzzed: the targets by name, each with its claim, its seeds, and how it is driven."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from fuzz import other_claims, run_claims, seeds, text_claims, walk_claims, wire_claims
from pkgscan.archive.formats import detect

Claim = Callable[[bytes], object]
Seeds = Callable[[], Mapping[str, bytes]]


class Target(msgspec.Struct, frozen=True):
    """A claim that takes any bytes and raises where it does not hold.

    `decodes`: native decoders run in the target's own process, so that a crash of one ends it; in the product that
    costs a child. `mends`: mutations get their checksums made right. `guided`: led by coverage, or by chance alone.
    """

    claim: Claim
    seeds: Seeds
    decodes: bool = False
    mends: bool = False
    guided: bool = True


def targets() -> dict[str, Target]:
    """Every target: one for each reader, each format of the walk, and each thing that is told or written."""
    readers = {f"reader-{kind}": Target(text_claims.check_reader(kind), seeds.texts) for kind in text_claims.kinds()}
    formats = {f"walk-{name}": _of_format(name) for name in sorted(_formats())}
    return {
        "walk": Target(walk_claims.check_walk, seeds.packages, decodes=True, mends=True),
        **formats,
        "zip": Target(walk_claims.check_zip, seeds.zips, decodes=True, mends=True),
        "limits": Target(walk_claims.check_limits, seeds.packages, decodes=True, mends=True),
        "nested": Target(walk_claims.check_nested, seeds.packages, decodes=True, mends=True),
        "second-look": Target(walk_claims.check_second_look, seeds.packages, decodes=True, mends=True),
        "tar": Target(other_claims.check_tar, seeds.tars, decodes=True, mends=True),
        "compressed": Target(other_claims.check_compressed, seeds.compressed, decodes=True, mends=True),
        "package": Target(run_claims.check_package, seeds.packages, decodes=True, mends=True),
        "files": Target(run_claims.check_tree_of_files, seeds.trees, decodes=True),
        **readers,
        "safe": Target(text_claims.check_safe, seeds.texts),
        "settings": Target(text_claims.check_settings, seeds.settings),
        "acceptances": Target(text_claims.check_acceptances, seeds.settings),
        "frames": Target(wire_claims.check_frames, seeds.frames),
        "messages": Target(wire_claims.check_messages, seeds.payloads),
        "reports": Target(run_claims.check_hostile_report, seeds.texts),
        "command": Target(run_claims.check_command, seeds.packages, guided=False),
    }


def _formats() -> set[str]:
    return {form for data in seeds.archives().values() if (form := detect(data))} - {"zip"}


def _of_format(name: str) -> Target:
    """The walk over what begins as archives of one format do."""

    def chosen() -> Mapping[str, bytes]:
        return {key: data for key, data in seeds.packages().items() if detect(data) == name}

    return Target(walk_claims.check_walk, chosen, decodes=True, mends=True)
