"""No wrong accepts: whatever is changed in what a signature covers, no report calls it trusted.

The map of covered bytes of each scheme is here, by the standard. A flip elsewhere may leave a signature trusted; the
byte that was changed is then in no file that the report says is covered.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import signed_files
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from signed_files import Signed, every
from signing import WEB, Holder, Vendor, root

from pkgscan.crypto import cms
from pkgscan.crypto.packets import packets
from pkgscan.profile.model import Profile
from pkgscan.profile.reader import profile_of
from pkgscan.testing import scan
from pkgscan.tomlfile import parse_toml

SCRIPT = b"#!/bin/sh\necho hello\n"
FEW = settings(max_examples=25, deadline=None)
TRUSTED = {"trusted", "rotated-cross-signed", "rotated-announced", "expired-timestamped"}


def profile(pin: str) -> Profile:
    return profile_of(parse_toml("t.toml", f'profile = 1\n[[signatures.trust]]\nvendor = "A"\npins = ["{pin}"]\n'))


def rows(members: Iterable[tuple[str, bytes]], pin: str) -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members:
                archive.writestr(name, content)
        report = scan(str(path), profile=profile(pin))
        assert [gap.traceback for gap in report.gaps if gap.traceback] == []
        return list(report.parts["trust"])


def trusted(members: Iterable[tuple[str, bytes]], pin: str) -> bool:
    return any(row["verdict"] in TRUSTED for row in rows(members, pin))


@cache
def openpgp() -> Signed:
    """RFC 9580, 5.2.4: the content, and of the packet version to hashed subpackets; 5.2.3: the numbers at its end."""
    vendor = Vendor()
    (packet,) = packets(vendor.signature(SCRIPT))
    raw = packet.raw
    body = len(raw) - int.from_bytes(raw[1:2], "big") if raw[1] < 192 else 3
    hashed = body + 6 + int.from_bytes(raw[body + 4 : body + 6], "big")
    numbers = hashed + 2 + int.from_bytes(raw[hashed : hashed + 2], "big") + 2
    first = numbers + 2 + (int.from_bytes(raw[numbers : numbers + 2], "big") + 7) // 8
    values = {*range(numbers + 2, first), *range(first + 2, len(raw))}  # without the counts of their bits
    covered = {"install.sh": every(SCRIPT), "install.sh.sig": frozenset({*range(body, hashed), *values})}
    members = {"install.sh": SCRIPT, "install.sh.sig": raw, "KEYS": vendor.certificate}
    return Signed(members, f"openpgp:{vendor.fingerprint}", covered)


@cache
def clear_signed() -> Signed:
    """RFC 9580, 7: the lines between the headers and the signature."""
    vendor = Vendor()
    listed = f"{hashlib.sha256(SCRIPT).hexdigest()}  install.sh\n".encode()
    text = vendor.clear_signed(listed)
    at = text.index(listed.rstrip())
    covered = {"install.sh": every(SCRIPT), "SHA256SUMS": frozenset(range(at, at + len(listed) - 1))}
    members = {"install.sh": SCRIPT, "SHA256SUMS": text, "KEYS": vendor.certificate}
    return Signed(members, f"openpgp:{vendor.fingerprint}", covered)


@cache
def detached_cms() -> Signed:
    """RFC 5652, 5.4: the content by its digest, the signed attributes, the signature; and whose key it names."""
    acme = root()
    message = acme.issue("Acme Release").signature(SCRIPT, [acme])
    (signer,) = cms.message(message).signers
    attributes, signature = message.index(signer.signed[1:]), message.rindex(signer.signature)
    covered = {*range(attributes, attributes + len(signer.signed) - 1), *range(signature, signature + 8)}
    members = {"install.sh": SCRIPT, "install.sh.p7s": message}
    return Signed(members, acme.key_pin, {"install.sh": every(SCRIPT), "install.sh.p7s": frozenset(covered)})


@cache
def signed_list() -> Signed:
    """A list of digests under a CMS signature: the list, and each file on it."""
    acme = root()
    listed = f"{hashlib.sha256(SCRIPT).hexdigest()}  install.sh\n".encode()
    message = acme.issue("Acme Release").signature(listed, [acme])
    members = {"install.sh": SCRIPT, "SHA256SUMS": listed, "SHA256SUMS.p7s": message}
    return Signed(members, acme.key_pin, {"install.sh": every(SCRIPT), "SHA256SUMS": every(listed)})


SCHEMES: dict[str, Callable[[], Signed]] = {
    "openpgp": openpgp, "clear-signed": clear_signed, "cms": detached_cms, "list": signed_list,
    "jar": cache(signed_files.jar), "rpm": cache(signed_files.rpm), "deb": cache(signed_files.deb),
    "minisign": cache(signed_files.minisign), "signify": cache(signed_files.signify), "ssh": cache(signed_files.ssh),
    "dsse": cache(signed_files.dsse),
}  # fmt: skip


@pytest.mark.parametrize("scheme", SCHEMES)
def test_as_it_was_signed_it_is_trusted(scheme: str) -> None:
    signed = SCHEMES[scheme]()
    assert trusted(signed.members.items(), signed.pin)


@pytest.mark.parametrize("scheme", SCHEMES)
@FEW
@given(data=st.data())
def test_a_flip_in_what_is_covered_is_never_trusted(scheme: str, data: st.DataObject) -> None:
    signed = SCHEMES[scheme]()
    name = data.draw(st.sampled_from(sorted(signed.covered)))
    at = data.draw(st.sampled_from(sorted(signed.covered[name])))
    changed = flipped(signed.members[name], at, data.draw(st.integers(0, 7)))
    assert not trusted((signed.members | {name: changed}).items(), signed.pin)


@pytest.mark.parametrize("scheme", SCHEMES)
@FEW
@given(data=st.data())
def test_a_flip_elsewhere_is_in_no_covered_file(scheme: str, data: st.DataObject) -> None:
    signed = SCHEMES[scheme]()
    name = data.draw(st.sampled_from(sorted(signed.members)))
    at = data.draw(st.integers(0, len(signed.members[name]) - 1))
    changed = flipped(signed.members[name], at, data.draw(st.integers(0, 7)))
    found = rows((signed.members | {name: changed}).items(), signed.pin)
    if any(row["verdict"] in TRUSTED for row in found):
        assert at not in signed.covered.get(name, ())
        assert name != "install.sh"


def flipped(content: bytes, at: int, bit: int) -> bytes:
    return content[:at] + bytes((content[at] ^ 1 << bit,)) + content[at + 1 :]


def cms_package(holder: Holder, *others: Holder, script: bytes = SCRIPT) -> list[tuple[str, bytes]]:
    return [("install.sh", script), ("install.sh.p7s", holder.signature(SCRIPT, others))]


def broken_chains() -> dict[str, list[tuple[str, bytes]]]:
    """Packages whose signature verifies, below a root that is trusted, each with one thing wrong."""
    acme = root()
    short = acme.issue("CA 0", authority=True, path_length=0)
    named = acme.issue("CA of acme", authority=True, names=["acme.example"])
    leaf, old, new = acme.issue("Leaf"), datetime(2025, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    other = root("Acme Root 2")
    rsa_1024 = acme.issue("Small", key=rsa.generate_private_key(65537, 1024))
    return {
        "expired": cms_package(acme.issue("A", until=old), acme),
        "not yet valid": cms_package(acme.issue("A", since=new), acme),
        "for web servers": cms_package(acme.issue("A", usage=WEB), acme),
        "not for signing": cms_package(acme.issue("A", signs=False), acme),
        "longer than the path may be": cms_package(
            short.issue("CA 1", authority=True).issue("A"), acme, short, short.issue("CA 1", authority=True)
        ),
        "a name that is not allowed": cms_package(named.issue("A", domains=["evil.example"]), acme, named),
        "through a leaf": cms_package(leaf.issue("A"), acme, leaf),
        "through a leaf that calls itself an authority": cms_package(
            leaf.issue("B", authority=True).issue("A"), acme, leaf, leaf.issue("B", authority=True)
        ),
        "another root of the same name": cms_package(_named_alike(acme), acme),
        "another root": cms_package(other.issue("A"), other, acme),
        "a small key": cms_package(rsa_1024, acme),
        "nobody's content": cms_package(acme.issue("A"), acme, script=b"echo other\n"),
    }


def _named_alike(acme: Holder) -> Holder:
    """A leaf that names the trusted root as its issuer, and was signed by another key."""
    other = root("Other Root")
    return Holder(other.key, acme.certificate).issue("A")


@pytest.mark.parametrize("name", sorted(broken_chains()))
def test_a_broken_chain_is_never_trusted(name: str) -> None:
    assert not trusted(broken_chains()[name], root().key_pin)


def test_what_the_broken_chains_are_made_of_is_trusted() -> None:
    acme = root()
    between = acme.issue("CA 1", authority=True, path_length=0, names=["acme.example"])
    assert trusted(cms_package(between.issue("A", domains=["www.acme.example"]), acme, between), acme.key_pin)


def test_signatures_that_were_swapped() -> None:
    vendor = Vendor()
    one, other = b"echo one\n", b"echo other\n"
    members = {"one": one, "one.asc": vendor.signature(other), "other": other, "other.asc": vendor.signature(one)}
    assert not trusted({**members, "KEYS": vendor.certificate}.items(), f"openpgp:{vendor.fingerprint}")


@pytest.mark.parametrize("scheme", ["openpgp", "cms"])
def test_a_member_that_is_gone(scheme: str) -> None:
    signed = SCHEMES[scheme]()
    assert not trusted([item for item in signed.members.items() if item[0] != "install.sh"], signed.pin)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("first", [True, False])
def test_a_member_that_is_there_twice(scheme: str, *, first: bool) -> None:
    signed = SCHEMES[scheme]()
    double = ("install.sh" if "install.sh" in signed.members else min(signed.covered), b"echo other\n")
    members = [double, *signed.members.items()] if first else [*signed.members.items(), double]
    assert not trusted(members, signed.pin)


def test_a_key_of_the_same_name() -> None:
    vendor, other = Vendor(), Vendor()
    members = {"install.sh": SCRIPT, "install.sh.asc": other.signature(SCRIPT), "KEYS": other.certificate}
    assert not trusted({**members, "MORE": vendor.certificate}.items(), f"openpgp:{vendor.fingerprint}")
