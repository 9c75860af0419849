"""What the scripts of a package need of the host, each thing once. Values of a conclusion; rules look at them."""

from __future__ import annotations

from typing import Literal

from pkgscan.model import Fact, Related

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


class ServiceLeftStopped(Fact, frozen=True, kw_only=True):
    """A script stops a unit, and nothing in the package starts it again. `uses` are further places that stop it."""

    unit: str
    uses: tuple[Related, ...] = ()
