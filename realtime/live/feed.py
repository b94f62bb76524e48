"""The source's own thread: takes frames as they come and keeps the newest, so that a slow viewer never falls behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Thread

from ..errors import SourceError
from ..types import Frame
from .mailbox import Mailbox
from .source import Source

JOIN_S = 3.0


class Feed:
    """Reads a source on a thread of its own; a context manager that ends the thread and closes the source.

    Attributes:
        newest: the newest frame that nobody has taken.
        error: what ended the source before its time, or None.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.newest: Mailbox[Frame] = Mailbox()
        self.error: Exception | None = None
        self._thread = Thread(target=self._run, name="source", daemon=True)
        self._next: Callable[[], Source] | None = None
        self._refused: Callable[[str], object] = str
        self._leaving = False

    def change(self, opener: Callable[[], Source], refused: Callable[[str], None]) -> None:
        """Goes over to another source after this frame; one that does not open is told to `refused`."""
        self._refused = refused
        self._next = opener
        self.source.interrupt()

    def __enter__(self) -> Feed:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving = True
        self.source.close()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        try:
            while not self._leaving and self._one():
                continue
        except Exception as error:  # handed to the main thread, which raises it
            self.error = error
        finally:
            self.newest.close()
            self.source.close()

    def _one(self) -> bool:
        """Takes a frame, or goes over to another source; False at the end."""
        frame = self.source.read()
        if frame is not None:
            # Taken down at once: while the picture is on its way to the window, the source may go on to another.
            self.newest.put(replace(frame, source=self.source.name, position=self.source.position))
        if self._next is not None and not self._leaving:
            self._go_over(self._next)
            return True
        return frame is not None

    def _go_over(self, opener: Callable[[], Source]) -> None:
        self._next = None
        try:
            opened = opener()
        except SourceError as error:
            self._refused(str(error))
        else:
            before, self.source = self.source, opened
            before.close()
