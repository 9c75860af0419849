"""Which systems the parts of a package are made for: by their format, and by what vendors write into their names.

Sources: the Debian developers' reference 5.8.5.4 and 5.5 on `+deb12u1` and `~bpo12+1`; Fedora's packaging guidelines on
%{?dist}; the names that Debian and Ubuntu give their releases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion
from pkgscan.facts.assumption import Reliance
from pkgscan.facts.host import MadeFor, PackageTool
from pkgscan.graph import Graph
from pkgscan.model import Entry, Span
from pkgscan.patterns import pattern
from pkgscan.reason.reliance import relies

FORMATS: Mapping[str, PackageTool] = MappingProxyType({"deb": "dpkg", "rpm": "rpm"})
NAMED: Mapping[str, str] = MappingProxyType({
    "el": "rhel", "fc": "fedora", "amzn": "amzn", "mga": "mageia", "deb": "debian", "bpo": "debian", "ubuntu": "ubuntu",
})  # fmt: skip
RELEASES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "buster": ("debian", "10"), "bullseye": ("debian", "11"), "bookworm": ("debian", "12"),
    "trixie": ("debian", "13"), "forky": ("debian", "14"), "bionic": ("ubuntu", "18.04"),
    "focal": ("ubuntu", "20.04"), "jammy": ("ubuntu", "22.04"), "noble": ("ubuntu", "24.04"),
})  # fmt: skip
_SIGNS: Mapping[PackageTool, str] = MappingProxyType(
    {
        "rpm": r"[._-](el|fc|amzn|mga)(\d{1,4})(?![0-9])",
        "dpkg": r"(?:[+~._-](deb|bpo)(\d{1,2})|(ubuntu)(\d\d\.\d\d))(?![0-9])",
    }
)
_WORD = r"[+~._-]([a-z]{4,8})(?![a-z])"


def conclude(graph: Graph, circumstances: Circumstances) -> Iterator[MadeFor | Reliance]:
    """One fact a package in the package, and that together they rely on a system that can install one of them."""
    found = [made_for(entry) for entry in graph.entries() if entry.format in FORMATS]
    found = [one for one in found if not graph.images_of(one.span.path)]
    yield from found
    if found:
        tools = sorted({one.tool for one in found})
        answer = circumstances.target.installs_with(tools)
        yield relies("system", f"a system with {' or '.join(tools)}", found[0].span, answer)


def made_for(entry: Entry) -> MadeFor:
    """The system that a deb or rpm is made for."""
    tool, name = FORMATS[entry.format], entry.path.rpartition("/")[2]
    found = pattern(_SIGNS[tool]).search(name)
    if found:
        mark, version = filter(None, found.groups())
        return MadeFor(span=Span(entry.path), tool=tool, os=NAMED[mark], version=version, sign=mark + version)
    for word in pattern(_WORD).findall(name) if tool == "dpkg" else ():
        if word in RELEASES:
            return MadeFor(span=Span(entry.path), tool=tool, os=RELEASES[word][0], version=RELEASES[word][1], sign=word)
    return MadeFor(span=Span(entry.path), tool=tool)


MADE_FOR = Conclusion(name="made-for", concludes=(MadeFor, Reliance), conclude=conclude)
