"""Keeps the lines that a C++ library writes to standard error off the user's terminal, and only those.

MediaPipe logs to file descriptor 2 and offers no switch. While `quiet` is on, the descriptor leads into a temporary
file; afterwards every line in it that is not MediaPipe's goes to the real standard error, so that what another thread
wrote in the meantime is late but not lost.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import IO

STDERR = 2
CHATTER = re.compile(
    rb"INFO: (Created|Initialized) TensorFlow Lite|(INFO|WARNING): \[\w+\.cc:\d+\]|[IWEF]\d{4} "
    rb"|WARNING: (All log messages before absl|Logging before InitGoogle)"
)
_lock = Lock()


@contextmanager
def quiet() -> Iterator[None]:
    """Standard error without MediaPipe's log lines, for the whole process, while the body runs."""
    with _lock, tempfile.TemporaryFile() as caught:
        try:
            terminal = os.dup(STDERR)
        except OSError:  # there is no standard error, hence nothing to keep quiet
            yield
            return
        os.dup2(caught.fileno(), STDERR)
        try:
            yield
        finally:
            os.dup2(terminal, STDERR)
            _forward(caught, terminal)
            os.close(terminal)


def _forward(caught: IO[bytes], terminal: int) -> None:
    caught.seek(0)
    for line in caught:
        if not CHATTER.match(line):
            os.write(terminal, line)
