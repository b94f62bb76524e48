"""Ctrl-C and SIGTERM heard between two steps of a work, never in the midst of one.

Python raises KeyboardInterrupt wherever the main thread happens to be, even between the encoder handing over a packet
and the file taking it: that frame would be missing from a film whose later frames are there.

SIGTERM, with which clusters and containers end a program, is heard as Ctrl-C is: what is done is kept.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

INTERRUPTED, TERMINATED = 130, 143
"""Exit statuses."""

_last = signal.SIGINT


def status_of_interruption() -> int:
    """The exit status that tells which signal ended the work."""
    return TERMINATED if _last == signal.SIGTERM else INTERRUPTED


def hear_sigterm() -> None:
    """Lets SIGTERM raise KeyboardInterrupt, as Ctrl-C does, where nobody else handles or ignores it."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _end)


def _end(number: int, frame: FrameType | None) -> None:
    global _last
    _last = signal.Signals(number)
    raise KeyboardInterrupt


class Interrupts:
    """A context manager in which the first signal only sets `heard`; the second one raises KeyboardInterrupt at once.

    It changes nothing outside the main thread, nor where somebody else handles or ignores a signal.
    """

    def __init__(self) -> None:
        self.heard = False
        self._before: dict[signal.Signals, object] = {}

    def check(self) -> None:
        """KeyboardInterrupt if a signal was heard: to be called where the work may end."""
        if self.heard:
            raise KeyboardInterrupt

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            ours = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: _end}
            self._before = {number: handler for number, handler in ours.items() if signal.getsignal(number) is handler}
            for number in self._before:
                signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _hear(self, number: int, frame: FrameType | None) -> None:
        global _last
        _last = signal.Signals(number)
        self.heard = True
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._before = {}
