"""Signatures of schemes that are not verified: told as present, never as cover, and the package never as unsigned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from command import Pkgscan
from packing import zip_of

SCRIPT = b"#!/bin/sh\necho hello\n"
MEMBERS = {
    "NuGet": ".signature.p7s",
    "OPC": "package/services/digital-signature/xml-signature/abc.psdsxs",
    "MSIX": "AppxSignature.p7x",
    "Apple": "App.app/Contents/_CodeSignature/CodeResources",
    "sigstore": "install.sh.sigstore.json",
}
REQUIRED = "profile = 1\n[signatures]\nrequire_signature = true\n"


def report(pkgscan: Pkgscan, package: Path, *options: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(pkgscan("scan", "-f", "json", *options, package).stdout)
    return found


def with_signing_block(plain: bytes) -> bytes:
    """A zip with an APK signing block (64-bit size, pairs, size again, mark) before its directory."""
    pairs = (12).to_bytes(8, "little") + (0x7109871A).to_bytes(4, "little") + bytes(8)
    size = (len(pairs) + 24).to_bytes(8, "little")
    block = size + pairs + size + b"APK Sig Block 42"
    end = plain.rindex(b"PK\5\6")
    start = int.from_bytes(plain[end + 16 : end + 20], "little")
    moved = (start + len(block)).to_bytes(4, "little")
    return plain[:start] + block + plain[start : end + 16] + moved + plain[end + 20 :]


@pytest.fixture(params=[*MEMBERS, "APK"])
def signed(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    scheme = request.param
    package = tmp_path / "app.zip"
    if scheme == "APK":
        package.write_bytes(with_signing_block(zip_of({"install.sh": SCRIPT})))
    else:
        package.write_bytes(zip_of({"install.sh": SCRIPT, MEMBERS[scheme]: b"some signature"}))
    return scheme, package


def test_it_is_present_and_not_verified(pkgscan: Pkgscan, signed: tuple[str, Path], tmp_path: Path) -> None:
    scheme, package = signed
    found = report(pkgscan, package)
    (row,) = found["trust"]
    assert (row["verdict"], row["covered"]) == ("not-checked", 0)
    assert scheme in row["why"]
    gaps = [gap for gap in found["gaps"] if gap["reason"] == "unverified-signature"]
    assert [gap["effect"] for gap in gaps] == ["partial"]
    assert "unsigned-package" not in {one["rule"] for one in found["findings"]}
    (tmp_path / "target.toml").write_text(REQUIRED)
    (problem,) = [
        one
        for one in report(pkgscan, package, "--target", tmp_path / "target.toml")["findings"]
        if one["rule"] == "unsigned-package"
    ]
    assert (problem["category"], problem["severity"]) == ("contradiction", "high")
