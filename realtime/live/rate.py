"""What the status panel says of the last two seconds: pictures a second, and the latency that is typical."""

from __future__ import annotations

from collections import deque
from statistics import median

SPAN_S = 2.0


class Rate:
    """Pictures as they are shown, and how late each was."""

    def __init__(self) -> None:
        self._shown: deque[tuple[float, float]] = deque()

    def tick(self, now_s: float, latency_s: float) -> None:
        """Adds a picture that was shown at a moment, so many seconds after it was captured."""
        self._shown.append((now_s, latency_s))
        self.look(now_s)

    def look(self, now_s: float) -> None:
        """Forgets what is too old at a moment, so that the figures of a source that stands still do not stand, too."""
        while self._shown and now_s - self._shown[0][0] > SPAN_S:
            self._shown.popleft()

    @property
    def idle(self) -> bool:
        """Whether nothing was shown of late."""
        return not self._shown

    @property
    def per_second(self) -> float:
        """0 until there are two pictures."""
        if len(self._shown) < 2:
            return 0.0
        return (len(self._shown) - 1) / (self._shown[-1][0] - self._shown[0][0])

    @property
    def latency_s(self) -> float | None:
        """The median from capture to screen, in seconds; None where nothing was shown of late."""
        return median(latency_s for _, latency_s in self._shown) if self._shown else None
