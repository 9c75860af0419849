"""Facts about what the package takes for granted of the host it would be installed on."""

from typing import Literal

from pkgscan.model import Fact, Span

Verdict = Literal["met", "not met", "not known"]


class Reliance(Fact, frozen=True):
    """A place at which the package relies on something of the host. A conclusion's value; any conclusion may add some.

    `kind` is the sort of thing (unit, user, command, host, database, table, right, disk, system), `subject` the thing
    as a person names it. `holds`, `phrase` and `stated` are what the target profile says of it: as in an `Answer`, and
    empty without a profile.
    """

    kind: str
    subject: str
    holds: bool | None = None
    phrase: str = ""
    stated: Span | None = None


class Assumption(Fact, frozen=True):
    """Something that the package takes for granted, once however often it does. A row of the report.

    `span` is the first place at which it does, `uses` are a few, `count` is how many there are. `verdict` says whether
    the target profile meets it, `phrase` in what words, and `stated` where.
    """

    kind: str
    subject: str
    verdict: Verdict = "not known"
    phrase: str = ""
    stated: Span | None = None
    uses: tuple[Span, ...] = ()
    count: int = 1
