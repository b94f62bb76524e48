"""How many pictures a second, over the last few seconds."""

from __future__ import annotations

from collections import deque

SPAN_S = 2.0


class Rate:
    """Counts moments; `per_second` is their rate over the last two seconds."""

    def __init__(self) -> None:
        self._moments: deque[float] = deque()

    def tick(self, now_s: float) -> None:
        """Adds one moment."""
        self._moments.append(now_s)
        while now_s - self._moments[0] > SPAN_S:
            self._moments.popleft()

    @property
    def per_second(self) -> float:
        """0 until there are two moments."""
        if len(self._moments) < 2:
            return 0.0
        return (len(self._moments) - 1) / (self._moments[-1] - self._moments[0])
