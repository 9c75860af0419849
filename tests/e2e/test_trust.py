"""Who vouches for a package, by the installed command: the story package in its four forms, and rotations of keys."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from signing import Holder, Vendor, root

from command import Pkgscan
from packing import zip_of

SCRIPT = b"#!/bin/sh\necho hello\n"
NOW = "2026-07-01T00:00:00Z"
UNKNOWN = ("untrusted-root", "assumption", "medium")
CONTRADICTED = ("untrusted-root", "contradiction", "high")
ANNOUNCED = ("untrusted-root", "assumption", "medium")
RULES = {"untrusted-root", "bad-signature", "unsigned-package", "retired-root", "signer-changed", "revoked-signer"}


def pack(folder: Path, keys: str) -> Path:
    program = Path(__file__).parents[2] / "fixtures" / "packages" / "pack.py"
    words = (sys.executable, program, folder, "--version", "7.4.0", "--keys", keys)
    return Path(subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip())


class Seen(NamedTuple):
    """What a report says of trust."""

    verdict: str
    rules: set[tuple[str, str, str]]
    row: dict[str, Any]


def look(pkgscan: Pkgscan, package: Path, *options: object) -> Seen:
    done = pkgscan("scan", "-f", "json", "--now", NOW, *options, package)
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    row = report["trust"][0]
    found = {(one["rule"], one["category"], one["severity"]) for one in report["findings"] if one["rule"] in RULES}
    return Seen(row["verdict"], found, row)


def csaf(pin: str) -> bytes:
    helper = {"x_generic_uris": [{"namespace": "https://vendor.example/signing-keys", "uri": pin}]}
    product = {"name": "release key", "product_id": "K1", "product_identification_helper": helper}
    document = {"csaf_version": "2.0", "category": "csaf_base", "title": "Vendor has a new release root"}
    return json.dumps({"document": document, "product_tree": {"full_product_names": [product]}}).encode()


def ni(pin: str) -> str:
    import base64  # noqa: PLC0415

    digest = base64.urlsafe_b64encode(bytes.fromhex(pin.partition(":")[2])).decode().rstrip("=")
    return f"ni:///sha-256;{digest}"


class Story(NamedTuple):
    """The story package, the profile that trusts the vendor's old root, and the pin of the new root."""

    package: Path
    profile: Path
    root: str


@pytest.fixture
def story(tmp_path: Path, pkgscan: Pkgscan) -> Story:
    package = pack(tmp_path, "unknown-root")
    seen = look(pkgscan, package)
    return Story(package, tmp_path / "profile" / "profile.toml", seen.row["chain"][-1]["pin"])


def test_a_root_that_only_the_package_brings(story: Story, pkgscan: Pkgscan) -> None:
    bare = look(pkgscan, story.package)
    assert (bare.verdict, bare.rules) == ("root-only-in-package", {UNKNOWN})
    assert [link["name"] for link in bare.row["chain"]] == [
        "Vendor Release Signing 2026", "Vendor Release CA 1", "Vendor Root CA 2026",
    ]  # fmt: skip
    trusted = look(pkgscan, story.package, "-t", story.profile)
    assert (trusted.verdict, trusted.rules) == ("root-only-in-package", {CONTRADICTED})
    text = pkgscan("scan", "--now", NOW, "-t", story.profile, story.package).stdout.decode()
    assert story.root in text.replace("\n", "")
    assert "VENDOR-SUP-1" in text


def test_a_root_that_the_trusted_one_signed(tmp_path: Path, pkgscan: Pkgscan) -> None:
    package = pack(tmp_path, "cross-signed")
    bare = look(pkgscan, package)
    assert (bare.verdict, bare.rules) == ("root-only-in-package", {UNKNOWN})
    healed = look(pkgscan, package, "-t", tmp_path / "profile" / "profile.toml")
    assert (healed.verdict, healed.rules) == ("rotated-cross-signed", {("untrusted-root", "assumption", "info")})
    assert healed.row["chain"][-1]["name"] == "Vendor Root CA 2016"
    assert healed.row["chain"][-1]["source"] == "profile"


@pytest.mark.parametrize("form", ["csaf", "statement"])
def test_a_root_that_a_trusted_key_announces(story: Story, tmp_path: Path, pkgscan: Pkgscan, form: str) -> None:
    office = Vendor("Vendor PSIRT <psirt@vendor.example>")
    advisory = tmp_path / "advisory.json"
    if form == "csaf":
        advisory.write_bytes(csaf(ni(story.root)))
        (tmp_path / "advisory.json.asc").write_bytes(office.signature(advisory.read_bytes()))
    else:
        advisory = tmp_path / "advisory.asc"
        advisory.write_bytes(office.clear_signed(f"We have a new root for releases:\n{story.root}\n".encode()))
    (story.profile.parent / "trust" / "psirt.asc").write_bytes(office.certificate)
    known = story.profile.with_name("known.toml")
    known.write_text(story.profile.read_text() + '\n[signatures.advisory_keys]\nopenpgp = ["trust/psirt.asc"]\n')
    options = ("--advisory", advisory)
    seen = look(pkgscan, story.package, *options, "-t", known)
    assert (seen.verdict, seen.rules) == ("rotated-announced", {ANNOUNCED}), seen
    unknown = look(pkgscan, story.package, *options, "-t", story.profile)
    assert (unknown.verdict, unknown.rules) == ("root-only-in-package", {CONTRADICTED})
    assert "a rotation is claimed" in unknown.row["why"]
    bare = look(pkgscan, story.package, *options)
    assert (bare.verdict, bare.rules) == ("root-only-in-package", {UNKNOWN})
    another = tmp_path / "another.txt"
    another.write_text(f"We have a new root for releases:\n{story.root}\n")
    forged = look(pkgscan, story.package, "--advisory", another, "-t", known)
    assert (forged.verdict, forged.rules) == ("root-only-in-package", {CONTRADICTED})


def test_a_root_that_a_forum_announces(story: Story, tmp_path: Path, pkgscan: Pkgscan) -> None:
    forum = tmp_path / "forum.txt"
    forum.write_text(f"Hello all, the new release root is {story.root}. Regards, the vendor\n")
    for options, rules in (((), {UNKNOWN}), (("-t", story.profile), {CONTRADICTED})):
        seen = look(pkgscan, story.package, "--advisory", forum, *options)
        assert (seen.verdict, seen.rules) == ("root-only-in-package", rules)
        assert "a rotation is claimed in advisory:forum.txt, unsigned: nobody we know vouches for it" in seen.row["why"]


def signed(path: Path, holder: Holder, *others: Holder) -> Path:
    path.write_bytes(zip_of({"install.sh": SCRIPT, "SIGNED": b"", "install.sh.p7s": holder.signature(SCRIPT, others)}))
    return path


def profile(path: Path, text: str) -> tuple[str, Path]:
    path.write_text(f"profile = 1\n{text}")
    return "-t", path


def trusting(*pins: str) -> str:
    listed = ", ".join(f'"{pin}"' for pin in pins)
    return f'[[signatures.trust]]\nvendor = "Acme"\npins = [{listed}]\n'


def test_the_signer_of_the_previous_package(tmp_path: Path, pkgscan: Pkgscan) -> None:
    acme, other = root(), root("Other Root")
    before = signed(tmp_path / "app-1.0.zip", acme.issue("Acme Release 1"), acme)
    same = signed(tmp_path / "app-1.1.zip", acme.issue("Acme Release 2"), acme)
    changed = signed(tmp_path / "app-1.2.zip", other.issue("Acme Release 2"), other)
    assert look(pkgscan, same, "--previous", before).rules == {UNKNOWN}
    assert look(pkgscan, changed, "--previous", before).rules == {UNKNOWN, ("signer-changed", "contradiction", "high")}
    pinned = f'[signatures.previous]\nsigner = "{acme.key_pin}"\n'
    options = profile(tmp_path / "t.toml", trusting(other.key_pin) + pinned)
    assert look(pkgscan, changed, *options).rules == {("signer-changed", "contradiction", "high")}
    assert look(pkgscan, same, *options).rules == {CONTRADICTED}


def test_the_openpgp_signer_of_the_previous_package(tmp_path: Path, pkgscan: Pkgscan) -> None:
    acme, other = Vendor(), Vendor()
    for name, vendor in (("1.0", acme), ("1.1", acme), ("1.2", other)):
        package = tmp_path / f"app-{name}.zip"
        package.write_bytes(zip_of({"install.sh": SCRIPT, "KEYS": vendor.certificate, "name": name.encode()}))
        (tmp_path / f"app-{name}.zip.asc").write_bytes(vendor.signature(package.read_bytes()))
    before = ("--previous", tmp_path / "app-1.0.zip")
    assert look(pkgscan, tmp_path / "app-1.1.zip", *before).rules == {UNKNOWN}
    assert look(pkgscan, tmp_path / "app-1.2.zip", *before).rules == {
        UNKNOWN, ("signer-changed", "contradiction", "high"),
    }  # fmt: skip


def test_a_revoked_certificate(tmp_path: Path, pkgscan: Pkgscan) -> None:
    acme = root()
    release = acme.issue("Acme Release")
    package = signed(tmp_path / "app.zip", release, acme)
    for name, revoked, rules in (
        ("good.crl", (), set()),
        ("bad.crl", (release,), {("revoked-signer", "defect", "high")}),
    ):
        (tmp_path / name).write_bytes(acme.revocation_list(*revoked))
        stated = f'[signatures]\nrequire_crl = true\n{trusting(acme.key_pin)}[signatures.crls]\nfiles = ["{name}"]\n'
        assert look(pkgscan, package, *profile(tmp_path / "t.toml", stated)).rules == rules
    (tmp_path / "forged.crl").write_bytes(root("Other Root").revocation_list(release))
    stated = f'[signatures]\nrequire_crl = true\n{trusting(acme.key_pin)}[signatures.crls]\nfiles = ["forged.crl"]\n'
    seen = look(pkgscan, package, *profile(tmp_path / "t.toml", stated))
    assert (seen.verdict, seen.rules) == ("trusted", {("revoked-signer", "contradiction", "medium")})
