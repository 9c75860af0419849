"""OpenPGP signatures that packages carry in themselves, as rpms and Debian packages do: each checked, and stated."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pkgscan.crypto import openpgp
from pkgscan.crypto.packets import SIGNATURE, Malformed, Packet, packets
from pkgscan.facts.signing import Signature

SIGNERS = 16  # signatures in one place


def ring(files: Iterable[tuple[bytes, str]]) -> list[openpgp.Certificate]:
    """The keys in (content, path) of files; of what holds none, none: that was said where it was read."""
    found: list[openpgp.Certificate] = []
    for data, path in files:
        try:
            found += openpgp.certificates(data, path)
        except Malformed:
            continue
    return found


def signatures(data: bytes) -> list[Packet]:
    """The signatures in armored or binary data, at least one. Raises Malformed for anything else."""
    found = list(packets(data))
    if not found or len(found) > SIGNERS or any(packet.tag != SIGNATURE for packet in found):
        raise Malformed(f"what should be up to {SIGNERS} signatures is something else")
    return found


def checked(said: Signature, packet: Packet, content: bytes, keys: Iterable[openpgp.Certificate]) -> Signature:
    """What is said of a signature so far, with what came of checking it over some content. Raises Malformed."""
    statement = openpgp.statement(packet)
    answer = openpgp.verify_detached(statement, content, keys)
    key = answer.certificate
    strength = key.strengths.get(answer.key, statement.strength) if key else statement.strength
    return msgspec.structs.replace(
        said,
        check=answer.check,
        why=answer.why,
        signer=key.names[0] if key and key.names else "",
        key=f"openpgp:{key.fingerprint.upper()}" if key else "",
        key_at=key.at if key else "",
        key_id=statement.issuer,
        subkey=answer.key if key and answer.key != key.fingerprint else "",
        strength=msgspec.structs.replace(strength, digest=statement.strength.digest),
        made=statement.made,
        expires=(statement.expires or (key.expires if key else None)),
    )
