"""One set of detectors for all pages: what a page needs of its own is only where its faces are and who they are."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from ..faces import FaceFinder
from ..system.closing import Closing


class SharedFinders(Closing):
    """Finders that share their detectors; called for each page. A context manager that closes them.

    Args:
        open_finder: opens the first one.
    """

    def __init__(self, open_finder: Callable[[], FaceFinder]) -> None:
        self._open, self._lock = open_finder, Lock()
        self._first: FaceFinder | None = None

    def __call__(self) -> FaceFinder:
        """A finder that has seen nothing; closing it leaves the detectors open."""
        with self._lock:
            if self._first is None:
                self._first = self._open()
            return self._first.lent()

    def close(self) -> None:
        """Closes the detectors."""
        with self._lock:
            first, self._first = self._first, None
        if first is not None:
            first.close()
