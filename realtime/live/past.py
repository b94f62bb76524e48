"""What was said about each face in the last seconds, for the strip chart."""

from __future__ import annotations

from collections import deque

import numpy as np

from ..reading.smoothing import Shown
from ..types import Floats

SPAN_S = 20.0
MOMENTS = 160
"""Points of the chart; more would not be seen."""


class Past:
    """Probabilities per track over the last `SPAN_S` seconds."""

    def __init__(self) -> None:
        self._moments: deque[tuple[float, dict[int, Floats]]] = deque()

    def add(self, time_s: float, faces: tuple[Shown, ...]) -> None:
        """Adds one moment; a step back in time forgets everything."""
        if self._moments and time_s < self._moments[-1][0]:
            self._moments.clear()
        self._moments.append((time_s, {shown.reading.face.track: shown.probabilities for shown in faces}))
        while time_s - self._moments[0][0] > SPAN_S:
            self._moments.popleft()

    def of(self, track: int, classes: int) -> Floats:
        """(MOMENTS, K), the newest last; NaN where the track was not seen."""
        values = np.full((MOMENTS, classes), np.nan, np.float32)
        if self._moments:
            now_s = self._moments[-1][0]
            for time_s, tracks in self._moments:
                if track in tracks:
                    place = int((time_s - now_s + SPAN_S) / SPAN_S * (MOMENTS - 1))
                    values[place] = tracks[track]
        return _closed(values)


def _closed(values: Floats) -> Floats:
    """Fills gaps of a single moment, which slow sources leave between two readings."""
    gaps = np.isnan(values[1:-1, 0]) & ~np.isnan(values[:-2, 0]) & ~np.isnan(values[2:, 0])
    places = np.flatnonzero(gaps) + 1
    values[places] = (values[places - 1] + values[places + 1]) / 2
    return values
