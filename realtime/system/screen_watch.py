"""Notices that the screen is gone, on a thread of its own: the window's thread cannot tell of it.

Qt ends the program when the X server does not answer any more, from within whatever the window's thread has called.
That end waits at a gate until this thread has told whom it concerns.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from .display import Connection, connection, has_display
from .exit_gate import ExitGate

FIRST_S, LONGEST_S = 0.5, 60.0
"""When the gate is put up anew, in seconds: ever more seldom, for libraries register most of their ends early."""


class ScreenWatch:
    """Waits for the end of a screen; a context manager that ends the waiting.

    It watches servers on this machine; screens elsewhere are believed, as they are when the window is opened.

    Args:
        lost: called once, on the watching thread, when the screen is gone; it must end the program with `os._exit`.
    """

    def __init__(self, lost: Callable[[], object]) -> None:
        self._lost, self._closed = lost, Event()
        self._connection: Connection | None = None
        self._gate: ExitGate | None = None
        self._thread = Thread(target=self._run, name="screen", daemon=True)

    def __enter__(self) -> ScreenWatch:
        self._connection = connection()
        if self._connection is not None:
            self._gate = ExitGate()
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        if self._gate is not None:
            self._gate.open()
        if self._connection is not None:
            self._connection.end()
            self._thread.join()

    def _run(self) -> None:
        """A server ends connections on which nothing is said, too: only one that does not answer anew is gone."""
        while self._connection is not None and not self._closed.is_set():
            self._wait(self._connection)
            if self._closed.is_set():
                return
            self._connection.end()
            self._connection = connection()
            if self._connection is None and not has_display():
                self._lost()

    def _wait(self, connection: Connection) -> None:
        """Until a connection ends."""
        pause_s = FIRST_S
        while not connection.ends(pause_s):
            if self._gate is not None:
                self._gate.renew()
            pause_s = min(LONGEST_S, 2 * pause_s)
