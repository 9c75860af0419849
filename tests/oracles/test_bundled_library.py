"""The libarchive inside the archi wheel is libarchive and nothing else, as far as its symbols and its papers tell."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# What no archive library needs: to reach the network, or to load code at run time.
FOREIGN = ("socket", "connect", "bind", "listen", "accept", "sendto", "recvfrom", "getaddrinfo", "dlopen", "ptrace")
SYSTEM = Path("/usr/lib") / f"{sys.implementation._multiarch}" / "libarchive.so.13"
DISTRIBUTION = "pkg:rpm/almalinux/"


@pytest.fixture(scope="module")
def bundle() -> Path:
    (found,) = [Path(folder) / "archi.libs" for folder in sys.path if (Path(folder) / "archi.libs").is_dir()]
    return found


def symbols(library: Path, option: str) -> set[str]:
    done = subprocess.run(["nm", "-D", option, str(library)], capture_output=True, text=True, check=True)
    return {line.split()[-1].partition("@")[0] for line in done.stdout.splitlines()}


@pytest.mark.skipif(shutil.which("nm") is None or not SYSTEM.exists(), reason="needs nm and a libarchive of the system")
def test_it_offers_what_the_systems_library_offers(bundle: Path) -> None:
    (library,) = bundle.glob("libarchive-*.so.13.*")
    offered = {name for name in symbols(SYSTEM, "--defined-only") if name.startswith("archive_")}
    assert len(offered) > 400  # the interface of libarchive 3
    assert offered <= symbols(library, "--defined-only")


@pytest.mark.skipif(shutil.which("nm") is None, reason="needs nm")
def test_it_can_reach_no_network_and_load_no_code(bundle: Path) -> None:
    for library in bundle.glob("*.so.*"):
        assert not symbols(library, "--undefined-only").intersection(FOREIGN), library.name


def test_its_companions_come_from_a_distribution(bundle: Path) -> None:
    (papers,) = bundle.parent.glob("archi-*.dist-info/sboms/auditwheel.cdx.json")
    components = json.loads(papers.read_text())["components"]
    known = {part["name"] for part in components if part["purl"].startswith(DISTRIBUTION)}
    assert known == {"libacl", "libzstd", "lz4-libs", "xz-libs"}
    files = {path.name.partition("-")[0] for path in bundle.iterdir()}
    assert files == {"libacl", "libarchive", "liblz4", "liblzma", "libzstd"}
