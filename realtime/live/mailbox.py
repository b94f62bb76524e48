"""A latest-value mailbox between two threads: what is not taken in time is replaced and counted."""

from __future__ import annotations

from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Holds the newest thing put, until it is taken or replaced.

    Attributes:
        dropped: how many things were replaced before anyone took them.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._changed = Condition()
        self._thing: T | None = None
        self._closed = False

    def put(self, thing: T) -> None:
        """Leaves a thing, in place of one that was not taken."""
        with self._changed:
            self.dropped += self._thing is not None
            self._thing = thing
            self._changed.notify_all()

    def take(self, timeout_s: float) -> T | None:
        """The newest thing, or None where none comes in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._thing is not None or self._closed, timeout_s)
            thing, self._thing = self._thing, None
            return thing

    def close(self) -> None:
        """Wakes whoever waits; nothing more will come, though what is there can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def ended(self) -> bool:
        """Whether it is closed and empty."""
        with self._changed:
            return self._closed and self._thing is None
