"""Ctrl-C heard between two steps of a work, never in the midst of one.

Python raises KeyboardInterrupt wherever the main thread happens to be, even between the encoder handing over a packet
and the file taking it: that frame would be missing from a film whose later frames are there.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType


class Interrupts:
    """A context manager in which the first Ctrl-C only sets `heard`; the second one raises KeyboardInterrupt at once.

    It changes nothing outside the main thread, nor where somebody else handles or ignores Ctrl-C.
    """

    def __init__(self) -> None:
        self.heard = False
        self._installed = False

    def check(self) -> None:
        """KeyboardInterrupt if Ctrl-C was heard: to be called where the work may end."""
        if self.heard:
            raise KeyboardInterrupt

    def __enter__(self) -> Interrupts:
        ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        self._installed = ours and threading.current_thread() is threading.main_thread()
        if self._installed:
            signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._restore()

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.heard = True
        self._restore()

    def _restore(self) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._installed = False
