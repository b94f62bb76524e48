"""Memory of this process: how much it holds, and what is free of it given back to the operating system.

The C library keeps what was freed, in a heap for each thread. Building a session allocates many times what the session
needs in the end, and each thread's pictures leave holes of their own, so a viewer whose layers are browsed for half an
hour would grow by hundreds of megabytes of nothing.
"""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Event, Thread
from time import process_time
from typing import Any

CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)
"""Where Linux says how much memory a container may take, and how much it has."""
EVERY_S = 2.0
"""How often `tidying` gives memory back, in seconds; it takes 2 ms."""


def return_memory() -> None:
    """Gives free memory back; does nothing where the C library cannot."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None


if sys.platform == "win32":

    class _Counters(ctypes.Structure):
        """Windows' PROCESS_MEMORY_COUNTERS (psapi.h)."""

        _fields_ = (
            ("cb", ctypes.c_ulong),
            ("faults", ctypes.c_ulong),
            *((name, ctypes.c_size_t) for name in ("peak", "resident", "a", "b", "c", "d", "e", "f")),
        )

    def _counters() -> _Counters:
        counters = _Counters()
        counters.cb = ctypes.sizeof(counters)
        kernel = ctypes.windll.kernel32
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        size = ctypes.c_ulong(counters.cb)
        kernel.K32GetProcessMemoryInfo(ctypes.c_void_p(kernel.GetCurrentProcess()), ctypes.byref(counters), size)
        return counters

    def resident_mb() -> float:
        """Memory of this process that is in RAM, in megabytes."""
        return float(_counters().resident) / 1e6

    def peak_mb() -> float:
        """Most memory that this process has held since it started, in megabytes."""
        return float(_counters().peak) / 1e6

    class _Status(ctypes.Structure):
        """Windows' MEMORYSTATUSEX (sysinfoapi.h)."""

        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("whole", "free", "a", "b", "c", "d", "e")),
        )

    def available_mb() -> float:
        """Memory that programs may still take without anything being put on disk, in megabytes."""
        status = _Status()
        status.length = ctypes.sizeof(status)
        ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return float(status.free) / 1e6

elif sys.platform == "darwin":

    def resident_mb() -> float:
        """Memory of this process that is in RAM, in megabytes."""
        kilobytes = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, text=True, check=True
        ).stdout
        return int(kilobytes) * 1024 / 1e6

    def peak_mb() -> float:
        """Most memory that this process has held since it started, in megabytes."""
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6

    def available_mb() -> float:
        """Memory that programs may still take: half of what the machine has, since the rest changes from moment to
        moment, in megabytes."""
        whole = subprocess.run(["sysctl", "-n", "hw.memsize"], capture_output=True, text=True, check=True).stdout
        return int(whole) / 2 / 1e6

else:

    def resident_mb() -> float:
        """Memory of this process that is in RAM, in megabytes."""
        return _status_mb("VmRSS")

    def peak_mb() -> float:
        """Most memory that this process has held since it started, in megabytes."""
        return _status_mb("VmHWM")  # what `resource` tells counts the process that started this one, too

    def available_mb() -> float:
        """Memory that programs may still take without anything being put on disk, in megabytes; in a container, as
        far as its own limit goes."""
        lines = Path("/proc/meminfo").read_text("utf-8").splitlines()
        free = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")) * 1024 / 1e6
        limits = ((_number(limit) - _number(used)) / 1e6 for limit, used in CGROUPS if _number(limit))
        return min([free, *(max(0.0, left) for left in limits)])

    def _number(path: str) -> int:
        """What a file of the kernel's says; 0 where there is none, or it says no number."""
        try:
            text = Path(path).read_text("ascii").strip()
        except OSError:
            return 0
        return int(text) if text.isdigit() else 0

    def _status_mb(name: str) -> float:
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * 1024 / 1e6


@contextmanager
def settled() -> Iterator[None]:
    """Inside the `with` Python's search for cycles passes over what was there before.

    To go through all modules and models, as it does now and then, takes as long as a picture of a film is shown.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def tidying(every_s: float = EVERY_S, worked_s: float = 0.0) -> Iterator[None]:
    """Inside the `with` free memory is given back now and then, on a thread of its own.

    Args:
        every_s: seconds between two times, at least.
        worked_s: of processor time between two times, at least: what was given back must be asked for anew, page by
            page, and on a busy machine it else is so after every few pictures.
    """
    end = Event()

    def run() -> None:
        last_s = process_time()
        while not end.wait(every_s):
            if process_time() - last_s >= worked_s:
                return_memory()
                last_s = process_time()

    thread = Thread(target=run, name="tidy", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
