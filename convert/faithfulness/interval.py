"""How sure a mean over pictures is: the bootstrap's 95 % interval. Efron 1979, doi:10.1214/aos/1176344552."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, and the bounds between which 95 % of the means of resampled pictures lie."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def interval(values: Sequence[float]) -> Interval:
    """The interval of a mean; the same draws for every method, so that methods can be compared."""
    sample = np.asarray(values, np.float64)
    chosen = np.random.default_rng(0).integers(0, len(sample), (DRAWS, len(sample)))
    low, high = np.percentile(sample[chosen].mean(1), [2.5, 97.5])
    return Interval(float(sample.mean()), float(low), float(high))
