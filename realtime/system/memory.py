"""Memory that is free in this process, given back to the operating system.

The C library keeps what was freed, in a heap for each thread. Building a session allocates many times what the session
needs in the end, and each thread's pictures leave holes of their own, so a viewer whose layers are browsed for half an
hour would grow by hundreds of megabytes of nothing.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from threading import Event, Thread
from typing import Any

EVERY_S = 2.0
"""How often a `Tidy` gives memory back, in seconds; it takes 2 ms."""


def return_memory() -> None:
    """Gives free memory back; does nothing where the C library cannot."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None


class Tidy:
    """Gives free memory back now and then, on a thread of its own; a context manager that ends the thread."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        self._every_s, self._end = every_s, Event()
        self._thread = Thread(target=self._run, name="tidy", daemon=True)

    def __enter__(self) -> Tidy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(self._every_s):
            return_memory()
