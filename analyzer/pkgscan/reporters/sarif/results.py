"""Findings and gaps as SARIF results."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pkgscan.model import Finding, Related, Span, Suppressed
from pkgscan.reporters.base import GapGroup
from pkgscan.reporters.sarif.descriptors import GAPS, LEVELS, gap_rule
from pkgscan.reporters.sarif.places import Places
from pkgscan.safe import shown

Json = dict[str, Any]

RELATED = 100  # places a result; a server keeps no more
_DIGITS = 20  # hexadecimal, as a finding's own fingerprint
_LINK = re.compile(r"\]\(")


def finding_result(finding: Finding, rules: Mapping[str, int], places: Places) -> Json:
    """One finding. Its related places stand in the message as links, which is where viewers show them."""
    identity = finding.fingerprint or _digest(finding.rule, places.location(finding.span), finding.message)
    built = _result(finding.rule, rules, LEVELS[finding.severity])
    built |= {
        "message": {"text": _message(shown(finding.message), finding.related)},
        "locations": [places.location(finding.span)],
        "partialFingerprints": _prints(identity),
        "properties": {
            "category": finding.category,
            "severity": finding.severity,
            "confidence": finding.confidence,
            "evidence": [shown(evidence) for evidence in finding.evidence],
            "remedy": shown(finding.remedy),
        },
    }
    return built | _related(finding.related, places) | _suppressions([finding.suppressed])


def gap_result(group: GapGroup, rules: Mapping[str, int], places: Places) -> Json:
    """Gaps of one archive and reason; accepted only when each of them is."""
    first = group.gaps[0]
    span = first.span if len(group.gaps) == 1 else Span(group.archive or places.paths.package)
    spans = [(gap.span, gap.detail) for gap in group.gaps if gap.span is not None] if len(group.gaps) > 1 else []
    related = tuple(Related(span, detail) for span, detail in spans[:RELATED])
    more = f", {len(group.gaps)} places" if len(group.gaps) > 1 else ""
    built = _result(gap_rule(group.effect), rules, LEVELS[GAPS[group.effect][0]])
    built |= {
        "message": {"text": _message(f"{shown(group.reason)}: {shown(first.detail)}{more}", related)},
        "locations": [places.location(span)],
        "partialFingerprints": _prints(_digest(group.effect, group.reason, places.paths.uri(group.archive))),
        "properties": {"reason": shown(group.reason), "count": len(group.gaps)},
    }
    return built | _related(related, places) | _suppressions([gap.suppressed for gap in group.gaps])


def _result(rule: str, rules: Mapping[str, int], level: str) -> Json:
    return {"ruleId": shown(rule), "ruleIndex": rules[rule], "level": level, "kind": "fail"}


def _message(text: str, related: tuple[Related, ...]) -> str:
    links = ", ".join(
        f"[{_unbracketed(shown(one.message))}]({number})" for number, one in enumerate(related[:RELATED], 1)
    )
    return _unlinked(text) + (f". See {links}." if links else ".")


def _unlinked(text: str) -> str:
    # What a package says must not become a link that a viewer follows.
    return _LINK.sub("] (", text)


def _unbracketed(text: str) -> str:
    return text.replace("[", "(").replace("]", ")")


def _related(related: tuple[Related, ...], places: Places) -> Json:
    told = [places.related(at, one.span, shown(one.message)) for at, one in enumerate(related[:RELATED], 1)]
    return {"relatedLocations": told} if told else {}


def _suppressions(accepted: Sequence[Suppressed | None]) -> Json:
    known = [one for one in accepted if one is not None]
    if not known or len(known) < len(accepted):
        return {}
    first = known[0]
    properties = {"by": first.by, "owner": shown(first.owner), "expires": shown(first.expires)}
    entry = {"kind": "external", "status": "accepted", "justification": shown(first.reason), "properties": properties}
    return {"suppressions": [entry]}


def _prints(identity: str) -> dict[str, str]:
    # The server takes the first alone, and would otherwise hash a line of a file that it does not have.
    return {"primaryLocationLineHash": f"{identity}:1", "pkgscan/1": identity}


def _digest(*parts: Any) -> str:
    return hashlib.sha256(msgspec.json.encode([shown(str(part)) for part in parts])).hexdigest()[:_DIGITS]
