"""What pack.py makes is what the real tools take it for: a signed list, a Debian package, a program."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PACK = Path(__file__).parents[2] / "fixtures" / "packages" / "pack.py"


def unpack(outdir: Path, *options: str) -> Path:
    command = [sys.executable, str(PACK), str(outdir), *options]
    packed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(outdir)
    return outdir / "billing-platform-7.4.0"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(tmp_path_factory.mktemp("story"))


def run(tree: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def cms_verify(tree: Path, root: str) -> subprocess.CompletedProcess[str]:
    files = ("-in", "SHA256SUMS.p7s", "-inform", "DER", "-content", "SHA256SUMS", "-certfile", "keys/chain.pem")
    return run(tree, "openssl", "cms", "-verify", "-binary", *files, "-purpose", "any", "-CAfile", root, "-out", "sums")


def test_openssl_accepts_the_signature_only_below_the_packages_own_root(tree: Path) -> None:
    assert cms_verify(tree, "keys/chain.pem").returncode == 0
    refused = cms_verify(tree, "../profile/trust/vendor-root-2016.pem")
    assert refused.returncode != 0
    assert "issuer certificate" in refused.stderr


def test_openssl_reaches_the_old_root_through_the_cross_signed_one(tmp_path: Path) -> None:
    tree = unpack(tmp_path, "--keys", "cross-signed")
    trusted = ("-CAfile", "../profile/trust/vendor-root-2016.pem", "-untrusted", "keys/chain.pem")
    assert run(tree, "openssl", "verify", *trusted, "keys/release-signing.pem").returncode == 0


def test_sha256sum_agrees(tree: Path) -> None:
    assert run(tree, "sha256sum", "--check", "--quiet", "SHA256SUMS").returncode == 0


def test_dpkg_reads_the_debian_package(tree: Path) -> None:
    deb = "payload/billing-tools_7.4.0_all.deb"
    assert run(tree, "dpkg-deb", "--field", deb, "Package", "Version").stdout == (
        "Package: billing-tools\nVersion: 7.4.0\n"
    )
    assert "./etc/logrotate.d/billing-api" in run(tree, "dpkg-deb", "--contents", deb).stdout


def test_the_kernel_runs_the_gateway(tree: Path) -> None:
    run(tree, "tar", "xzf", "payload/billing-app-7.4.0.tar.gz")
    assert run(tree, "opt/billing/bin/billing-gateway").returncode == 0
