"""Who vouches for the package, and whether that is anyone the target profile knows: a row for each signature."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion, Part
from pkgscan.facts.signing import (
    Announcement,
    Certificate,
    Covered,
    EntryDigests,
    ListedDigest,
    PublicKey,
    RevocationFile,
    Signature,
    SignatureTrust,
    SignerChanged,
    Strength,
    Uncovered,
)
from pkgscan.graph import Graph
from pkgscan.model import MEMBER, Entry, Fact, Related, Span
from pkgscan.reason.anchors import TRUST as ANCHORS
from pkgscan.reason.anchors import anchors, normal
from pkgscan.reason.continuity import Before, changed, signers
from pkgscan.reason.covering import PROVING, Digest, Mismatch, Reach, mismatches, uncovered, within
from pkgscan.reason.rotations import words
from pkgscan.reason.trust import Material, described, judge

if TYPE_CHECKING:  # most scans have no profile, and its types take their time to be made
    from pkgscan.profile.model import Signatures

Lists: TypeAlias = "dict[str, list[ListedDigest]]"  # the lines of each list, by the entry that holds it

NAMED = 3  # lists, or files that differ, named in a message
PLACES = 20  # of lines and files that differ, beside a finding
UNREAD = "unread"  # the digest of an entry that is there and could not be read whole
PREVIOUS = "previous:"
OTHERS = ("trust:", "previous:", "advisory:")  # what begins the paths of inputs whose signatures are not the package's
LIST = "checksums"  # the scheme of a row about a list that nobody signed


def conclude(graph: Graph, circumstances: Circumstances) -> Iterator[Fact]:
    """The verdict on each signature of the package, on the package if it has none, and what the trusted ones cover."""
    package = graph.entries()[0].path.partition(MEMBER)[0] if graph.entries() else ""
    lists: Lists = {}
    for line in graph.facts(ListedDigest):
        if not _is_other(line.manifest, package):
            lists.setdefault(line.manifest, []).append(line)
    digest = _digests(graph)
    reach = Reach(graph.entries(), graph.entries_at, lists, package, digest)
    wrong = {path: tuple(mismatches(lines, graph.entries_at, package, digest)) for path, lines in sorted(lists.items())}
    trusts = [
        _with_reach(_with_lists(trust, wrong, lists, graph), reach)
        for trust in _judged(graph, circumstances, package, "")
    ]
    yield from trusts
    signed = {path for trust in trusts for path in trust.covers}
    yield from (trust for path in wrong if path not in signed for trust in _list_alone(path, wrong[path]))
    own = [trust for trust in trusts if _is_of_package(trust, package)]
    if not own:
        yield _unsigned(lists, package, configured=bool(circumstances.profile.signatures.trust))
    before = _before(graph, circumstances, package)
    if before is not None and (change := changed(own, before, package)) is not None:
        yield change
    yield from _coverage(graph, trusts, reach, package)


def _judged(graph: Graph, circumstances: Circumstances, package: str, whose: str) -> Iterator[SignatureTrust]:
    """The verdicts on the signatures of the package, or of the one before it: `whose` is what its paths begin with."""
    stated = circumstances.profile.signatures
    material = _material(graph, stated, package, whose)
    known = anchors(stated, graph.facts(PublicKey), graph.facts(Certificate))
    contacts = tuple(_contacts(circumstances))
    for signature in graph.facts(Signature):
        path = signature.span.path
        if path.startswith(whose) if whose else not _is_other(path, package):
            trust = judge(signature, material, known, circumstances.now)
            yield msgspec.structs.replace(trust, contacts=contacts) if trust.hints else trust


def _contacts(circumstances: Circumstances) -> Iterator[str]:
    """Where the vendors that the profile knows are reached."""
    for contact in circumstances.profile.contacts:
        ways = [way.value for way in (contact.ticket, contact.security_txt) if way is not None]
        if ways:
            yield f"{contact.vendor} ({', '.join(ways)})"


def _is_other(path: str, package: str) -> bool:
    """Whether a path is in an input that is not the package's own, whatever the package is called."""
    return path.startswith(OTHERS) and path.partition(MEMBER)[0] != package


def _before(graph: Graph, circumstances: Circumstances, package: str) -> Before | None:
    """Who signed the package before this one, as that package shows, or as the profile says."""
    pinned = circumstances.profile.signatures.previous_signer
    if pinned is not None:
        return Before(frozenset((normal(pinned.value),)), (pinned.value,), pinned.span)
    trusts = [
        trust
        for trust in _judged(graph, circumstances, package, PREVIOUS)
        if trust.span.path.rpartition(MEMBER)[0].count(MEMBER) == 0
    ]
    return signers(trusts, trusts[0].span) if trusts else None


def _material(graph: Graph, stated: Signatures, package: str, whose: str) -> Material:
    """Every key and certificate by its pin, the user's own copies first; those of another package are not at hand."""
    keys: dict[str, PublicKey] = {}
    certificates: dict[str, Certificate] = {}
    for key in sorted(graph.facts(PublicKey), key=_is_theirs):
        if _is_at_hand(key.span.path, package, whose):
            keys.setdefault(key.key, key)
    for certificate in sorted(graph.facts(Certificate), key=_is_theirs):
        if _is_at_hand(certificate.span.path, package, whose):
            certificates.setdefault(certificate.info.pin, certificate)
    told = words(stated, graph.facts(Announcement), graph.facts(Signature), graph.facts(PublicKey))
    return Material(keys, certificates, told, graph.facts(RevocationFile))


def _is_at_hand(path: str, package: str, whose: str) -> bool:
    if path.startswith(PREVIOUS) and path.partition(MEMBER)[0] != package:
        return bool(whose)
    return not whose or path.partition(MEMBER)[0] != package


def _is_theirs(fact: Fact) -> bool:
    return not fact.span.path.startswith(ANCHORS)


def _digests(graph: Graph) -> Digest:
    """The digest of an entry by an algorithm; empty where nobody has it, none where members of one name differ."""
    others: dict[tuple[str, str], set[str]] = {}
    for fact in graph.facts(EntryDigests):
        for algorithm, value in fact.digests:
            others.setdefault((fact.span.path, algorithm), set()).add(value)

    def digest(entry: Entry, algorithm: str) -> str:
        found = {entry.sha256} - {""} if algorithm == "sha256" else others.get((entry.path, algorithm), set())
        return " or ".join(sorted(found)) or (UNREAD if entry.type == "file" else "")

    return digest


def _with_lists(
    trust: SignatureTrust, wrong: dict[str, tuple[Mismatch, ...]], lists: Lists, graph: Graph
) -> SignatureTrust:
    """A signature over a list that does not hold is bad, whoever made it; so is one over a name that is there twice."""
    found = [mismatch for path in trust.covers for mismatch in wrong.get(path, ())]
    if found and not trust.is_broken:
        return msgspec.structs.replace(trust, verdict="bad", why=_said(found), related=_places(found))
    algorithms = {line.algorithm for path in trust.covers for line in lists.get(path, ())}
    if algorithms and algorithms.isdisjoint(PROVING) and not trust.is_broken:
        why = f"what it signs is a list of {' and '.join(sorted(algorithms))} digests, which prove nothing any more"
        weakest = Strength(digest=min(algorithms))
        return msgspec.structs.replace(trust, verdict="weak", why=why, weakest=weakest)
    around = (path for covered in trust.covers for path in within(covered))
    twice = [path for path in around if len({entry.sha256 for entry in graph.entries_at(path)}) > 1]
    if twice and not trust.is_broken:
        why = f"{twice[0].rpartition(MEMBER)[2]} is there more than once, and only one of them is signed"
        return msgspec.structs.replace(trust, verdict="bad", why=why)
    return trust


def _with_reach(trust: SignatureTrust, reach: Reach) -> SignatureTrust:
    return msgspec.structs.replace(trust, covered=0 if trust.is_broken else len(_reached(trust, reach)))


def _reached(trust: SignatureTrust, reach: Reach) -> set[str]:
    """The files that a signature covers: never the one it lies in, unless that holds what it signs."""
    covered = reach.covered(trust.covers)
    return covered if trust.span.path in trust.covers else covered - {trust.span.path}


def _list_alone(path: str, found: tuple[Mismatch, ...]) -> Iterator[SignatureTrust]:
    """A list that nobody signed may name more than is there; what is there and differs was changed all the same."""
    other = [mismatch for mismatch in found if mismatch.entry is not None]
    if other:
        yield SignatureTrust(
            span=Span(path), verdict="bad", why=_said(other), scheme=LIST, covers=(path,), related=_places(other)
        )


def _said(found: Sequence[Mismatch]) -> str:
    names = [mismatch.line.name for mismatch in found]
    missing = all(mismatch.entry is None for mismatch in found)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    what = "missing" if missing else "not what the list says" if all(m.entry for m in found) else "changed or missing"
    return f"{', '.join(names[:NAMED])}{more} {'is' if len(names) == 1 else 'are'} {what}"


def _places(found: Sequence[Mismatch]) -> tuple[Related, ...]:
    places: list[Related] = []
    for mismatch in found[:PLACES]:
        places.append(Related(mismatch.line.span, f"says {mismatch.line.algorithm} {mismatch.line.digest[:12]}"))
        if mismatch.entry is not None:
            places.append(Related(mismatch.entry.span, "has another digest"))
    return tuple(places)


def _is_of_package(trust: SignatureTrust, package: str) -> bool:
    """Whether a signature is the package's own, and not that of something that lies in it."""
    path = trust.span.path
    return path.startswith("signature:") or path.rpartition(MEMBER)[0] in {package, ""}


def _unsigned(lists: Lists, package: str, *, configured: bool) -> SignatureTrust:
    span = Span(package)
    if not lists:
        why = "nothing in the package or beside it signs it"
        return SignatureTrust(span=span, verdict="unsigned", why=why, configured=configured)
    names = sorted(lists)
    count = sum(len(lines) for lines in lists.values())
    shown = ", ".join(name.rpartition(MEMBER)[2] for name in names[:NAMED])
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    files = f"{count} file{'' if count == 1 else 's'}"
    why = f"{shown}{more} {'names' if len(names) == 1 else 'name'} digests of {files}, but nobody signed that"
    return SignatureTrust(
        span=span, verdict="unsigned-manifest", why=why, covers=tuple(names[:NAMED]), configured=configured
    )


def _coverage(graph: Graph, trusts: list[SignatureTrust], reach: Reach, package: str) -> Iterator[Fact]:
    """The trusted signatures of each file that has one; then what is missing of those that run."""
    by: dict[str, list[Span]] = {}
    for trust in trusts:
        if trust.is_trusted:
            for path in _reached(trust, reach):
                by.setdefault(path, []).append(trust.span)
    yield from (Covered(span=Span(path), by=tuple(spans)) for path, spans in sorted(by.items()))
    if by:
        signatures = {trust.span.path for trust in trusts}
        yield from uncovered(graph.entries(), {*by, *signatures}, package)


def _line(trust: SignatureTrust) -> tuple[str, ...]:
    """The columns of the terminal: verdict, scheme and strength, why, where it stands."""
    return trust.verdict, f"{trust.scheme} {described(trust.strength)}".strip(), trust.why, _place(trust.span)


def _detail(trust: SignatureTrust) -> Iterator[str]:
    """The chain, link by link from the signer up; the times, what is covered, and what else is to be said."""
    for number, link in enumerate(trust.chain):
        lead = "vouched for by" if number else "signed by"
        note = f" ({link.note})" if link.note else ""
        yield f"{lead} {link.name}{note}, from {link.source.rpartition(MEMBER)[2]}"
        yield f"  {link.pin}"
    if trust.made:
        yield f"made {trust.made.replace('T', ' ')[:16]}, {trust.made_by}"
    if trust.covered:
        yield f"covers {trust.covered} file{'' if trust.covered == 1 else 's'}"
    yield from (remark.why for remark in trust.remarks)


def _place(span: Span) -> str:
    return span.path.rpartition(MEMBER)[2]


TRUST = Conclusion(
    name="trust",
    concludes=(SignatureTrust, SignerChanged, Covered, Uncovered),
    conclude=conclude,
    part=Part(key="trust", title="Signatures", row=SignatureTrust, line=_line, detail=_detail),
)
