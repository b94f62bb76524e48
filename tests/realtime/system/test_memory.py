"""Memory that was freed goes back to the operating system, also while nobody asks for it."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emoscope.system import memory
from emoscope.system.memory import return_memory, settled, tidying
from tests.waiting import ending_threads, until

CHUNK, CHUNKS = 1 << 16, 1000
linux = pytest.mark.skipif(sys.platform != "linux", reason="only the GNU C library gives memory back when asked")


@pytest.fixture
def freed() -> Iterator[float]:
    """66 MB that were used and freed, but lie below a block that is in use; yields what was resident with them."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = (
        ctypes.c_void_p,
        [ctypes.c_size_t],
        [ctypes.c_void_p],
    )
    chunks = [libc.malloc(CHUNK) for _ in range(CHUNKS)]
    for chunk in chunks:
        ctypes.memset(chunk, 1, CHUNK)
    full_mb = resident_mb()
    for chunk in chunks[:-1]:
        libc.free(chunk)
    yield full_mb
    libc.free(chunks[-1])


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@linux
def test_memory_is_given_back_when_asked(freed: float):
    return_memory()
    assert resident_mb() < freed - 50


@linux
def test_memory_is_given_back_by_itself_until_the_end(freed: float):
    with ending_threads(), tidying(0.02):
        until(lambda: resident_mb() < freed - 50)


def test_nothing_is_given_back_before_enough_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of work stands still, then leaps."""
    given, worked = [], [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 2.5, 2.5]
    monkeypatch.setattr(memory, "return_memory", lambda: given.append(len(worked)))
    monkeypatch.setattr(memory, "process_time", lambda: worked.pop(0) if len(worked) > 1 else worked[0])
    with ending_threads(), tidying(0.001, worked_s=1.0):
        until(lambda: len(worked) == 1)
    assert given == [4, 1]


def test_what_was_there_is_passed_over_as_long_as_the_body_runs():
    with pytest.raises(ValueError, match="body"), settled():
        assert gc.get_freeze_count() > 10_000
        raise ValueError("body")
    assert gc.get_freeze_count() == 0
