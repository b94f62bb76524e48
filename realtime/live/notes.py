"""Short notes over the picture that go by themselves; what was kept and what went wrong stays in the terminal."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

STAY_S, PER_SIGN_S = 1.6, 0.045
"""How long a note stays, and how much longer for each of its signs: as long as it takes to read it."""


class Notes:
    """The note of the moment.

    Args:
        clock: gives seconds; another one than the machine's own in tests.
        echo: where notes that must not be missed go as well, such as the terminal.
    """

    def __init__(
        self, clock: Callable[[], float] = perf_counter, echo: Callable[[str], object] = lambda text: None
    ) -> None:
        self._clock, self._echo = clock, echo
        self._text, self._until_s = "", float("-inf")

    def say(self, text: str) -> None:
        """Shows a note from now on, as long as it takes to read it."""
        self._text, self._until_s = text, self._clock() + STAY_S + PER_SIGN_S * len(text)

    def tell(self, text: str) -> None:
        """The same, and in the terminal as well: what was kept, and what went wrong."""
        self.say(text)
        self._echo(text)

    @property
    def text(self) -> str:
        """The note, or "" once its moment is over."""
        return self._text if self._clock() < self._until_s else ""
