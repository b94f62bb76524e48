"""Mean probabilities per face over time, in bins that grow when a recording is long, so that memory stays flat.

Twice as many seconds in a bin, half as many bins:   │▁│▃│▅│▇│   →   │▂ │▆ │
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..types import Floats, Reading
from .spans import GAP_S

MOST_BINS = 1600
FINEST_S = 0.04


@dataclass(slots=True)
class _Bin:
    count: int
    total: NDArray[np.float64]


class Lanes:
    """Collects probabilities of all faces, frame by frame.

    Args:
        labels: class names, in the network's order.

    Attributes:
        bin_s: width of a bin, in seconds.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        self.labels = tuple(labels)
        self.bin_s = FINEST_S
        self.first_s: float | None = None
        self._bins: dict[int, dict[int, _Bin]] = {}

    def add(self, time_s: float, readings: Sequence[Reading]) -> None:
        """Adds a frame at its time, in seconds."""
        if self.first_s is None:
            self.first_s = time_s
        while (time_s - self.first_s) / self.bin_s >= MOST_BINS:
            self._coarsen()
        number = int((time_s - self.first_s) / self.bin_s)
        for reading in readings:
            if not reading.prediction.readable:
                continue  # as if it had not been seen: the chart shows no emotion there
            lane = self._bins.setdefault(reading.face.track, {})
            _into(lane, number, 1, reading.prediction.probabilities)

    @property
    def faces(self) -> list[int]:
        """Face numbers, the one seen longest first."""
        return sorted(self._bins, key=lambda face: (-sum(cell.count for cell in self._bins[face].values()), face))

    def lane(self, face: int) -> tuple[NDArray[np.float64], Floats]:
        """Times (T,) in seconds, rising by `bin_s`, and mean probabilities (T, K); NaN where the face was not seen.

        Bins without a frame repeat the one before, where the recording has fewer frames than bins or the face was
        gone for a moment only.
        """
        cells = self._bins[face]
        numbers = range(min(cells), max(cells) + 1)
        values = np.full((len(numbers), len(self.labels)), np.nan, np.float32)
        for number, cell in cells.items():
            values[number - numbers.start] = cell.total / cell.count
        return (self.first_s or 0.0) + np.array(numbers) * self.bin_s, _filled(values, round(GAP_S / self.bin_s))

    def _coarsen(self) -> None:
        self.bin_s *= 2
        for face, cells in self._bins.items():
            merged: dict[int, _Bin] = {}
            for number, cell in cells.items():
                _into(merged, number // 2, cell.count, cell.total)
            self._bins[face] = merged


def _filled(values: Floats, longest: int) -> Floats:
    """Repeats rows over gaps of up to `longest` rows."""
    seen = np.flatnonzero(~np.isnan(values[:, 0]))
    for before, after in pairwise(seen):
        if after - before - 1 <= longest:
            values[before + 1 : after] = values[before]
    return values


def _into(cells: dict[int, _Bin], number: int, count: int, values: NDArray[np.floating]) -> None:
    if number in cells:
        cells[number].count += count
        cells[number].total += values
    else:
        cells[number] = _Bin(count, values.astype(np.float64))
