"""A file whose name says that it is a secret is deleted by a later layer of an image, and shipped all the same.

A layer only hides what lies below it. Everybody who has the package can read the file, though no container shows it;
that somebody deleted it says that it was not meant to be there.
"""

import re
from collections.abc import Iterator

from pkgscan.facts.container import RemovedFile
from pkgscan.rule import DEFECT, LOW, Problem, Related, Scan, rule

# Names that tools give to private keys and stored credentials, and to nothing else.
SECRET = re.compile(
    r"(?:.*/)?(?:id_(?:rsa|dsa|ecdsa|ed25519)|[^/]+\.(?:p12|pfx|jks|ppk)|[^/]*(?:private|priv)[^/]*\.(?:pem|key)"
    r"|\.env(?:\.(?:local|production|prod))?|\.netrc|\.npmrc|\.pypirc|\.pgpass|\.git-credentials|\.dockercfg"
    r"|\.docker/config\.json|\.aws/credentials|\.kube/config)"
)


@rule(
    title="Deleted secret that the image still holds",
    category=DEFECT,
    severity=LOW,
    looks_at=RemovedFile,
    since="0.1",
    remedy="Tell the vendor; what the file held is to be changed, and the image built without it in any layer.",
)
def check(file: RemovedFile, scan: Scan) -> Iterator[Problem]:
    entry = scan.entry(file.span.path)
    if file.how != "deleted" or entry is None or not entry.size or not SECRET.fullmatch(entry.member):
        return
    by = scan.entry(file.by)
    yield Problem(
        file.span,
        f"{entry.member} is deleted from image {file.image} by a later layer, and is still readable in the package",
        evidence=(entry.member,),
        related=(Related(by.span, "deletes it"),) if by else (),
        confidence="medium",
    )
