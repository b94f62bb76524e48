"""Keeps MediaPipe away from the graphics driver, which our detectors have no use for.

Even a detector on the processor makes MediaPipe open EGL where there is a screen. Where no graphics card is, that
brings in Mesa's renderer and all of LLVM: 60 MB of memory and a tenth of a second at the start. EGL finds its drivers
through a list of files, read once; while this is on, the list holds none, and MediaPipe goes on without.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

DRIVERS = "__EGL_VENDOR_LIBRARY_FILENAMES"


@contextmanager
def no_screen() -> Iterator[None]:
    """An environment in which EGL has no drivers, while the body runs."""
    before = os.environ.get(DRIVERS)
    os.environ[DRIVERS] = os.devnull
    try:
        yield
    finally:
        del os.environ[DRIVERS]
        if before is not None:
            os.environ[DRIVERS] = before
