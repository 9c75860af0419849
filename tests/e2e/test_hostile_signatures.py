"""Signatures made to wear out who checks them: each is a finding, at a bounded price."""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from signing import Vendor, root

from measure import peak_memory, run
from packing import zip_of

CPU = 1.0  # seconds, of the whole command
MEMORY = 200 << 20
TRIES = 3  # the cheapest counts: other work on the machine costs caches
PKGSCAN = str(Path(sys.executable).parent / "pkgscan")


def element(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def many_certificates() -> bytes:
    one = root().certificate.public_bytes(Encoding.DER)
    kind = element(0x06, bytes.fromhex("2a864886f70d010702"))
    data = element(0x30, element(0x06, bytes.fromhex("2a864886f70d010701")))
    signed = element(0x30, b"\x02\x01\x01" + element(0x31, b"") + data + element(0xA0, one * 5000) + element(0x31, b""))
    return element(0x30, kind + element(0xA0, signed))


def nested_lengths() -> bytes:
    return b"\x30\x80" * 200_000


def nested_strings() -> bytes:
    return element(0x30, element(0x06, bytes.fromhex("2a864886f70d010702")) + b"\xa0\x80" + b"\x24\x80" * 200_000)


def growing_message() -> bytes:
    """A compressed packet, algorithm ZIP, of a literal packet of 300 MB."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    literal = bytes((0xCB, 0xFF)) + (300_000_000 + 6).to_bytes(4, "big") + b"b\0\0\0\0\0"
    body = pack.compress(literal) + b"".join(pack.compress(bytes(1_000_000)) for _ in range(300)) + pack.flush()
    return b"\xc8\xff" + (len(body) + 1).to_bytes(4, "big") + b"\x01" + body


def many_packets() -> bytes:
    return b"\xc2\x00" * 100_000


CASES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "5000 certificates": ("install.sh.p7s", many_certificates),
    "200000 nested lengths": ("install.sh.p7s", nested_lengths),
    "200000 nested strings": ("install.sh.p7s", nested_strings),
    "a message that grows": ("install.sh.gpg", growing_message),
    "100000 packets": ("install.sh.sig", many_packets),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_a_finding_at_a_bounded_price(name: str, tmp_path: Path) -> None:
    member, build = CASES[name]
    package, report = tmp_path / "p.zip", tmp_path / "report.json"
    package.write_bytes(zip_of({"install.sh": b"echo hello\n", member: build()}))
    command = [PKGSCAN, "scan", "-q", "--no-config", "-o", f"json={report}", str(package)]
    assert min(run(command).cpu for _ in range(TRIES)) <= CPU
    assert peak_memory(command) <= MEMORY
    found = [one for one in json.loads(report.read_bytes())["findings"] if one["rule"] == "hostile-signature"]
    assert [(one["severity"], one["span"]["path"]) for one in found] == [("high", f"p.zip!/{member}")]


def test_more_signatures_than_are_looked_at_at_a_time(tmp_path: Path) -> None:
    vendor, files = Vendor(), {}
    for number in range(200):
        content = b"echo %d\n" % number
        files |= {f"{number}.sh": content, f"{number}.sh.asc": vendor.signature(content)}
    package, report = tmp_path / "p.zip", tmp_path / "report.json"
    package.write_bytes(zip_of({**files, "KEYS": vendor.certificate}))
    run([PKGSCAN, "scan", "-q", "--no-config", "-o", f"json={report}", str(package)])
    told = json.loads(report.read_bytes())
    assert [gap for gap in told["gaps"] if gap["effect"] == "unread"] == []
    assert [row["verdict"] for row in told["trust"]] == ["root-only-in-package"] * 200
