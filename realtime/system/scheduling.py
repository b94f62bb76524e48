"""Keeps libraries from taking the machine for themselves.

SVT-AV1, where it may (as root: in containers, on clusters), makes its threads and the one that opens it real-time
threads of the highest priority, which whatever that thread starts inherits. Nothing else runs then while they want to.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

THREADS = Path("/proc/self/task")


@contextmanager
def kept_scheduling() -> Iterator[None]:
    """All threads of this program are scheduled at the end as the calling one was before, if that was no real-time one.

    Real-time threads that others meant to be such lose it too; on other systems than Linux nothing is done.
    """
    if sys.platform != "linux":
        yield
        return
    before, how, real_time = os.sched_getscheduler(0), os.sched_getparam(0), (os.SCHED_FIFO, os.SCHED_RR)
    try:
        yield
    finally:
        for thread in (int(entry.name) for entry in THREADS.iterdir() if before not in real_time):
            with suppress(OSError):  # it has ended, or is not ours to change
                if os.sched_getscheduler(thread) in real_time:
                    os.sched_setscheduler(thread, before, how)
