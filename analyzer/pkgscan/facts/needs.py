"""What the scripts of a package need of the host, each thing once. Values of a conclusion; rules look at them."""

from __future__ import annotations

from typing import Literal

from pkgscan.model import Fact, Related, Span

NeedKind = Literal["unit", "user", "command"]


class Need(Fact, frozen=True, kw_only=True):
    """A unit, user or command that scripts use and the package does not bring. `span` is the first use.

    `uses` are the others, a few of them, each with a phrase. `sure`: no value that may be another makes it so.
    `optional`: the failure of each use is swallowed, so that the script goes on without it.
    """

    kind: NeedKind
    name: str
    uses: tuple[Related, ...] = ()
    sure: bool = True
    optional: bool = False


class RootNeed(Fact, frozen=True, kw_only=True):
    """A script does what only root may do, and neither becomes root nor looks whether it is. `uses` are further places.

    `span` is the first of them.
    """

    uses: tuple[Related, ...] = ()


class ServiceStop(Fact, frozen=True, kw_only=True):
    """Scripts stop a unit; `span` is the first place that does. `uses` are further ones.

    `starts` are the places that start it again, those after the stop in the same script first; none where nothing in
    the package does. `given_up`: it is disabled or masked as well, and not meant to run any more.
    """

    unit: str
    starts: tuple[Span, ...] = ()
    uses: tuple[Related, ...] = ()
    given_up: bool = False
