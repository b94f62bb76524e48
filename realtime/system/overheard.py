"""What C libraries write to standard error: caught, told apart, and kept off the user's terminal.

They write to file descriptor 2 and offer no switch. While somebody listens, the descriptor leads into a temporary file;
afterwards every line in it that is not of the kind that was listened for goes to the real standard error, so that what
another thread wrote in the meantime is late but not lost.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from types import TracebackType

STDERR = 2
ANYTHING = re.compile(b"")
_lock = Lock()


class Overheard:
    """Listens to libraries; a context manager that closes its temporary file.

    Args:
        kind: how the lines begin that are theirs.
    """

    def __init__(self, kind: re.Pattern[bytes]) -> None:
        self._kind = kind
        self._caught = tempfile.TemporaryFile()  # noqa: SIM115  # closed by __exit__

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        """Standard error, for the whole process, without their lines while the body runs, which are listed then."""
        said: list[str] = []
        with _lock:
            try:
                terminal = os.dup(STDERR)
            except OSError:  # there is no standard error, hence nothing to keep off it
                yield said
                return
            os.dup2(self._caught.fileno(), STDERR)
            try:
                yield said
            finally:
                os.dup2(terminal, STDERR)
                said += self._sorted(terminal)
                os.close(terminal)

    def _sorted(self, terminal: int) -> Iterator[str]:
        """The libraries' lines; what others wrote goes to the terminal."""
        if not os.fstat(self._caught.fileno()).st_size:
            return
        self._caught.seek(0)
        for line in self._caught.read().splitlines(keepends=True):
            if self._kind.match(line):
                yield line.decode("utf-8", "replace").rstrip()
            else:
                os.write(terminal, line)
        self._caught.seek(0)
        self._caught.truncate()

    def __enter__(self) -> Overheard:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._caught.close()


@contextmanager
def muted() -> Iterator[None]:
    """Standard error, for the whole process, silent while the body runs; Python's exceptions pass."""
    with Overheard(ANYTHING) as everybody, everybody.listening():
        yield
