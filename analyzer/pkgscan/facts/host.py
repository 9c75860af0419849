"""Facts about the host that a package is made for, as far as the package itself says it."""

from typing import Literal

from pkgscan.model import Fact

PackageTool = Literal["dpkg", "rpm"]


class MadeFor(Fact, frozen=True):
    """A system that a part of the package is made for. A conclusion's value.

    `tool` is what installs it. `os` and `version` are as in os-release, and empty where only the tool is known; `sign`
    is the part of its name that says them: `el8`, `~deb11u1`.
    """

    tool: PackageTool
    os: str = ""
    version: str = ""
    sign: str = ""
