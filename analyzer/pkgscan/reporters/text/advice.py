"""What to do about what was not seen: the last line of a report says what fits the reasons of its gaps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pkgscan.model import Gap

ACCEPT = "-v shows fingerprints for suppress add"  # after a verdict that one may want to change
MOST = 3  # pieces of advice on the last line; the gaps themselves say more
_AGAIN = "get the package again and compare its checksum with the vendor's"
_UNPACK = "unpack what is not read here and scan what comes out"
_LOOK = "look at what the links lead to"
_ALIKE = "ask the vendor for an archive that all unpackers read alike"
_REPORT = "report the crash, and scan what comes out of what caused it"
_BY_REASON = {
    "truncated": _AGAIN,
    "damaged": _AGAIN,
    "corrupt": _AGAIN,
    "bad-checksum": _AGAIN,
    "wrong-size": _AGAIN,
    "shared-header": _ALIKE,  # this and the next four cannot be accepted
    "no-local-header": _ALIKE,
    "decoder-crash": _REPORT,
    "analyser-crash": _REPORT,
    "timeout": "give it more time with --timeout",
    "encrypted": "decrypt what is encrypted and scan what comes out",
    "multi-volume": "join the parts and scan the whole",
    "unsupported-format": _UNPACK,
    "unsupported-method": _UNPACK,
    "link-not-followed": _LOOK,
    "no-package": "check that this is the package you mean",
    "unreadable": "run it as somebody who may read all of it",
    "no-libarchive": "install the archi package",
}
_LIMIT = re.compile(r"raise (?:it|that) with (--limit [a-z_]+=N)")  # as the gaps of limits say it


def advice(gaps: Iterable[Gap]) -> str:
    """What to do, for the gaps that count; accepting them where nothing else is known of some. Empty without gaps."""
    told = list(dict.fromkeys(piece for gap in gaps for piece in _for(gap)))
    known = [piece for piece in told if piece != ACCEPT]
    return "; ".join([*known[:MOST], *([ACCEPT] if ACCEPT in told else [])])


def _for(gap: Gap) -> Iterator[str]:
    if gap.reason.startswith("limit-"):
        found = _LIMIT.search(gap.detail)
        unread = _UNPACK if gap.stage == "walk" else ACCEPT
        yield f"raise the limit with {found[1]}" if found else unread
    else:
        yield _BY_REASON.get(gap.reason, ACCEPT)
