"""One stage of work on a thread of its own, a few items ahead of whoever uses them.

    for item in stage: …            the stage works only while it is asked
    with Ahead(stage) as ahead:     it works on while its last items are being used, up to `bound` of them
        for item in ahead: …

Stages are ordinary generators; threads come in only here. Decoding, inference, drawing and encoding release the
interpreter lock, so stages that run ahead of one another really run at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from queue import Empty, Full, Queue
from threading import Event, Thread
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")

BOUND = 2
"""Items that wait at most between two stages: enough to even out slow ones, few enough to keep memory flat."""
LOOK_S = 0.05
"""How often a thread that waits looks whether it is still wanted, in seconds."""


class _End:
    """Comes last; carries the error that ended the stage before its time, if there was one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Ahead(Generic[T]):
    """Runs an iterable on a thread; a context manager that ends the thread.

    An error of the stage is raised where its next item would have come.
    """

    def __init__(self, stage: Iterable[T], name: str, bound: int = BOUND) -> None:
        self._stage = stage
        self._queue: Queue[T | _End] = Queue(bound)
        self._unwanted = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def __iter__(self) -> Iterator[T]:
        while not self._unwanted.is_set():
            try:
                item = self._queue.get(timeout=LOOK_S)
            except Empty:
                continue
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item

    def __enter__(self) -> Ahead[T]:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._unwanted.set()
        self._thread.join()

    def _run(self) -> None:
        end = _End()
        try:
            for item in self._stage:
                if not self._put(item):
                    return
        except BaseException as error:  # whatever it is, it belongs to the thread that uses the items
            end = _End(error)
        self._put(end)

    def _put(self, item: T | _End) -> bool:
        """Hands an item over; False where nobody wants it any more."""
        while not self._unwanted.is_set():
            try:
                self._queue.put(item, timeout=LOOK_S)
                return True
            except Full:
                continue
        return False
