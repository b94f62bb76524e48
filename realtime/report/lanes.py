"""Mean probabilities per face over time, in bins that grow when a recording is long, so that memory stays flat.

A look counts until the next one, as in the summary (`spans`), however far that is.

Twice as many seconds in a bin, half as many bins:   │▁│▃│▅│▇│   →   │▂ │▆ │
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..types import Floats, Reading
from .spans import GAP_S

MOST_BINS = 1600
FINEST_S = 0.04
EDGE = 1e-6
"""Part of a bin by which a time may miss a bin's edge, as sums of times do."""
BRIEFEST_S = 1e-9
"""What a look counts at least: there are films with two pictures at one time."""


@dataclass(slots=True)
class _Bin:
    seconds: float
    total: NDArray[np.float64]


class Lanes:
    """Collects probabilities of all faces, look by look.

    Args:
        labels: class names, in the network's order.
        usual_s: how long the last look is shown where there is no other to tell, in seconds.

    Attributes:
        bin_s: width of a bin, in seconds.
        first_s: time of the first look, in seconds; None before it.
    """

    def __init__(self, labels: Sequence[str], usual_s: float = FINEST_S) -> None:
        self.labels = tuple(labels)
        self.bin_s = FINEST_S
        self.first_s: float | None = None
        self._usual_s = usual_s
        self._bins: dict[int, dict[int, _Bin]] = {}
        self._waiting: tuple[float, list[Reading]] | None = None

    def add(self, time_s: float, readings: Sequence[Reading]) -> None:
        """Adds a look at its time, in seconds; times rise. It shows in the bins when the next one comes."""
        if self._waiting is None:
            self.first_s = time_s
        else:
            self._usual_s = time_s - self._waiting[0]
            self._count(*self._waiting, time_s)
        self._waiting = time_s, list(readings)

    def close(self) -> None:
        """Counts the last look."""
        if self._waiting is not None:
            self._count(*self._waiting, self._waiting[0] + self._usual_s)
            self._waiting = None

    @property
    def faces(self) -> list[int]:
        """Face numbers, the one seen longest first."""
        return sorted(self._bins, key=lambda face: (-sum(cell.seconds for cell in self._bins[face].values()), face))

    def lane(self, face: int) -> tuple[NDArray[np.float64], Floats]:
        """Times (T,) in seconds, rising by `bin_s`, and mean probabilities (T, K); NaN where the face was not seen.

        Bins without it repeat the one before, where the face was gone for a moment only.
        """
        cells = self._bins[face]
        numbers = range(min(cells), max(cells) + 1)
        values = np.full((len(numbers), len(self.labels)), np.nan, np.float32)
        for number, cell in cells.items():
            values[number - numbers.start] = cell.total / cell.seconds
        return (self.first_s or 0.0) + np.array(numbers) * self.bin_s, _filled(values, round(GAP_S / self.bin_s))

    def _count(self, start_s: float, readings: Sequence[Reading], end_s: float) -> None:
        first_s = self.first_s or 0.0
        while (end_s - first_s) / self.bin_s > MOST_BINS:
            self._coarsen()
        start, end = ((time_s - first_s) / self.bin_s for time_s in (start_s, end_s))
        first = int(start + EDGE)
        for number in range(first, max(first + 1, math.ceil(end - EDGE))):
            seconds = max(self.bin_s * (min(end, number + 1) - max(start, number)), BRIEFEST_S)
            for reading in readings:
                if reading.prediction.readable:  # else as if it had not been seen: the chart shows no emotion there
                    lane = self._bins.setdefault(reading.face.track, {})
                    _into(lane, number, seconds, reading.prediction.probabilities * seconds)

    def _coarsen(self) -> None:
        self.bin_s *= 2
        for face, cells in self._bins.items():
            merged: dict[int, _Bin] = {}
            for number, cell in cells.items():
                _into(merged, number // 2, cell.seconds, cell.total)
            self._bins[face] = merged


def _filled(values: Floats, longest: int) -> Floats:
    """Repeats rows over gaps of up to `longest` rows."""
    seen = np.flatnonzero(~np.isnan(values[:, 0]))
    for before, after in pairwise(seen):
        if after - before - 1 <= longest:
            values[before + 1 : after] = values[before]
    return values


def _into(cells: dict[int, _Bin], number: int, seconds: float, values: NDArray[np.floating]) -> None:
    if number in cells:
        cells[number].seconds += seconds
        cells[number].total += values
    else:
        cells[number] = _Bin(seconds, values.astype(np.float64))
