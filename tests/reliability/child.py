"""One run of the command in a forked process: cheap, limited in memory and time, and told apart by how it ended.

    this process ── imports everything once ──▶ fork ──▶ emoscope process … ──▶ exit status, standard error
                                                 fork ──▶ …

A fork costs milliseconds where a new interpreter costs a second, so thousands of runs fit into minutes. Nothing that
starts threads may have run before the fork.
"""

from __future__ import annotations

import ctypes
import faulthandler
import importlib
import os
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

TRACEBACK_STATUS = 70
HANG = -999
"""Status of a run that was ended because it took too long."""
LAST_WORDS_S = 20.0
"""How long a run whose time is over may take to write down where each of its threads is."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use.

    Attributes:
        memory_bytes: of memory of its own.
        time_s: from start to end.
    """

    memory_bytes: int = 3 << 30
    time_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended.

    Attributes:
        status: exit status; minus the signal's number where a signal ended it; HANG where time did.
        said: standard error.
        seconds: that it took.
    """

    status: int
    said: str
    seconds: float

    @property
    def verdict(self) -> str:
        """In one word: done, warned, refused, traceback, hang, crash, or noise where another library spoke."""
        if self.status == HANG:
            return "hang"
        if self.status < 0:
            return "crash"
        if "Traceback (most recent call last)" in self.said or self.status == TRACEBACK_STATUS:
            return "traceback"
        lines = self.said.splitlines()
        if not all(line.startswith(("emoscope: ", "warning: ", "note: ")) for line in lines):
            return "noise"
        if self.status == 1 and len(lines) == 1:
            return "refused"
        if self.status == 0:
            return "warned" if lines else "done"
        return "wrong status"


def preload(modules: Sequence[str]) -> None:
    """Imports what the runs need, once for all of them."""
    for name in modules:
        importlib.import_module(name)
    assert threading.active_count() == 1, "a thread would not survive the fork"


def forked(arguments: Sequence[str], log: Path, limits: Limits | None = None) -> Ended:
    """Runs `emoscope` with these arguments; standard output is thrown away."""
    limits, start = limits or Limits(), monotonic()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        _be_command(arguments, log, limits)
    status = _wait(pid, start + limits.time_s, log)
    return Ended(status, log.read_text("utf-8", "replace"), monotonic() - start)


def be_anyone() -> None:
    """Gives up what root may do beyond other users, for good: a file without read permission cannot be read by it."""
    version_3 = (ctypes.c_uint32 * 2)(0x20080522, 0)
    none = (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(version_3, none) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def _wait(pid: int, until_s: float, log: Path) -> int:
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if monotonic() > until_s and (_is_told(log) or monotonic() > until_s + LAST_WORDS_S):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return HANG
        sleep(0.005)


def _is_told(log: Path) -> bool:
    """Whether the last words are there: the main thread comes last, and its first call is in this file."""
    return "in forked\n" in log.read_text("utf-8", "replace")


def _be_command(arguments: Sequence[str], log: Path, limits: Limits) -> None:
    """Never returns."""
    status = TRACEBACK_STATUS
    try:
        resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, limits.memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        lead(log, (2,))
        lead(Path(os.devnull), (0, 1))
        faulthandler.dump_traceback_later(limits.time_s)
        from emoscope.cli import run

        status = run(list(arguments))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def lead(path: Path, descriptors: Sequence[int]) -> None:
    """Leads file descriptors of this process into a file."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    for descriptor in descriptors:
        os.dup2(file, descriptor)
    os.close(file)
