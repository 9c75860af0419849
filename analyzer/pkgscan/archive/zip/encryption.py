"""Says how a zip, or a member of one, is encrypted: APPNOTE.TXT 6.3.10 section 7, and the AE-x field of WinZip."""

from __future__ import annotations

import struct

from pkgscan.archive.member import Damage, Window
from pkgscan.archive.zip.record import (
    AES,
    AES_FIELD,
    END64,
    END64_FORM,
    METHODS,
    STRONG,
    STRONG_FIELD,
    extra_field,
)

AES_FORM = struct.Struct("<H2sBH")  # version of the format, vendor, strength, the method inside
AES_BITS = {1: 128, 2: 192, 3: 256}
STRONG_FORM = struct.Struct("<3H")  # section 4.5.12: format, algorithm, bits
ALGORITHMS = {
    0x6601: "DES", 0x6602: "RC2", 0x6603: "3DES", 0x6609: "3DES", 0x660E: "AES", 0x660F: "AES", 0x6610: "AES",
    0x6702: "RC2", 0x6720: "Blowfish", 0x6721: "Twofish", 0x6801: "RC4",
}  # fmt: skip

# What a second version of the zip64 end record adds, section 7.3.4: method, packed size, size, algorithm.
DIRECTORY_FORM = struct.Struct("<H2QH")
OWN_SIZE = 12  # bytes of a zip64 end record that its own length does not count
SEARCHED = 256 << 10  # bytes at the end in which that record is looked for: an end record's comment and some room


def encrypted(method: int, flags: int, extra: bytes) -> Damage:
    """The damage of a member that is encrypted, with what is known of it."""
    kind = "traditional"
    if method == AES:
        kind, method = _aes(extra)
    elif flags & STRONG:
        kind = _strong(extra)
    inside = f"; {METHODS.get(method, f'method {method}')} inside" if method not in {0, AES} else ""
    return Damage(
        "encrypted", f"encrypted ({kind} zip encryption{inside}), not readable without its password or certificate"
    )


def _aes(extra: bytes) -> tuple[str, int]:
    body = extra_field(extra, AES_FIELD) or b""
    if len(body) < AES_FORM.size:
        return "AES", AES
    version, _, strength, method = AES_FORM.unpack_from(body)
    bits = AES_BITS.get(strength)
    return f"AES-{bits} AE-{version}" if bits else f"AES AE-{version}", method


def _strong(extra: bytes) -> str:
    body = extra_field(extra, STRONG_FIELD) or b""
    if len(body) < STRONG_FORM.size:
        return "strong"
    _, algorithm, bits = STRONG_FORM.unpack_from(body)
    return f"strong {ALGORITHMS.get(algorithm, f'algorithm {algorithm:#06x}')}-{bits}"


def encrypted_directory(window: Window) -> Damage | None:
    """The damage of a zip whose directory is encrypted: its zip64 end record says so; None where none does."""
    low = max(0, window.size - SEARCHED)
    block = window.read(low, SEARCHED)
    at = block.rfind(END64)
    while at >= 0:
        fixed = block[at : at + END64_FORM.size]
        added = block[at + END64_FORM.size : at + END64_FORM.size + DIRECTORY_FORM.size]
        if len(added) == DIRECTORY_FORM.size and END64_FORM.unpack(fixed)[1] + OWN_SIZE > END64_FORM.size:
            algorithm = DIRECTORY_FORM.unpack(added)[3]
            if algorithm in ALGORITHMS:
                detail = f"the zip directory is encrypted ({ALGORITHMS[algorithm]}): names and sizes are not to be seen"
                return Damage("encrypted", detail)
        at = block.rfind(END64, 0, at + 3)
    return None
