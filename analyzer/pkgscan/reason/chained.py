"""Why a certificate is trusted or not: the diagnosis, by asking for a chain again in other ways.

Asked in this order: to what the profile trusts, now; the same when it was signed; to what the profile retired; to roots
that only the package brings. The first that holds says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from pkgscan.facts.signing import CertificateInfo, Strength, Verdict
from pkgscan.reason.anchors import Anchors

CODE, ANY = "1.3.6.1.5.5.7.3.3", "2.5.29.37.0"
POOL = 64  # certificates that one chain is looked for in
LEAST_RSA, LEAST_EC = 2048, 224  # bits of a key in a chain
WEAK_DIGESTS = frozenset({"md5", "sha1"})


class Reading(msgspec.Struct, frozen=True):
    """A verdict, why, and the chain that led to it, from the signer up."""

    verdict: Verdict
    why: str
    chain: tuple[CertificateInfo, ...] = ()
    weakest: Strength = Strength()


class Times(msgspec.Struct, frozen=True):
    """The two instants: now, and when it was signed, if that is said; `vouched` if others than the signer say so."""

    now: datetime
    signed: datetime | None
    vouched: bool = False


def read_chain(leaf: CertificateInfo, known: Sequence[CertificateInfo], anchors: Anchors, times: Times) -> Reading:
    """The verdict on what a leaf signed. `known` are all certificates at hand, of which those on its way count."""
    if not leaf.signs or (leaf.usages and not {CODE, ANY} & set(leaf.usages)):
        return Reading("wrong-usage", "its certificate is not for signing packages", (leaf,))
    pool = way_up(leaf, known)
    trusted = [one for one in known if anchors.vendor(one.pin) is not None or anchors.vendor(one.spki) is not None]
    usable = [one for one in trusted if anchors.retirement(one.pin) is None and anchors.retirement(one.spki) is None]
    reading = _trusted(leaf, pool, usable, anchors, times) or _retired(leaf, pool, known, anchors, times)
    return reading or _unknown(leaf, pool, known, times)


def way_up(leaf: CertificateInfo, known: Sequence[CertificateInfo]) -> list[CertificateInfo]:
    """The certificates that may stand on the way from a leaf up, by their names, the nearest first."""
    by_subject: dict[bytes, list[CertificateInfo]] = {}
    for one in known:
        by_subject.setdefault(one.subject_der, []).append(one)
    pool: dict[bytes, CertificateInfo] = {}
    pending = [leaf]
    while pending and len(pool) < POOL:
        for one in by_subject.get(pending.pop(0).issuer_der, ()):
            if one.der not in pool:
                pool[one.der] = one
                pending.append(one)
    return list(pool.values())[:POOL]


def _trusted(
    leaf: CertificateInfo,
    pool: Sequence[CertificateInfo],
    trusted: Sequence[CertificateInfo],
    anchors: Anchors,
    times: Times,
) -> Reading | None:
    """A chain to what the profile trusts: good now, good when it was signed, or weak."""
    from pkgscan.crypto.chains import chain  # noqa: PLC0415  # only where there is a signature

    found = chain(leaf, pool, trusted, times.now)
    if found is not None:
        vendor = anchors.vendor(found[-1].pin) or anchors.vendor(found[-1].spki) or ""
        if (weak := _weak_link(found)) is not None:
            return Reading("weak", weak[0], found, weak[1].strength)
        if new_root := _renewed(found, pool):
            why = (
                f"{new_root.subject} is new to the profile; {found[-1].subject} of {vendor}, which it trusts, signed it"
            )
            return Reading("rotated-cross-signed", why, found)
        return Reading("trusted", f"it leads to {found[-1].subject}, which the profile trusts for {vendor}", found)
    then = chain(leaf, pool, trusted, times.signed) if times.signed is not None else None
    if then is not None:
        return _out_of_time(then, times)
    for one in (leaf, *pool):  # at its own beginning every certificate is good: so is the chain valid at all?
        then = chain(leaf, pool, trusted, max(one.since, leaf.since))
        if then is not None:
            return _out_of_time(then, Times(times.now, None))  # whoever vouches for the time, it was another
    return None


def _out_of_time(found: tuple[CertificateInfo, ...], times: Times) -> Reading:
    late = next((one for one in found if one.since > times.now), None)
    if late is not None:
        return Reading("not-yet-valid", f"{late.subject} is good from {late.since.date()} on", found)
    over = min(found, key=lambda one: one.until)
    ended = f"{over.subject} expired on {over.until.date()}"
    if times.vouched:
        return Reading("expired-timestamped", f"{ended}, and somebody else vouches that it was signed before", found)
    claim = ", and only the signer says that it was signed before" if times.signed else ""
    return Reading("expired", f"{ended}{claim}", found)


def _weak_link(found: Sequence[CertificateInfo]) -> tuple[str, CertificateInfo] | None:
    """A key or digest that proves nothing, in a chain; a root's own digest is nobody's proof."""
    for number, one in enumerate(found):
        size = one.strength.bits
        if (one.strength.key == "rsa" and size < LEAST_RSA) or (one.strength.key == "ecdsa" and size < LEAST_EC):
            return f"the key of {one.subject} has {size} bits", one
        if number < len(found) - 1 and one.strength.digest in WEAK_DIGESTS:
            return f"{one.subject} is vouched for by a digest of {one.strength.digest}", one
    return None


def _renewed(found: Sequence[CertificateInfo], pool: Iterable[CertificateInfo]) -> CertificateInfo | None:
    """The authority of a chain that has a root of its own as well, one that the profile does not trust."""
    roots = {one.spki for one in pool if one.is_own_issuer}
    return next((one for one in found[:-1] if one.spki in roots), None)


def _retired(
    leaf: CertificateInfo,
    pool: Sequence[CertificateInfo],
    known: Sequence[CertificateInfo],
    anchors: Anchors,
    times: Times,
) -> Reading | None:
    from pkgscan.crypto.chains import chain  # noqa: PLC0415  # see above

    retired = [one for one in known if anchors.retirement(one.pin) or anchors.retirement(one.spki)]
    for at in filter(None, (times.now, times.signed)):
        found = chain(leaf, pool, retired, at)
        if found is not None:
            return Reading("retired", f"it leads to {found[-1].subject}, which the profile retired", found)
    return None


def _unknown(
    leaf: CertificateInfo, pool: Sequence[CertificateInfo], known: Sequence[CertificateInfo], times: Times
) -> Reading:
    from pkgscan.crypto.chains import chain  # noqa: PLC0415  # see above

    if leaf.is_own_issuer:
        return Reading("self-signed", "its certificate vouches for itself", (leaf,))
    roots = [one for one in known if one.is_own_issuer]
    for at in filter(None, (times.now, times.signed, leaf.since)):
        found = chain(leaf, pool, roots, at)
        if found is not None:
            if (weak := _weak_link(found)) is not None:
                return Reading("weak", weak[0], found, weak[1].strength)
            why = f"it leads to {found[-1].subject}, which nobody but the package itself vouches for"
            return Reading("root-only-in-package", why, found)
    named = {one.subject_der for one in known}
    way = (leaf, *pool)
    missing = next((one for one in way if one.issuer_der not in named), None)
    if missing is not None:
        return Reading("chain-incomplete", f"the certificate of {missing.issuer} is not at hand", way)
    if (weak := _weak_link(way)) is not None:  # the verifier takes no such link
        return Reading("weak", weak[0], way, weak[1].strength)
    return Reading("chain-broken", "its certificates do not make a chain: one of them may not vouch for the next", way)
