"""What the scanner takes in from the other children: what makes no sense, and what is missing, is a gap."""

from __future__ import annotations

from pkgscan.engine import Engine
from pkgscan.inputs import Input
from pkgscan.model import Effect, Entry, Gap, Span, Stage
from pkgscan.processes import messages as say
from pkgscan.registry import Registry
from pkgscan.sandbox.frames import Frame
from pkgscan.sandbox.wire import FrameError


class Intake:
    """Fills an engine. The parent hands on frames as they come; here they are decoded, and not trusted."""

    def __init__(self, engine: Engine, registry: Registry) -> None:
        self._engine = engine
        self._facts = say.facts_decoder(registry)
        self._roots: dict[str, Entry] = {}
        self._unseen: set[str] = set()  # paths of gaps

    def take(self, frame: Frame) -> None:
        """One frame of entries, facts or gaps; one that makes no sense is left out, and that is said."""
        try:
            self._take(frame)
        except FrameError as error:
            self._engine.add_gap(_gap("read", "bad-frame", f"a child of the scan is not to be trusted: {error}"))

    def _take(self, frame: Frame) -> None:
        if frame.kind == say.SEEN:
            for entry in say.unpack_entries(frame.payload):
                self._engine.add_entry(entry)
                if not entry.archive:
                    self._roots[entry.path] = entry
        elif frame.kind == say.FACTS:
            for fact in say.decode_by(self._facts, frame.payload):
                self._engine.add_fact(fact)
        else:
            for gap in say.decode(list[Gap], frame.payload):
                self._engine.add_gap(gap)
                if gap.span is not None and gap.effect == "unread":
                    self._unseen.add(gap.span.path)

    def require(self, inputs: tuple[Input, ...]) -> None:
        """Every walk ends with the input itself, whole; one that says nothing of it saw who knows what."""
        for source in inputs:
            root = self._roots.get(source.name)
            whole = root is not None and (source.is_directory or root.size == source.size)
            if not whole and source.name not in self._unseen:
                detail = f"the walk over {source.name} ended without seeing it to its end"
                self._engine.add_gap(_gap("walk", "no-root", detail, source.name))


def _gap(stage: Stage, reason: str, detail: str, path: str = "") -> Gap:
    effect: Effect = "unread"
    return Gap(effect=effect, stage=stage, reason=reason, detail=detail, span=Span(path) if path else None)
