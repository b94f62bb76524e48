"""Short notes over the picture, such as "saved emoscope-0001", that go by themselves."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

STAY_S = 2.5


class Notes:
    """The note of the moment.

    Args:
        clock: gives seconds; another one than the machine's own in tests.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._text, self._until_s = "", float("-inf")

    def say(self, text: str) -> None:
        """Shows a note from now on, for a moment."""
        self._text, self._until_s = text, self._clock() + STAY_S

    @property
    def text(self) -> str:
        """The note, or "" once its moment is over."""
        return self._text if self._clock() < self._until_s else ""
