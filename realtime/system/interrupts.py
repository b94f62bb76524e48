"""Ctrl-C, SIGTERM and SIGHUP heard between two steps of a work, never in the midst of one.

Python raises KeyboardInterrupt wherever the main thread happens to be, even between the encoder handing over a packet
and the file taking it: that frame would be missing from a film whose later frames are there.

SIGTERM, with which clusters and containers end a program, and SIGHUP, which comes when its terminal or connection is
closed, are heard as Ctrl-C is: what is done is kept. All three often go to the processes of a program at once, so
those that work for another one are deaf to them, from their birth on: whoever started them tells them.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

ENDINGS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that ask a program to end; Windows has no SIGHUP."""

_last: signal.Signals | None = None


def status_of_interruption() -> int:
    """The exit status that tells which signal ended the work: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP."""
    return 128 + (_last or signal.SIGINT)


def was_interrupted() -> bool:
    """Whether a signal that ends the program was heard. Extension modules that are interrupted while they are loaded
    say that they failed, and not why."""
    return _last is not None


@contextmanager
def hearing_endings() -> Iterator[None]:
    """Each of these signals raises KeyboardInterrupt meanwhile, where nobody else handles or ignores it."""
    global _last
    _last = None
    before: dict[signal.Signals, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in ENDINGS:
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def starting_deaf() -> Iterator[None]:
    """Processes and threads that are started meanwhile hear none of these signals, and this thread hears them later.

    Without it they would hear Ctrl-C while they still load their modules, and fall.
    """
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker

    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        resource_tracker.ensure_running()  # deaf as well, but it takes the mask off Ctrl-C
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def be_deaf() -> None:
    """This process hears none of these signals from now on."""
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)  # for those that it starts


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
        self._before: dict[signal.Signals, Any] = {}

    def check(self) -> None:
        """KeyboardInterrupt if a signal was heard: to be called where the work may end."""
        if self.heard:
            raise KeyboardInterrupt

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            ours = (_end, signal.default_int_handler)
            self._before = {number: signal.getsignal(number) for number in ENDINGS if signal.getsignal(number) in ours}
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
            signal.signal(number, handler)
        self._before = {}
