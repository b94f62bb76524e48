"""The source's own thread: takes frames as they come and keeps the newest, so that a slow viewer never falls behind."""

from __future__ import annotations

from threading import Thread
from types import TracebackType

from realtime.live.newest import Newest
from realtime.live.source import Source
from realtime.types import Frame

JOIN_S = 3.0


class Feed:
    """Reads a source on a thread of its own; a context manager that ends the thread and closes the source.

    Attributes:
        newest: the newest frame that nobody has taken.
        error: what ended the source before its time, or None.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.newest: Newest[Frame] = Newest()
        self.error: Exception | None = None
        self._thread = Thread(target=self._run, name="source", daemon=True)

    def __enter__(self) -> Feed:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.source.close()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        try:
            while (frame := self.source.read()) is not None:
                self.newest.put(frame)
        except Exception as error:  # handed to the main thread, which raises it
            self.error = error
        finally:
            self.newest.close()
