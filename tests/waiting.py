"""Waiting for what another thread or process does: no test depends on how fast the machine is.

A fixed sleep before an assertion, or a limit of a few seconds, fails where the machine has other work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar

BEGUN = 20_000
T = TypeVar("T")
PATIENCE_S = 120.0
"""After this time what is waited for never comes; a test as a whole has more."""


def until(true: Callable[[], T], complaint: str | Callable[[], object] = "waited in vain", every_s: float = 0.01) -> T:
    """Waits until something is so, and gives it; AssertionError with the complaint where it never is."""
    end = monotonic() + PATIENCE_S
    while not (found := true()):
        assert monotonic() < end, complaint() if callable(complaint) else complaint
        sleep(every_s)
    return found


def is_under_way(folder: Path) -> bool:
    """Whether some pictures of a film that is being made in a folder are there already."""
    with suppress(FileNotFoundError):  # a draft got its name
        return any(draft.stat().st_size > BEGUN for draft in folder.rglob("*.part"))
    return False


@contextmanager
def ending_threads() -> Iterator[Callable[[], set[threading.Thread]]]:
    """Fails where a thread that began in the body outlives it; gives those that run now."""
    before = set(threading.enumerate())  # of which some may end meanwhile

    def begun() -> set[threading.Thread]:
        return set(threading.enumerate()) - before

    yield begun
    assert begun() == set()
