"""What the death of a child costs, that inputs keep their roles, and that second looks see whole contents."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import tarfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
from report_samples import rule_info

from packing import tar_of, zip_of
from pkgscan import looks
from pkgscan.archive.limits import MIB, Limits
from pkgscan.circumstances import Circumstances
from pkgscan.errors import EXIT_INCOMPLETE
from pkgscan.inline import run
from pkgscan.inputs import Input, open_input
from pkgscan.looks import CONTENTS
from pkgscan.model import Fact, Role, Span
from pkgscan.outcome import Judging, Outcome
from pkgscan.plan import Plan
from pkgscan.processes.crew import Crew
from pkgscan.processes.launch import scan
from pkgscan.processes.supervisor import Supervisor
from pkgscan.readers.base import Kind, Reader, Reading, Source, Wants
from pkgscan.registry import Registry
from pkgscan.rule import INFO, Problem, Rule, Scan
from pkgscan.sandbox.child import Confinement, interpreter_paths
from pkgscan.scanning import Options, make_report

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Digest(Fact, frozen=True):
    """What a reader saw of an entry."""

    sha256: str


def spin() -> None:
    while True:
        pass


def fail() -> None:
    raise KeyError("raise")


FATES: dict[str, Callable[[], object]] = {
    "abort": os.abort,
    "sleep": partial(time.sleep, 3600),
    "spin": spin,
    "allocate": partial(bytearray, 1 << 30),
    "raise": fail,
}


class Probe(Reader):
    """Obeys its entries: the first word says what to do."""

    kinds: ClassVar[tuple[Kind, ...]] = (Kind(name="probe", suffixes=(".probe",)),)
    facts: ClassVar[tuple[type[Fact], ...]] = (Digest,)

    def read(self, source: Source) -> Iterator[Reading]:
        words = source.text.split()
        if words[0] in FATES:
            FATES[words[0]]()
        elif words[0] == "want":
            yield Wants(tuple(words[1:]), "testing")
        elif words[0] == "want-each":
            yield from (Wants((word,), "testing") for word in words[1:])
        yield Digest(span=Span(source.path), sha256=hashlib.sha256(source.data).hexdigest())

    def look_again(self, purpose: str, sources: tuple[Source, ...]) -> Iterator[Reading]:
        assert purpose == "testing"
        for source in sources:
            digest = hashlib.sha256()
            for block in source.blocks():
                digest.update(block)
            yield Digest(span=Span(source.path), text="again", sha256=digest.hexdigest())


def say_digest(digest: Digest, _scan: Scan) -> Iterator[Problem]:
    yield Problem(digest.span, f"{digest.text} {digest.sha256}", evidence=(digest.text, digest.sha256))


class ProbeRegistry(Registry):
    """The probe, and a rule that tells what it saw."""

    def __init__(self) -> None:
        self.rules = (Rule(say_digest, Digest, rule_info("digest", INFO)),)  # type: ignore[arg-type]
        self.readers = (Probe(),)
        self.conclusions = ()


PLAN = Plan(judging=Judging(circumstances=Circumstances(NOW)))


def supervisor(*inputs: Input, plan: Plan = PLAN, **crew: object) -> Supervisor:
    confinement = Confinement(interpreter_paths(), plan.limits)
    return Supervisor(ProbeRegistry(), inputs, plan, Crew(confinement=confinement, **crew))  # type: ignore[arg-type]


def write(tmp_path: Path, name: str, data: bytes, role: Role = "package") -> Input:
    path = tmp_path / name
    path.write_bytes(data)
    return open_input(str(path), role)


def told(outcome: Outcome) -> dict[str, str]:
    return {finding.span.path: finding.message.strip() for finding in outcome.findings if finding.span}


def reasons(outcome: Outcome) -> list[tuple[str, str]]:
    return [(gap.span.path if gap.span else "", gap.reason) for gap in outcome.gaps]


def fails_the_gate(outcome: Outcome) -> bool:
    """Whether the report says that not everything was seen, by its exit code too."""
    report = make_report(outcome, Options(now=NOW), ProbeRegistry(), ())
    return (report.gate.result, report.gate.exit_code) == ("incomplete", EXIT_INCOMPLETE)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


PROBES = {f"d/{n}.probe": f"plain {n}".encode() for n in range(30)}


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_everything_is_read_once(tmp_path: Path, jobs: int) -> None:
    source = write(tmp_path, "p.zip", zip_of(PROBES))
    outcome = supervisor(source, jobs=jobs).run()
    assert told(outcome) == {f"p.zip!/{name}": sha(data) for name, data in PROBES.items()}
    assert not outcome.gaps


def test_the_same_in_one_process_alone_and_in_many(tmp_path: Path) -> None:
    source = write(tmp_path, "p.zip", zip_of({**PROBES, "in.tgz": tar_of(PROBES, "w:gz"), "bad.probe": b"raise"}))
    several = supervisor(source, jobs=2).run()
    alone = supervisor(source).run_alone()
    here = run(ProbeRegistry(), (source,), PLAN).judge()
    assert alone == several
    assert (here.findings, here.coverage) == (several.findings, several.coverage)


@pytest.mark.parametrize("jobs", [1, 3])
def test_analyser_that_crashes_costs_its_entry(tmp_path: Path, jobs: int) -> None:
    source = write(tmp_path, "p.zip", zip_of({**PROBES, "d/05.probe": b"abort"}))
    outcome = supervisor(source, jobs=jobs).run()
    assert reasons(outcome) == [("p.zip!/d/05.probe", "analyser-crash")]
    assert len(told(outcome)) == len(PROBES)
    assert "SIGABRT" in outcome.gaps[0].detail


def test_analyser_killed_from_outside_costs_its_entry(tmp_path: Path) -> None:
    source = write(tmp_path, "p.zip", zip_of({**PROBES, "d/05.probe": b"sleep"}))
    under_test = supervisor(source)

    def kill(_number: int, _frame: object) -> None:
        """Ends the sleeper, once it sleeps; until then the timer comes again."""
        for worker, (job, _) in tuple(under_test._analysers._busy.items()):
            if job.entry.path == "p.zip!/d/05.probe":
                signal.setitimer(signal.ITIMER_REAL, 0)
                os.kill(worker.pid, signal.SIGKILL)

    before = signal.signal(signal.SIGALRM, kill)
    signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
    try:
        outcome = under_test.run()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert reasons(outcome) == [("p.zip!/d/05.probe", "analyser-crash")]
    assert len(told(outcome)) == len(PROBES)
    assert fails_the_gate(outcome)


def test_endless_reader_is_ended_by_its_cpu_limit(tmp_path: Path) -> None:
    source = write(tmp_path, "p.zip", zip_of({**PROBES, "d/05.probe": b"spin"}))
    plan = Plan(judging=Judging(circumstances=Circumstances(NOW)), limits=Limits(entry_cpu=1))
    outcome = supervisor(source, plan=plan).run()
    assert reasons(outcome) == [("p.zip!/d/05.probe", "limit-entry-cpu")]
    assert len(told(outcome)) == len(PROBES)


def test_endless_reader_of_a_tiny_package_is_ended_too(tmp_path: Path) -> None:
    """A package so small that one child does everything: that child is bounded, and then the others are."""
    source = write(tmp_path, "p.zip", zip_of({"05.probe": b"spin"}))
    report, _ = scan(ProbeRegistry(), (source,), Options(now=NOW, limits=Limits(entry_cpu=1)))
    assert [(gap.span and gap.span.path, gap.reason) for gap in report.gaps] == [("p.zip!/05.probe", "limit-entry-cpu")]


def test_reader_that_raises_is_our_fault_and_said(tmp_path: Path) -> None:
    source = write(tmp_path, "p.zip", zip_of({**PROBES, "d/05.probe": b"raise"}))
    outcome = supervisor(source).run()
    assert reasons(outcome) == [("p.zip!/d/05.probe", "read-error")]
    assert "KeyError" in outcome.gaps[0].traceback


@pytest.mark.parametrize("times", [1, 2])
def test_decoder_killed_from_outside_costs_one_nested_archive(tmp_path: Path, times: int) -> None:
    large = b" plain" * (MIB // 6)  # more than sockets hold: the decoder is still inside when it is killed
    inner = {f"in{n}.tar": tar_of({f"{n}-{m}.probe": b"%d%d" % (n, m) + large for m in range(9)}) for n in range(5)}
    outer = zip_of({"before.probe": b"plain", "deep.zip": zip_of(inner), "later.probe": b"plain"})
    victims = {f"p.zip!/deep.zip!/in{n}.tar" for n in (1, 3)[:times]}

    def kill(path: str) -> None:
        if path in victims:
            assert under_test._decoder is not None
            os.kill(under_test._decoder.pid, signal.SIGKILL)

    under_test = supervisor(write(tmp_path, "p.zip", outer), progress=kill)
    outcome = under_test.run()
    assert reasons(outcome) == [(path, "decoder-crash") for path in sorted(victims)]
    assert fails_the_gate(outcome)
    seen = told(outcome)
    assert {"p.zip!/before.probe", "p.zip!/later.probe"} <= seen.keys()
    for n in range(5):
        if f"p.zip!/deep.zip!/in{n}.tar" not in victims:
            assert {f"p.zip!/deep.zip!/in{n}.tar!/{n}-{m}.probe" for m in range(9)} <= seen.keys()


def test_entries_are_said_once_whatever_dies(tmp_path: Path) -> None:
    many = {f"{n}.txt": b"" for n in range(20_000)}  # more than sockets hold, as above
    inner = {f"in{n}.tar": tar_of(many if n == 2 else {f"{n}.txt": b"x"}) for n in range(5)}
    source = write(tmp_path, "p.zip", zip_of(inner))

    def kill(path: str) -> None:
        if path.endswith("in2.tar"):
            assert under_test._decoder is not None
            os.kill(under_test._decoder.pid, signal.SIGKILL)

    whole = supervisor(source).tree().entries
    under_test = supervisor(source, progress=kill)
    tree = under_test.tree()
    paths = [entry.path for entry in tree.entries]
    assert tree.count == len(paths)
    assert len(paths) == len(set(paths))
    missing = {entry.path for entry in whole} - set(paths)
    assert missing
    assert {path.rpartition("!/")[0] for path in missing} == {"p.zip!/in2.tar"}
    assert [gap.reason for gap in tree.gaps] == ["decoder-crash"]


def test_reader_out_of_memory_costs_its_entry(tmp_path: Path) -> None:
    source = write(tmp_path, "p.zip", zip_of({**PROBES, "d/05.probe": b"allocate"}))
    outcome = supervisor(
        source, plan=Plan(judging=Judging(circumstances=Circumstances(NOW)), limits=Limits(memory=64 * MIB))
    ).run()
    assert reasons(outcome) == [("p.zip!/d/05.probe", "read-error")]
    assert "MemoryError" in outcome.gaps[0].detail
    assert len(told(outcome)) == len(PROBES)


def test_scanner_killed_is_an_internal_error(tmp_path: Path) -> None:
    def kill(_path: str) -> None:
        if under_test._scanner is not None:
            os.kill(under_test._scanner.pid, signal.SIGKILL)

    under_test = supervisor(write(tmp_path, "p.zip", zip_of(PROBES)), progress=kill)
    outcome = under_test.run()
    assert [gap.reason for gap in outcome.gaps] == ["internal-error"]


def test_second_look_hands_over_whole_contents(tmp_path: Path) -> None:
    large = os.urandom(2 * MIB)
    asker = b"want p.zip!/data.bin p.zip!/in.tgz!/other.bin"
    inner = tar_of({"other.bin": b"other"}, "w:gz")
    source = write(tmp_path, "p.zip", zip_of({"a.probe": asker, "data.bin": large, "in.tgz": inner}))
    expected = {
        "p.zip!/a.probe": sha(asker),
        "p.zip!/data.bin": f"again {sha(large)}",
        "p.zip!/in.tgz!/other.bin": f"again {sha(b'other')}",
    }
    outcome = supervisor(source).run()
    assert told(outcome) == expected
    assert not outcome.gaps
    assert told(run(ProbeRegistry(), (source,), PLAN).judge()) == expected


def test_second_looks_stay_apart_in_the_overflow_file(tmp_path: Path) -> None:
    """Contents that no longer fit in memory lie in one file, whoever asked for them and whichever input they are of."""
    contents = [os.urandom(MIB) for _ in range(3)]
    package = {"a.probe": b"want p.zip!/0 p.zip!/1", "b.probe": b"want signature:q.zip!/2"}
    source = write(tmp_path, "p.zip", zip_of({**package, "0": contents[0], "1": contents[1]}))
    signature = write(tmp_path, "q.zip", zip_of({"2": contents[2]}), "signature")
    plan = Plan(judging=Judging(circumstances=Circumstances(NOW)), limits=Limits(spool_memory=1000))
    seen = told(supervisor(source, signature, plan=plan).run())
    assert [seen[path] for path in ("p.zip!/0", "p.zip!/1", "signature:q.zip!/2")] == [
        f"again {sha(content)}" for content in contents
    ]


def test_second_look_into_a_directory(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "in.zip").write_bytes(zip_of({"x": b"inside"}))
    (root / "a.probe").write_bytes(b"want tree!/in.zip!/x tree!/a.probe")
    under_test = Supervisor(
        ProbeRegistry(),
        (open_input(str(root)),),
        PLAN,
        Crew(confinement=Confinement((*interpreter_paths(), str(root)), PLAN.limits)),
    )
    seen = told(under_test.run())
    assert seen["tree!/in.zip!/x"] == f"again {sha(b'inside')}"


def test_second_look_that_finds_nothing_or_too_much_is_said(tmp_path: Path) -> None:
    source = write(
        tmp_path, "p.zip", zip_of({"a.probe": b"want p.zip!/gone", "b.probe": b"want p.zip!/big", "big": bytes(9000)})
    )
    plan = Plan(judging=Judging(circumstances=Circumstances(NOW)), limits=Limits(spool=5000))
    outcome = supervisor(source, plan=plan).run()
    assert reasons(outcome) == [("p.zip!/a.probe", "not-seen-again"), ("p.zip!/b.probe", "not-seen-again")]


WANTED = {f"{n}.bin": b"%d" % n for n in range(100)}


@pytest.mark.parametrize("times", [6, 30])  # 600 and 3000 second looks; a child may have 256 files open
def test_one_entry_may_ask_many_times(tmp_path: Path, times: int) -> None:
    asker = " ".join(
        ["want-each", *(f"p.zip!/{name}" for name in WANTED)] + [f"p.zip!/{n}.bin" for n in range(100)] * times
    )
    source = write(tmp_path, "p.zip", zip_of({"a.probe": asker.encode(), **WANTED}))
    for outcome in (supervisor(source, jobs=2).run(), run(ProbeRegistry(), (source,), PLAN).judge()):
        seen = told(outcome)
        assert not outcome.gaps
        assert {f"p.zip!/{name}": f"again {sha(data)}" for name, data in WANTED.items()}.items() <= seen.items()


def test_more_contents_than_can_be_held_come_in_rounds(tmp_path: Path) -> None:
    many = {f"{n:03}.bin": b"%d" % n for n in range(2 * CONTENTS + 2)}
    asker = " ".join(["want-each", *(f"p.zip!/{name}" for name in many)])
    source = write(tmp_path, "p.zip", zip_of({"a.probe": asker.encode(), **many}))
    here = run(ProbeRegistry(), (source,), PLAN).judge()
    several = supervisor(source).run()
    assert (here.gaps, here.findings) == (several.gaps, several.findings)
    assert reasons(here) == []
    assert len(told(here)) == len(many) + 1


def test_more_contents_than_all_rounds_hold_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "ROUNDS", 1)
    many = {f"{n:03}.bin": b"%d" % n for n in range(CONTENTS + 2)}
    asker = " ".join(["want-each", *(f"p.zip!/{name}" for name in many)])
    source = write(tmp_path, "p.zip", zip_of({"a.probe": asker.encode(), **many}))
    here = run(ProbeRegistry(), (source,), PLAN).judge()
    several = supervisor(source).run()
    assert (here.gaps, here.findings) == (several.gaps, several.findings)
    assert set(reasons(here)) == {("p.zip!/a.probe", "not-seen-again")}
    assert len(told(here)) == CONTENTS + 1


def test_of_members_of_one_name_the_last_is_looked_at_again(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, data in (("a.probe", b"want p.tar!/x"), ("x", b"first"), ("x", b"last")):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    source = write(tmp_path, "p.tar", raw.getvalue())
    for outcome in (supervisor(source).run(), run(ProbeRegistry(), (source,), PLAN).judge()):
        assert told(outcome)["p.tar!/x"] == f"again {sha(b'last')}"


def test_inputs_keep_their_roles(tmp_path: Path) -> None:
    package = write(
        tmp_path, "new.zip", zip_of({"a.probe": b"want signature:new.zip.asc new.zip!/b.bin", "b.bin": b"new"})
    )
    previous = write(tmp_path, "old.zip", zip_of({"x.bin": b"old", "y.probe": b"plain"}), "previous")
    signature = write(tmp_path, "new.zip.asc", b"signature bytes", "signature")
    for outcome in (
        supervisor(package, previous, signature, jobs=2).run(),
        run(ProbeRegistry(), (package, previous, signature), PLAN).judge(),
    ):
        seen = told(outcome)
        assert seen["signature:new.zip.asc"] == f"again {sha(b'signature bytes')}"
        assert seen["new.zip!/b.bin"] == f"again {sha(b'new')}"
        assert not [path for path in seen if path.startswith("previous:")]  # to compare with, not to be judged
        assert outcome.package.path == "new.zip"
        assert outcome.package.entries == 2  # those of the package alone


def test_time_that_is_over_is_said_and_what_was_seen_is_judged(tmp_path: Path) -> None:
    source = write(tmp_path, "p.zip", zip_of({**PROBES, "d/05.probe": b"sleep"}))
    outcome = supervisor(source, timeout=2).run()
    assert ("p.zip", "timeout") in reasons(outcome)
    assert told(outcome)


def test_the_time_is_one_for_the_child_alone_and_for_several(tmp_path: Path) -> None:
    """What a tiny package's one child has used up is not given to its successors anew."""
    source = write(tmp_path, "p.zip", zip_of({**PROBES, "e.probe": b"sleep"}))
    report, _ = scan(ProbeRegistry(), (source,), Options(now=NOW, timeout=2))
    assert [gap.reason for gap in report.gaps] == ["timeout"]
    assert report.findings == ()
    assert report.gate.exit_code == EXIT_INCOMPLETE


def test_layers_are_told(tmp_path: Path) -> None:
    under_test = supervisor(write(tmp_path, "p.zip", zip_of(PROBES)))
    under_test.run()
    assert under_test.layers[0] == "child process"


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))
    source = write(tmp_path, "p.zip", zip_of({**PROBES, "d/05.probe": b"abort", "a.probe": b"want p.zip!/d/1.probe"}))
    supervisor(source, jobs=2).run()
    source.close()
    assert set(os.listdir("/proc/self/fd")) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
