"""When the next picture of a source that runs is due: what a key asks for is not read or drawn just before it.

pictures   ──●─────────────●─────────────●──      the last one is drawn anew for a key at a,
keys       ──────a─────────────────b────────      for one at b the next picture is waited for
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from time import perf_counter

SEEN, LEAST = 9, 3
"""Pictures that are remembered, and from how many on it is known when one is due."""
LATE_S = 0.01
"""How late a picture may be until it is waited for no longer, in seconds."""


class Pace:
    """The moments at which pictures came.

    Args:
        clock: gives seconds; another one than the machine's own in tests.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._came: deque[float] = deque(maxlen=SEEN)

    def came(self) -> None:
        """Notes that a picture has come."""
        self._came.append(self._clock())

    def wait_s(self, work_s: float) -> float:
        """How long to wait for the next picture, which would be held up by so much work on the last one; 0 where the
        work is done before, or no picture is due.

        Args:
            work_s: what is to be done, in seconds.
        """
        if len(self._came) < LEAST:
            return 0.0
        usual_s = median(later - earlier for earlier, later in pairwise(self._came))
        left_s = self._came[-1] + usual_s - self._clock()
        return left_s + LATE_S if -LATE_S < left_s < work_s else 0.0
