"""What every process of one scan has to know, and how each comes to the same table of kinds and the same walk."""

from __future__ import annotations

from functools import partial

import msgspec

from pkgscan.archive.limits import Limits
from pkgscan.archive.root import Root
from pkgscan.facts.text import TextLine
from pkgscan.inputs import Input, tree_members
from pkgscan.kinds import KindTable
from pkgscan.model import Role
from pkgscan.outcome import Judging
from pkgscan.registry import Registry


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What every process of one scan has to know."""

    judging: Judging | None = None  # None: a mere tree
    limits: Limits = Limits()
    totals_only: bool = False  # of a tree: how many entries of how many bytes, and the gaps

    @property
    def tree_only(self) -> bool:
        """Whether to walk, identify and hash, and to read nothing."""
        return self.judging is None

    def wants_texts(self, registry: Registry) -> bool:
        """Whether a rule that will run looks at single lines of text."""
        if self.judging is None:
            return False
        chosen = self.judging.rules
        return any(r.looks_at is TextLine and (chosen is None or r.id in chosen) for r in registry.rules)


def kind_table(registry: Registry, *, tree_only: bool = False, role: Role = "package") -> KindTable:
    """The kinds of every loaded reader; for a mere tree their content is not wanted.

    Of what is no package to be judged, only that which readers `compare` it with is.
    """
    kinds = tuple(kind for reader in registry.readers for kind in reader.kinds)
    wanted = None
    if role != "package":
        wanted = frozenset(kind.name for reader in registry.readers if reader.compares for kind in reader.kinds)
        if role != "previous":
            kinds = tuple(
                msgspec.structs.replace(kind, suffixes=(*kind.suffixes, *kind.companion_suffixes)) for kind in kinds
            )
    return KindTable(kinds, wanted=frozenset() if tree_only else wanted)


def root_of(source: Input) -> Root:
    """An input as the walk takes it."""
    if source.is_directory:
        return Root(source.name, partial(tree_members, source), is_directory=True)
    window = source.window()
    return Root(source.name, lambda: (window.member(),), window)
