"""What a child that is taken over can do to the scan: be ended, and be said to have seen nothing."""

from __future__ import annotations

import array
import os
import socket
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from packing import zip_of
from pkgscan.archive.limits import Limits
from pkgscan.circumstances import Circumstances
from pkgscan.errors import EXIT_ERROR, EXIT_INCOMPLETE
from pkgscan.inputs import Input, open_input
from pkgscan.model import Entry
from pkgscan.outcome import Judging, Outcome
from pkgscan.plan import Plan
from pkgscan.processes import analysers, bounds, judge, roles, supervisor, walker
from pkgscan.processes import messages as say
from pkgscan.processes.crew import Crew
from pkgscan.processes.loop import Loop
from pkgscan.processes.supervisor import Supervisor
from pkgscan.readers.base import Wants
from pkgscan.registry import load
from pkgscan.report import Coverage, PackageInfo
from pkgscan.sandbox.child import CRASHED, Confinement, interpreter_paths
from pkgscan.sandbox.frames import Channel
from pkgscan.sandbox.wire import FrameError
from pkgscan.scanning import Options, make_report

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FOREVER = 3600
NAME = "p.zip"
PACKAGE = zip_of({"etc/cron.d/a": b"0 1 * * * root /usr/bin/true\n", "etc/cron.d/b": b"0 2 * * * root /bin/true\n"})
NEST = b"\x91" * 2_000_000
LAST = {"decoder": say.WALKED, "analyser": say.ANSWERED, "scanner": say.JUDGED}

Evil = Callable[[Channel], object]


@pytest.fixture
def package(tmp_path: Path) -> Input:
    path = tmp_path / NAME
    path.write_bytes(PACKAGE)
    return open_input(str(path))


def supervise(package: Input, timeout: int = 0) -> Supervisor:
    confinement = Confinement(interpreter_paths(), Limits())
    crew = Crew(confinement=confinement, jobs=2, timeout=timeout)
    return Supervisor(load(), (package,), Plan(judging=Judging(circumstances=Circumstances(NOW))), crew)


def take_over(monkeypatch: pytest.MonkeyPatch, role: str, evil: Evil) -> None:
    """Have every child of a role wait for its first order, a scanner for that to judge, and then do what it likes."""

    def main(channel: Channel) -> None:
        while (frame := channel.receive()) is not None and role == "scanner" and frame.kind != say.JUDGE:
            pass
        evil(channel)
        time.sleep(FOREVER)

    monkeypatch.setattr(roles, role, lambda *_: main)


def be_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a second for progress, not minutes."""
    monkeypatch.setattr(supervisor, "Loop", lambda deadline, _patience: Loop(deadline, 1.0))


def sending(*frames: tuple[int, bytes]) -> Evil:
    def evil(channel: Channel) -> None:
        for kind, payload in frames:
            channel.send(kind, payload)

    return evil


def flooding(kind: int, payload: bytes) -> Evil:
    def evil(channel: Channel) -> None:
        while True:
            channel.put(kind, payload)

    return evil


def trickling(kind: int, payload: bytes) -> Evil:
    def evil(channel: Channel) -> None:
        while True:
            channel.send(kind, payload)
            time.sleep(0.05)

    return evil


def reasons_of(outcome: Outcome) -> set[str]:
    """Why something was not seen: what a rule without a profile does not judge is no such thing."""
    return {gap.reason for gap in outcome.gaps if gap.effect != "not-judged"}


def reasons(outcome: Outcome) -> set[str]:
    """Why it is incomplete, which its exit code says too; and its package has its name."""
    report = make_report(outcome, Options(now=NOW), load(), ())
    found = reasons_of(outcome)
    assert report.gate.exit_code == (EXIT_ERROR if found == {"internal-error"} else EXIT_INCOMPLETE)
    assert outcome.package.path == NAME
    return found


GIBBERISH = {
    "no msgpack": b"\xc1",
    "nothing": b"",
    "another type": say.encode({"a": 1}),
    "no UTF-8": b"\x92\x01\xa2\xff\xfe",
    "nested": NEST,
}


@pytest.mark.parametrize("payload", GIBBERISH.values(), ids=GIBBERISH)
@pytest.mark.parametrize("kind", [say.OPENED, say.CONTENT, say.SEEN, say.GAPS])
def test_a_decoder_that_makes_no_sense(
    monkeypatch: pytest.MonkeyPatch, package: Input, kind: int, payload: bytes
) -> None:
    take_over(monkeypatch, "decoder", sending((kind, payload), (say.WALKED, b"")))
    found = reasons(supervise(package).run())
    assert found <= {"decoder-crash", "bad-frame", "no-root"}
    assert "decoder-crash" in found or {"bad-frame", "no-root"} == found


@pytest.mark.parametrize("payload", [struct.pack(">I?", 5, False) + b"\xc1" * 5, b"\xff\xff\xff\xff\x00"])
def test_a_content_of_no_entry(monkeypatch: pytest.MonkeyPatch, package: Input, payload: bytes) -> None:
    take_over(monkeypatch, "decoder", sending((say.CONTENT, payload)))
    assert reasons(supervise(package).run()) == {"decoder-crash"}


@pytest.mark.parametrize("payload", GIBBERISH.values(), ids=GIBBERISH)
@pytest.mark.parametrize("kind", [say.WANTS, say.FACTS, say.GAPS])
def test_an_analyser_that_makes_no_sense(
    monkeypatch: pytest.MonkeyPatch, package: Input, kind: int, payload: bytes
) -> None:
    take_over(monkeypatch, "analyser", sending((kind, payload), (say.ANSWERED, b"")))
    expected = "analyser-crash" if kind == say.WANTS else "bad-frame"
    assert reasons(supervise(package).run()) == {expected}


@pytest.mark.parametrize("payload", GIBBERISH.values(), ids=GIBBERISH)
def test_a_scanner_that_makes_no_sense(monkeypatch: pytest.MonkeyPatch, package: Input, payload: bytes) -> None:
    take_over(monkeypatch, "scanner", sending((say.OUTCOME, payload), (say.JUDGED, b"")))
    assert reasons(supervise(package).run()) == {"internal-error"}


@pytest.mark.parametrize("role", ["decoder", "analyser", "scanner"])
@pytest.mark.parametrize("kind", [0, 1, say.JUDGE, 255])
def test_a_frame_that_is_not_a_childs_to_send(
    monkeypatch: pytest.MonkeyPatch, package: Input, role: str, kind: int
) -> None:
    take_over(monkeypatch, role, sending((kind, b""), (LAST[role], b"")))
    assert reasons(supervise(package).run()) <= {"decoder-crash", "analyser-crash", "internal-error"}


@pytest.mark.parametrize("role", ["decoder", "analyser", "scanner"])
def test_a_traceback_must_be_the_last_word(monkeypatch: pytest.MonkeyPatch, package: Input, role: str) -> None:
    take_over(monkeypatch, role, flooding(CRASHED, b"\xff" * 1_000_000))
    outcome = supervise(package).run()
    assert reasons(outcome) <= {"decoder-crash", "analyser-crash", "internal-error"}
    assert max(len(gap.traceback) for gap in outcome.gaps) < 100_000


@pytest.mark.parametrize(
    ("role", "kind", "payload"),
    [
        ("decoder", say.OPENED, say.encode((1, "a"))),
        ("decoder", say.OPENED, say.encode((1, "a" * 5_000_000))),
        ("decoder", say.SEEN, say.encode([Entry(path="a")] * 256)),
        ("decoder", say.FACTS, say.encode([])),
        ("analyser", say.GAPS, b"\x90"),
        ("analyser", say.FACTS, b"\x90" + b"\0" * 1_000_000),
        ("analyser", say.WANTS, say.encode(Wants(("a" * 100_000,), "b"))),
        ("scanner", say.OUTCOME, b"\0" * 1_000_000),
        ("scanner", say.FACTS_FILE, b"\0" * 1_000_000),
    ],
)
def test_a_flood_is_ended(
    monkeypatch: pytest.MonkeyPatch, package: Input, role: str, kind: int, payload: bytes
) -> None:
    few = 3_000_000
    monkeypatch.setattr(walker, "WALK_BYTES", few)
    monkeypatch.setattr(analysers, "ANSWER_BYTES", few)
    monkeypatch.setattr(analysers, "ANSWER_FRAMES", 1000)
    monkeypatch.setattr(judge, "OUTCOME_BYTES", few)
    monkeypatch.setattr(judge, "FACTS_FILE_BYTES", few)
    take_over(monkeypatch, role, flooding(kind, payload))
    assert reasons(supervise(package).run()) - {"bad-frame"} == {
        {"decoder": "decoder-crash", "analyser": "analyser-crash", "scanner": "internal-error"}[role]
    }


def test_wishes_are_bounded_over_all_entries(monkeypatch: pytest.MonkeyPatch, package: Input) -> None:
    wish = (say.WANTS, say.encode(Wants(("p.zip!/" + "a" * 3000,), "testing")))
    monkeypatch.setattr(analysers, "WISH_BYTES", 5000)
    take_over(monkeypatch, "analyser", sending(wish, (say.ANSWERED, b"")))
    assert reasons(supervise(package).run()) == {"not-seen-again", "analyser-crash"}


def test_what_is_bounded_is_within_the_bound() -> None:
    bound = bounds.Bound("things", 10)
    bound.add(4)
    bound.add(6)
    with pytest.raises(FrameError, match="over 10 things"):
        bound.add(1)


@pytest.mark.parametrize(("role", "kind"), [("decoder", say.GAPS), ("analyser", say.FACTS)])
def test_a_trickle_is_no_progress(monkeypatch: pytest.MonkeyPatch, package: Input, role: str, kind: int) -> None:
    be_impatient(monkeypatch)
    take_over(monkeypatch, role, trickling(kind, b"\x90"))
    outcome = supervise(package).run()
    assert reasons(outcome) == {f"{role}-crash"}
    assert any("it got no further for 1 seconds" in gap.detail for gap in outcome.gaps)


@pytest.mark.parametrize("timeout", [0, 1])
def test_a_scanner_that_trickles_has_its_time(monkeypatch: pytest.MonkeyPatch, package: Input, timeout: int) -> None:
    monkeypatch.setattr(supervisor, "LAST_WORDS" if timeout else "JUDGING", 1.0)
    take_over(monkeypatch, "scanner", trickling(say.OUTCOME, b""))
    outcome = supervise(package, timeout).run()
    assert reasons(outcome) == {"timeout"}
    assert "had not judged after" in outcome.gaps[0].detail


@pytest.mark.parametrize("kind", [say.OUTCOME, say.FACTS_FILE, say.JUDGED])
def test_a_scanner_that_judges_before_it_is_told_to(monkeypatch: pytest.MonkeyPatch, package: Input, kind: int) -> None:
    monkeypatch.setattr(roles, "scanner", lambda *_: lambda channel: channel.send(kind, b""))
    assert reasons(supervise(package).run()) == {"internal-error"}


def test_a_scanner_that_takes_nothing_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    be_impatient(monkeypatch)
    many = tmp_path / NAME
    many.write_bytes(zip_of({f"{number:0200}": b"" for number in range(5000)}))
    monkeypatch.setattr(roles, "scanner", lambda *_: lambda _channel: time.sleep(FOREVER))
    assert reasons(supervise(open_input(str(many))).run()) == {"internal-error"}


@pytest.mark.parametrize("role", ["decoder", "analyser", "scanner"])
def test_a_child_that_hides_behind_a_closed_channel(monkeypatch: pytest.MonkeyPatch, package: Input, role: str) -> None:
    take_over(monkeypatch, role, lambda channel: channel.close())
    assert reasons(supervise(package).run()) <= {"decoder-crash", "analyser-crash", "internal-error"}


def test_a_walk_that_saw_nothing(monkeypatch: pytest.MonkeyPatch, package: Input) -> None:
    take_over(monkeypatch, "decoder", sending((say.WALKED, b"")))
    assert reasons(supervise(package).run()) == {"no-root"}
    tree = supervise(package).tree()
    assert [gap.reason for gap in tree.gaps] == ["no-root"]


def test_a_walk_that_saw_another_package(monkeypatch: pytest.MonkeyPatch, package: Input) -> None:
    seen = say.encode([Entry(path=NAME, size=package.size - 1)])
    take_over(monkeypatch, "decoder", sending((say.SEEN, seen), (say.WALKED, b"")))
    assert reasons(supervise(package).run()) == {"no-root"}


def test_descriptors_nobody_asked_for_are_closed(monkeypatch: pytest.MonkeyPatch, package: Input) -> None:
    def evil(channel: Channel) -> None:
        fd = os.memfd_create("x")
        for number in range(50):
            channel.send(say.FOUND, say.encode(say.Piece(f"p.zip!/{number}", 0, 1)), (fd,))
        channel.send(say.WALKED, b"")

    before = set(os.listdir("/dev/fd"))
    take_over(monkeypatch, "decoder", evil)
    assert reasons(supervise(package).run()) == {"decoder-crash"}
    assert set(os.listdir("/dev/fd")) == before


def test_descriptors_beside_other_frames_are_closed(monkeypatch: pytest.MonkeyPatch, package: Input) -> None:
    def evil(channel: Channel) -> None:
        null = os.open(os.devnull, os.O_RDONLY)
        header = struct.pack(">IBB", 1, say.GAPS, 1) + b"\x90"
        with socket.socket(fileno=os.dup(channel.fileno())) as raw:
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [null]).tobytes())
            for _ in range(50):
                raw.sendmsg([header], [rights])
        channel.send(say.WALKED, b"")

    before = set(os.listdir("/dev/fd"))
    take_over(monkeypatch, "decoder", evil)
    reasons(supervise(package).run())
    assert set(os.listdir("/dev/fd")) == before


def outcome_with(parts: dict[str, Any]) -> bytes:
    coverage = Coverage(0, 0, 0, 0, 0)
    outcome = Outcome(
        package=PackageInfo("x", "", 1, 0, 0), findings=(), gaps=(), coverage=coverage, parts={"schedule": []}
    )
    whole = say.encode(outcome)
    return whole.replace(say.encode({"schedule": []}), say.encode(parts))


HOSTILE_PARTS: dict[str, dict[str, Any]] = {
    "another part": {"schedule": [], "other": []},
    "no rows": {"schedule": 5},
    "a row that is none": {"schedule": [5]},
    "a row of another shape": {"schedule": [{"when": "\x1b[31m", "x": b"\xff", "span": 5}]},
    "a row of nothing": {"schedule": [{}]},
}


@pytest.mark.parametrize("parts", HOSTILE_PARTS.values(), ids=HOSTILE_PARTS)
def test_a_part_is_rows_of_its_type(monkeypatch: pytest.MonkeyPatch, package: Input, parts: dict[str, Any]) -> None:
    with pytest.raises(FrameError):
        judge.decode_outcome(outcome_with(parts), load())
    take_over(monkeypatch, "scanner", sending((say.OUTCOME, outcome_with(parts)), (say.JUDGED, b"")))
    assert reasons(supervise(package).run()) == {"internal-error"}


@pytest.mark.parametrize("rows", [b"\x91" * 400 + b"\x90", b"\xdd\x7f\xff\xff\xff", b"\xdc\xff\xff" + b"\x90" * 0xFFFF])
def test_rows_nested_or_empty_fill_no_memory(rows: bytes) -> None:
    whole = outcome_with({"schedule": []}).replace(b"\xa8schedule\x90", b"\xa8schedule" + rows)
    with pytest.raises(FrameError):
        judge.decode_outcome(whole, load())


def test_an_honest_outcome_is_what_was_sent(package: Input) -> None:
    outcome = supervise(package).run()
    assert reasons_of(outcome) == set()
    assert len(outcome.parts["schedule"]) == 2
    assert judge.decode_outcome(say.encode(outcome), load()) == outcome
