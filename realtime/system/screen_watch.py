"""Notices that the screen is gone, on a thread of its own: the window's thread cannot tell of it.

Qt ends the program when the X server does not answer any more, from within whatever the window's thread has called.
That end waits at a gate until this thread has told whom it concerns.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

from .display import connection, has_display
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
        self._wire: socket.socket | None = None
        self._gate: ExitGate | None = None
        self._thread = Thread(target=self._run, name="screen", daemon=True)

    def __enter__(self) -> ScreenWatch:
        self._wire = connection()
        if self._wire is not None:
            self._gate = ExitGate()
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        if self._gate is not None:
            self._gate.open()
        if self._wire is not None:
            with suppress(OSError):
                self._wire.shutdown(socket.SHUT_RDWR)
            self._thread.join()

    def _run(self) -> None:
        """A server closes connections that say nothing, too: only one that does not answer anew is gone."""
        while self._wire is not None and not self._closed.is_set():
            with self._wire, suppress(OSError):
                self._wait(self._wire)
            if self._closed.is_set():
                return
            self._wire = connection()
            if self._wire is None and not has_display():
                self._lost()

    def _wait(self, wire: socket.socket) -> None:
        """Until nobody listens to a connection any more."""
        pause_s = FIRST_S
        while True:
            wire.settimeout(pause_s)
            try:
                wire.recv(1)
                return
            except TimeoutError:
                if self._gate is not None:
                    self._gate.renew()
                pause_s = min(LONGEST_S, 2 * pause_s)
