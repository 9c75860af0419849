"""Whom a profile trusts, and since when no more: keys by their pins, from the profile and the files it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from pkgscan.facts.signing import Certificate, PublicKey

if TYPE_CHECKING:  # most scans have no profile, and its types take their time to be made
    from pkgscan.profile.model import RetiredPin, Signatures, Trust

TRUST = "trust:"  # what the paths of files that a profile names begin with


class Anchors(msgspec.Struct, frozen=True):
    """Pins (`openpgp:...`, in capitals behind the colon) that are trusted, each with its vendor; and retired ones.

    `times` are pins of those who are trusted to say when something was signed.
    """

    pins: dict[str, str]
    retired: dict[str, RetiredPin]
    times: dict[str, str] = {}
    required: bool = False
    configured: bool = False

    def vendor(self, pin: str) -> str | None:
        """The vendor whose key it is; None where nobody trusts it."""
        return self.pins.get(normal(pin))

    def retirement(self, pin: str) -> RetiredPin | None:
        """What the profile says of a key that was trusted once."""
        return self.retired.get(normal(pin))


def anchors(stated: Signatures, keys: Iterable[PublicKey], certificates: Iterable[Certificate]) -> Anchors:
    """The anchors of a profile; keys and certificates are those found in any input, of which its own files count."""
    by_file: dict[str, list[str]] = {}
    for path, pin in (*((key.span.path, key.key) for key in keys), *((c.span.path, c.info.pin) for c in certificates)):
        if path.startswith(TRUST):
            by_file.setdefault(path, []).append(pin)
    pins: dict[str, str] = {}
    times: dict[str, str] = {}
    for trust in stated.trust:
        named = dict.fromkeys(_pins(trust, by_file), trust.vendor.value)
        uses = {use.value for use in trust.use} or {"code"}
        pins |= named if "code" in uses else {}
        times |= named if "timestamp" in uses else {}
    required = stated.require_signature
    return Anchors(
        pins=pins,
        times=times,
        retired={normal(retired.pin.value): retired for retired in stated.retired},
        required=required is not None and required.value,
        configured=bool(stated.trust),
    )


def _pins(trust: Trust, by_file: dict[str, list[str]]) -> Iterator[str]:
    for pin in trust.pins:
        yield normal(pin.value)
    for root in trust.roots:
        for key in by_file.get(f"{TRUST}{root.value}", ()):
            yield normal(key)


def normal(pin: str) -> str:
    """A pin as pins are compared."""
    form, colon, value = pin.partition(":")
    return f"{form}{colon}{value.upper()}" if form in {"openpgp", "x509-sha256", "spki-sha256"} else pin
