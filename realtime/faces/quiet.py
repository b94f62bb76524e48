"""Keeps MediaPipe's log lines, for which it offers no switch, off the user's terminal, and only those."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ..system.overheard import Overheard

CHATTER = re.compile(
    rb"INFO: (Created|Initialized) TensorFlow Lite|(INFO|WARNING): \[\w+\.cc:\d+\]|[IWEF]\d{4} "
    rb"|WARNING: (All log messages before absl|Logging before InitGoogle)"
)


@contextmanager
def quiet() -> Iterator[None]:
    """Standard error without MediaPipe's log lines, for the whole process, while the body runs."""
    with Overheard(CHATTER) as mediapipe, mediapipe.listening():
        yield
