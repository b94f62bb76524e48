"""Prefetching: one stage of work on a thread of its own, a few items ahead of whoever uses them.

    for item in stage: …               the stage works only while it is asked
    with Prefetch(stage) as items:     it works on while its last items are being used, up to `bound` of them
        for item in items: …

Stages are ordinary generators; threads come in only here. Decoding, inference, drawing and encoding release the
interpreter lock, so stages that run ahead of one another really run at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from threading import Condition, Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

BOUND = 2
"""Items that wait at most between two stages: enough to even out slow ones, few enough to keep memory flat."""


class _End:
    """Comes last; carries the error that ended the stage before its time, if there was one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Prefetch(Generic[T]):
    """Runs an iterable on a thread; a context manager that ends the thread.

    An error of the stage is raised where its next item would have come.
    """

    def __init__(self, stage: Iterable[T], name: str, bound: int = BOUND) -> None:
        self._stage, self._bound = stage, bound
        self._items = deque[T | _End]()
        lock = Lock()
        self._filled, self._drained = Condition(lock), Condition(lock)
        self._unwanted = False
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def __iter__(self) -> Iterator[T]:
        while True:
            with self._filled:
                self._filled.wait_for(lambda: self._items or self._unwanted)
                if self._unwanted:
                    return
                item = self._items.popleft()
                if self._has_room():
                    self._drained.notify()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item

    def __enter__(self) -> Prefetch[T]:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._filled:
            self._unwanted = True
            self._filled.notify_all()
            self._drained.notify_all()
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
        with self._drained:
            if len(self._items) >= self._bound:
                self._drained.wait_for(lambda: self._has_room() or self._unwanted)
            self._items.append(item)
            self._filled.notify()
            return not self._unwanted

    def _has_room(self) -> bool:
        """A stage that had to wait goes on when half is gone: two stages need not wake each other for every item."""
        return len(self._items) <= self._bound // 2
