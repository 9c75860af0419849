"""A part of a container image is not what the image itself says it is.

An image names its manifest, config and layers by the digest of their content. What loads images refuses one that does
not match, or, where it does not look, starts something else than was built and signed.
"""

from collections.abc import Iterator

from pkgscan.facts.container import ImageDigestMismatch
from pkgscan.rule import DEFECT, HIGH, Problem, Related, Scan, rule

DIGITS = 19  # characters of a digest worth reading in a message: sha256: and twelve


@rule(
    title="Image part with another digest than stated",
    category=DEFECT,
    severity=HIGH,
    looks_at=ImageDigestMismatch,
    since="0.1",
    stage="stable",
    remedy="Do not load the image; get it anew, and compare its digest with the one that the vendor published.",
)
def check(part: ImageDigestMismatch, _scan: Scan) -> Iterator[Problem]:
    yield Problem(
        part.span,
        f"{part.part} of image {part.image} has digest {part.found[:DIGITS]}, not {part.stated[:DIGITS]}",
        evidence=(part.part, part.stated),
        related=(Related(part.stated_at, f"says {part.stated[:DIGITS]}"),),
    )
