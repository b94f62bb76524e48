"""Holds up the C library's `exit` while something is to be kept: for libraries that end the program by themselves.

Qt calls `exit` from within a window's call when the X server is gone. Python hears nothing of that, static objects are
destroyed while threads still use them, and the program crashes or hangs. Behind a closed gate `exit` waits, and whoever
closed it hears of that, does what is to be done, and ends the program with `os._exit`. Python's own end opens every
gate.

    exit ──▶ sem_post(bell) ──▶ sem_wait(gate) ──▶ what was registered before: destructors, …
"""

from __future__ import annotations

import atexit
import ctypes
import sys
import time

SEMAPHORE_BYTES = 64
"""At least as large as any C library's `sem_t`."""


class _Moment(ctypes.Structure):
    """C's `struct timespec`."""

    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class ExitGate:
    """A gate, closed at first where the C library lets one be put up (Linux), else open."""

    def __init__(self) -> None:
        self._gate, self._bell = (ctypes.create_string_buffer(SEMAPHORE_BYTES) for _ in range(2))
        self._put_up = 0
        if sys.platform == "linux":
            self._c = ctypes.CDLL(None)
            for semaphore in (self._gate, self._bell):
                self._c.sem_init(semaphore, 0, 0)
            atexit.register(self.open)
            _KEPT.append(self)
            self.renew()

    def renew(self) -> None:
        """Puts it up before what was registered since: what comes last is done first at the end."""
        if sys.platform == "linux":
            self._put_up += 1
            self._c["__cxa_atexit"](self._c.sem_wait, self._gate, None)
            self._c["__cxa_atexit"](self._c.sem_post, self._bell, None)

    def rings(self, within_s: float) -> bool:
        """Waits until somebody stands at the gate, or it is opened; False where nobody came.

        Args:
            within_s: for how long, in seconds.
        """
        if sys.platform != "linux":
            time.sleep(within_s)
            return False
        until = time.time() + within_s
        moment = _Moment(int(until), int(until % 1 * 1e9))
        return bool(self._c.sem_timedwait(self._bell, ctypes.byref(moment)) == 0)

    def open(self) -> None:
        """Lets `exit` pass from now on."""
        if sys.platform == "linux":
            for _ in range(self._put_up):
                self._c.sem_post(self._gate)
            self._c.sem_post(self._bell)


_KEPT: list[ExitGate] = []
"""The C library knows their memory until the end."""
