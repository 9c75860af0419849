"""Cabinets as gcab writes them, and the installer databases of Windows that hold them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from comparison import View, bsdtar, do, files, leaf, unpacked, views, whole

from command import Pkgscan

DEEP = "deep"  # its path is longer than the 255 bytes that gcab writes and nobody, cabextract included, reads
KINDS = {"stored": (), "mszip": ("--zip",)}
INSTALLER = """\
<?xml version="1.0"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="*" Name="Billing" Version="1.0" Manufacturer="Vendor" Language="1033"
           UpgradeCode="6b5c2a6c-0d5c-4a5e-9b0e-0c7a3c1b9d11">
    <Package InstallerVersion="200" Compressed="yes"/>
    <Media Id="1" Cabinet="billing.cab" EmbedCab="yes"/>
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Component Id="Main" Guid="2f4a1b8e-7a55-4b0f-8f5e-3d1e0a9c7b22"><File Id="Main" Source="install.sh"/></Component>
    </Directory>
    <Feature Id="All" Level="1"><ComponentRef Id="Main"/></Feature>
  </Product>
</Wix>
"""


@pytest.fixture(scope="module")
def folder(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cabinets")
    names = [name for name, _ in files(tree) if not name.startswith(DEEP)]
    for name, options in KINDS.items():
        do("gcab", "--create", *options, folder / f"{name}.cab", *names, cwd=tree)
    return folder


@pytest.fixture(scope="module")
def found(pkgscan_shared: Pkgscan, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, View]:
    return views(pkgscan_shared, folder, tmp_path_factory.mktemp("facts") / "facts")


def cabextract(archive: Path, target: Path) -> None:
    do("cabextract", "--quiet", archive, cwd=target)


@pytest.mark.parametrize("name", KINDS)
def test_cabinets(folder: Path, found: dict[str, View], tree: Path, tmp_path: Path, name: str) -> None:
    archive = folder / f"{name}.cab"
    assert found[archive.name] == View(leaves=whole(tree, without=DEEP))
    assert unpacked(cabextract, archive, tmp_path / "cabextract") == whole(tree, without=DEEP)
    assert bsdtar(archive, tmp_path / "bsdtar") == whole(tree, without=DEEP)


def test_a_cabinet_with_a_path_nobody_reads(pkgscan: Pkgscan, tree: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    do("gcab", "--create", folder / "long.cab", *(name for name, _ in files(tree)), cwd=tree)
    view = views(pkgscan, folder, tmp_path / "facts")["long.cab"]
    assert (view.leaves, [reason for reason, _ in view.gaps]) == (Counter(), ["damaged"])


def test_in_another_archive(pkgscan_shared: Pkgscan, folder: Path, found: dict[str, View], tmp_path: Path) -> None:
    """What cannot be sought in place is spooled, and reads the same."""
    outer = tmp_path / "outer"
    outer.mkdir()
    do("tar", "-C", folder, "-czf", outer / "all.tar.gz", *(f"{name}.cab" for name in KINDS))
    inner = views(pkgscan_shared, outer, tmp_path / "facts")["all.tar.gz"]
    assert inner == View(leaves=sum((view.leaves for view in found.values()), Counter()))


def test_an_installer_database(pkgscan: Pkgscan, tmp_path: Path) -> None:
    """It is not read, and a scan says so; its cabinet, once taken out, is."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "install.sh").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "billing.wxs").write_text(INSTALLER)
    do("wixl", "-o", folder / "billing.msi", tmp_path / "billing.wxs", cwd=tmp_path)
    do("7z", "e", "-tCompound", folder / "billing.msi", "billing.cab", cwd=folder)
    found = views(pkgscan, folder, tmp_path / "facts")
    assert [reason for reason, _ in found["billing.msi"].gaps] == ["unsupported-format"]
    assert "msi" in found["billing.msi"].gaps[0][1]
    assert found["billing.cab"] == View(leaves=Counter([leaf("Main", b"#!/bin/sh\nexit 0\n")]))
