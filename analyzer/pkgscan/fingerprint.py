"""Names for findings and gaps that survive a release: what suppressions and baselines match on.

Scheme `pkgscan/1`: a hash of the rule, the path inside the package, the evidence and an occurrence number. Message
texts and line numbers stay out, as do versions and dates in names, so that an unchanged finding keeps its name in the
next release.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cache

from msgspec.structs import replace

from pkgscan.model import MEMBER, Finding, Gap, Span

SCHEME = "pkgscan/1"
DIGITS = 20  # hexadecimal: 80 bits, far more than anyone can search for a second text of the same name

_VERSION_MARK = "#"
# 2026-03-01, 20260301, 2026.03.01, with or without a time of day (20260301T1200, 20260301120000).
_DATE = (
    r"(?<!\d)(?:19|20)\d\d(?P<mark>[-_.]?)(?:0[1-9]|1[0-2])(?P=mark)(?:0[1-9]|[12]\d|3[01])"
    r"(?:[-_.T]?\d{4}(?:\d\d)?)?(?!\d)"
)
# 7.4.1, v7.4, v7, 1.6.5+dfsg-1+deb12u4, 2.0.0-rc.1, 1.2-3.el9. A lone number is none: 007.sql, step-2.sh.
# Runs are possessive and begin at their first digit, so the time stays linear in the length of the name.
_VERSION = (
    r"(?:(?<![a-z0-9])v\d++(?:\.\d++)*+|(?<!\d)\d++(?:\.\d++)++)"
    r"(?:[-+~.]?(?:alpha|beta|build|snapshot|release|final|ubuntu|dfsg|repack|post|pre|dev|rev|git|bpo|deb|nmu|pl|ga|rc|sp|el|fc|ds)"
    r"(?![a-z])(?:[-.]?\d++(?:u\d++)?)?|[-+~]\d++(?:\.\d++)*+(?![a-z0-9])){0,8}"
)
# Names whose format itself says which part is the version.
_DEB = r"([^_]+)_[^_]+_([^_]+\.u?deb!?)"
_RPM = r"(.+)-[^-]+-[^-]+(\.[^-.]+\.rpm!?)"


def fingerprint_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The same findings in the same order, each with its fingerprint.

    Findings alike in rule, path and evidence are numbered by their place, so the order they come in changes nothing.
    """
    findings = tuple(findings)
    names = [(finding.rule, inner_path(finding.span), *finding.evidence) for finding in findings]
    places = [(*_span_key(finding.span), finding.message) for finding in findings]
    prints = _prints(names, places)
    return tuple(replace(finding, fingerprint=mark) for finding, mark in zip(findings, prints, strict=True))


def fingerprint_gaps(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """The same gaps in the same order, each named by its reason, path and content.

    Other content is another gap: what was accepted unread must be looked at again when it changes.
    """
    gaps = tuple(gaps)
    names = [("gap", gap.reason, inner_path(gap.span), gap.sha256) for gap in gaps]
    places = [(*_span_key(gap.span), gap.stage, gap.detail) for gap in gaps]
    prints = _prints(names, places)
    return tuple(replace(gap, fingerprint=mark) for gap, mark in zip(gaps, prints, strict=True))


def is_fingerprint(text: str) -> bool:
    """Whether a text could be one."""
    return len(text) == DIGITS and set(text) <= set("0123456789abcdef")


def inner_path(span: Span | None) -> str:
    """The path below the package with versions and dates replaced by `#`; empty for the package itself."""
    if span is None:
        return ""
    return "/".join(_stable(component) for component in below_package(span.path).split("/"))


def below_package(path: str) -> str:
    """A path without the package's own name in front; empty for the package itself."""
    return path.partition(MEMBER)[2]


def _stable(component: str) -> str:
    deb, rpm, date, version = _patterns()
    exact = deb.fullmatch(component)
    if exact is not None:
        return f"{exact[1]}_{_VERSION_MARK}_{exact[2]}"
    exact = rpm.fullmatch(component)
    if exact is not None:
        return f"{exact[1]}-{_VERSION_MARK}{exact[2]}"
    return version.sub(_VERSION_MARK, date.sub(_VERSION_MARK, component))


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """For a deb's name, an rpm's, a date and a version; a scan that finds nothing is spared compiling them."""
    return re.compile(_DEB), re.compile(_RPM), re.compile(_DATE), re.compile(_VERSION, re.IGNORECASE)


def _prints(names: Sequence[tuple[str, ...]], places: Sequence[tuple[str | int, ...]]) -> list[str]:
    seen: dict[tuple[str, ...], int] = {}
    prints = [""] * len(names)
    for at in sorted(range(len(names)), key=places.__getitem__):
        number = seen.get(names[at], 0)
        seen[names[at]] = number + 1
        prints[at] = _digest((*names[at], str(number)))
    return prints


def _span_key(span: Span | None) -> tuple[str | int, ...]:
    at = span or Span("")
    return (at.path, at.first_line, at.first_column, at.first_byte, at.last_line, at.last_column, at.last_byte)


def _digest(parts: tuple[str, ...]) -> str:
    # Lengths in front keep ("a", "bc") and ("ab", "c") apart.
    encoded = [part.encode("utf-8", "surrogatepass") for part in (SCHEME, *parts)]
    return hashlib.sha256(b"".join(b"%d:%s" % (len(part), part) for part in encoded)).hexdigest()[:DIGITS]
