"""What ends a child that takes too much, and what does not."""

import mmap
import os
import resource
import signal
import sys

import pytest

from pkgscan.sandbox.child import SandboxUnavailable
from pkgscan.sandbox.limits import cpu_budget

MIB = 1 << 20
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not limit memory")


def spin():
    """A loop in C that holds the interpreter and never looks for signals."""
    return sum(range(1 << 60))


@linux
def test_memory_over_the_limit_is_refused(confined):
    outcome = confined(lambda: len(bytearray(128 * MIB)), memory=64 * MIB)
    assert "MemoryError" in outcome.crash
    assert confined(lambda: len(bytearray(32 * MIB)), memory=64 * MIB).value == 32 * MIB


@linux
def test_mapped_memory_counts_too(confined, attempt):
    assert confined(lambda: attempt(lambda: mmap.mmap(-1, 128 * MIB)), memory=64 * MIB).value == "ENOMEM"


def test_a_cpu_budget_ends_a_loop_in_c(confined):
    def main():
        with cpu_budget(1):
            spin()

    assert confined(main).code == -signal.SIGXCPU


def test_an_inner_budget_does_not_reach_past_the_outer(confined):
    def main():
        with cpu_budget(1), cpu_budget(3600):
            spin()

    assert confined(main).code == -signal.SIGXCPU


def test_budgets_are_put_back(confined):
    def main():
        before = resource.getrlimit(resource.RLIMIT_CPU)
        with cpu_budget(20):
            outer = resource.getrlimit(resource.RLIMIT_CPU)
            with cpu_budget(5):
                inner = resource.getrlimit(resource.RLIMIT_CPU)
            between = resource.getrlimit(resource.RLIMIT_CPU)
        return before, outer, inner, between, resource.getrlimit(resource.RLIMIT_CPU)

    before, outer, inner, between, after = confined(main, cpu=900).value
    assert before == after
    assert outer == between
    assert before[0] > outer[0] > inner[0]


def test_the_whole_child_has_a_limit(confined):
    assert confined(spin, cpu=1).code == -signal.SIGXCPU  # and not SIGKILL, which would not tell the cause


def test_a_limit_cannot_be_raised(confined):
    def main():
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (8 * MIB, 8 * MIB))
        except ValueError:
            return "refused"
        return "raised"

    assert confined(main, spool=4 * MIB).value == "refused"


@linux
def test_a_memory_file_is_limited_by_the_spool(confined, attempt):
    def main():
        fd = os.memfd_create("spool")
        first = os.write(fd, bytes(2 * MIB))
        return first, attempt(lambda: os.write(fd, b"x")), attempt(lambda: os.ftruncate(fd, 2 * MIB))

    assert confined(main, spool=MIB).value == [MIB, "EFBIG", "EFBIG"]


def test_open_files_are_limited(confined, attempt):
    def main():
        while True:
            os.dup(0)

    assert confined(lambda: attempt(main)).value == "EMFILE"


def test_no_core_is_left(confined):
    assert confined(lambda: resource.getrlimit(resource.RLIMIT_CORE)).value == [0, 0]


def test_memory_stays_unlimited_where_the_system_does_not_say_how_much_is_in_use(confined, monkeypatch):
    def refuse(path, *_more):
        raise FileNotFoundError(path)

    monkeypatch.setattr("pkgscan.sandbox.limits.open", refuse, raising=False)
    outcome = confined(lambda: resource.getrlimit(resource.RLIMIT_AS)[0])
    assert outcome.value == resource.getrlimit(resource.RLIMIT_AS)[0]
    assert "resource limits without memory" in outcome.layers


def test_every_layer_asked_for_means_the_limit_of_memory_too(confined, monkeypatch):
    monkeypatch.setattr("pkgscan.sandbox.limits._address_space", lambda: None)
    with pytest.raises(SandboxUnavailable, match="no limit of memory"):
        confined(lambda: 0, mode="require")
