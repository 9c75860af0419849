"""The child that collects and judges, as the parent sees it; what it says is decoded into the types it must have."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from pkgscan.inputs import Input
from pkgscan.model import Gap
from pkgscan.outcome import Outcome
from pkgscan.processes import messages as say
from pkgscan.processes.bounds import FACTS_FILE_BYTES, OUTCOME_BYTES, Bound
from pkgscan.processes.loop import Loop, Stopped
from pkgscan.processes.worker import Worker
from pkgscan.registry import Registry
from pkgscan.report import Coverage, PackageInfo
from pkgscan.sandbox.frames import Frame
from pkgscan.sandbox.wire import FrameError

LEAST_ROW = 8  # bytes: a row is a map with named fields; what claims more rows would fill memory with nothing
ROW_BYTES = 1 << 20  # of one row: lines of a package with what is told of them


class Judge:
    """`worker` is the scanner, or the one child of a tiny package. Once `done`, `outcome` is what it found out."""

    def __init__(self, loop: Loop, worker: Worker, registry: Registry) -> None:
        self._loop = loop
        self._registry = registry
        self._worker: Worker | None = loop.add(worker, self)
        self._asked = False
        self._pieces = bytearray()
        self._bytes = Bound("bytes of an outcome", OUTCOME_BYTES)
        self._facts_bytes = Bound("bytes of a facts file", FACTS_FILE_BYTES)
        self.facts_file = bytearray()
        self.outcome: Outcome | None = None
        self._failure = Gap(effect="unread", stage="judge", reason="internal-error", detail="")

    @property
    def pid(self) -> int:
        """Its process id; 0 once it has ended."""
        return self._worker.pid if self._worker is not None else 0

    @property
    def is_behind(self) -> bool:
        """Whether it has yet to take what was sent to it."""
        return self._worker is not None and self._worker.port.unsent

    def take(self, kind: int, payload: bytes) -> None:
        """One more frame to judge by."""
        if self._worker is not None:
            self._worker.order(kind, payload)

    def wait(self) -> None:
        """Wait for the outcome of a child that judges unasked. Raises Stopped."""
        if self._worker is not None:
            self._worker.busy = True
        self._hear_out()

    def judge(self, until: float) -> None:
        """Have it judge, until a time of the monotonic clock at the latest."""
        self._loop.put_off(until)
        begun = time.monotonic()
        if self._worker is not None:
            self._worker.order(say.JUDGE, b"")
        try:
            self._hear_out()
        except Stopped:
            detail = f"the scanner had not judged after {time.monotonic() - begun:.0f} seconds"
            self._failure = Gap(effect="unread", stage="judge", reason="timeout", detail=detail)

    def _hear_out(self) -> None:
        self._asked = True
        self._loop.run(lambda: self.outcome is not None or self._worker is None)

    def listens(self, worker: Worker) -> bool:  # noqa: ARG002  # as every owner's
        """Always."""
        return True

    def hear(self, worker: Worker, frame: Frame) -> None:
        """A piece of what it found out, or the end of it."""
        if not self._asked or self.outcome is not None:
            raise FrameError("it said what it was not asked for")
        if frame.kind == say.OUTCOME:
            self._bytes.add(len(frame.payload))
            self._pieces += frame.payload
        elif frame.kind == say.FACTS_FILE:
            self._facts_bytes.add(len(frame.payload))
            self.facts_file += frame.payload
        else:
            self.outcome = decode_outcome(bytes(self._pieces), self._registry)
            worker.busy = False

    def lose(self, worker: Worker) -> None:
        """It has ended; without an outcome that is all there is to say."""
        self._worker = None
        detail = f"the scanner {worker.cause}"
        self._failure = msgspec.structs.replace(self._failure, detail=detail, traceback=worker.traceback)

    def conclusion(self, package: Input) -> Outcome:
        """What is known of a package in the end: where the scanner is gone, that nothing was judged."""
        if self.outcome is not None:
            return self.outcome.named(package.name, package.size)
        return Outcome(
            package=PackageInfo(package.name, "", package.size, 0, 0),
            findings=(),
            gaps=(self._failure,),
            coverage=Coverage(0, 0, 0, 1, 0),
            parts={},
        )


def decode_outcome(data: bytes, registry: Registry) -> Outcome:
    """The outcome that a child encoded, each part's rows as its conclusion declares them. Raises FrameError."""
    rows = {one.part.key: one.part.row for one in registry.conclusions if one.part is not None}
    names = {f"part{number}": key for number, key in enumerate(rows)}
    parts = msgspec.defstruct(
        "Parts", [(name, msgspec.Raw, msgspec.Raw()) for name in names], rename=names, forbid_unknown_fields=True
    )
    said = msgspec.defstruct("Said", [("parts", parts)], bases=(Outcome,), frozen=True, kw_only=True)
    found = say.decode(said, data)
    fields = {name: getattr(found, name) for name in Outcome.__struct_fields__}
    raw = ((key, getattr(found.parts, name)) for name, key in names.items())
    fields["parts"] = {key: _decode_rows(bytes(value), rows[key]) for key, value in raw if bytes(value)}
    return Outcome(**fields)


def _decode_rows(data: bytes, kind: type[Any]) -> list[Any]:
    """Plain data, as the report has it, that is sure to be rows of the type."""
    if say.array_length(data) * LEAST_ROW > len(data):
        raise FrameError("rows of a part that are none")
    return [msgspec.to_builtins(_decode_row(bytes(row), kind)) for row in say.decode(list[msgspec.Raw], data)]


def _decode_row(data: bytes, kind: type[Any]) -> Any:
    if len(data) > ROW_BYTES:
        raise FrameError(f"a row of over {ROW_BYTES} bytes")
    plain = say.decode(dict[str, Any], data)
    try:
        return msgspec.convert(plain, kind)
    except (msgspec.ValidationError, ValueError, RecursionError) as error:
        raise FrameError(f"a row that is none: {error}") from error
