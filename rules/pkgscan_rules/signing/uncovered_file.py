"""Files that run, or are run, are covered by no signature that the target trusts, while others of the package are.

Who signs only a part of a package leaves the rest to whoever can change it on its way.
"""

from collections.abc import Iterator

from pkgscan.facts.signing import Uncovered
from pkgscan.model import MEMBER
from pkgscan.rule import DEFECT, MEDIUM, Problem, Related, Scan, rule


@rule(
    title="File that no trusted signature covers",
    category=DEFECT,
    severity=MEDIUM,
    looks_at=Uncovered,
    since="0.1",
    remedy="Ask the vendor to sign the whole package, or to list these files in what is signed.",
)
def check(group: Uncovered, _scan: Scan) -> Iterator[Problem]:
    folder = group.folder.rpartition(MEMBER)[2]
    where = f" in {folder}" if folder else ""
    what = group.sort if group.count > 1 else group.sort.removesuffix("s")
    verb = "are" if group.count > 1 else "is"
    message = f"{group.count} {what}{where} {verb} covered by no trusted signature"
    others = tuple(Related(span, "is not covered either") for span in group.files)
    yield Problem(group.span, message, evidence=(group.sort, folder), related=others)
