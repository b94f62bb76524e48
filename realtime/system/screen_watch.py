"""Notices that the screen is gone, on a thread of its own: the window's thread cannot tell of it.

Qt ends the program when the X server does not answer any more, from within whatever the window's thread has called.
That end waits at a gate until this thread has told whom it concerns.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import Thread

from .exit_gate import ExitGate

FIRST_S, LONGEST_S = 0.5, 60.0
"""When the gate is put up anew, in seconds: ever more seldom, for libraries register most of their ends early."""


class ScreenWatch:
    """Waits for the end that a window library gives the program; a context manager that ends the waiting.

    Args:
        lost: called once, on the watching thread, when the screen is gone; it must end the program with `os._exit`.
    """

    def __init__(self, lost: Callable[[], object]) -> None:
        self._lost, self._closed = lost, False
        self._gate: ExitGate | None = None
        self._thread = Thread(target=self._run, name="screen", daemon=True)

    def __enter__(self) -> ScreenWatch:
        if sys.platform == "linux":
            self._gate = ExitGate()
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        if self._gate is not None:
            self._gate.open()
            self._thread.join()

    def _run(self) -> None:
        pause_s = FIRST_S
        while self._gate is not None and not self._closed:
            if not self._gate.rings(pause_s):
                self._gate.renew()
                pause_s = min(LONGEST_S, 2 * pause_s)
            elif not self._closed:
                self._lost()
