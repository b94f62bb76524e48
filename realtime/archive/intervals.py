"""How sure a mean over films is: 95 % confidence intervals, films as the things that were drawn at random.

Frames of one film are alike, and people in it too, so neither are counted as if they were drawn one by one.

    shares of time           percentile bootstrap over films (Efron 1979, The Annals of Statistics 7): they lie
                             between 0 and 1, often near 0, where a symmetric interval would reach below it
    what is summed as it     Student's t over films: needs no film to be kept
    comes, and more than
    10,000 films
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
DRAWS = 2000
SEED = 0
MOST_DRAWN = 10_000
"""Films above which the bootstrap and t agree to the third digit, and t is taken."""
FEW = 10
"""Films below which a bootstrap's interval is too narrow, which is told."""
DRAWN_AT_ONCE = 50

Values = NDArray[np.float64]


class Mean:
    """A mean over films of arrays of one shape, summed as they come; NaN stands for nothing known (Welford 1962).

    Args:
        shape: of the arrays.

    Attributes:
        count: over how many films, of each element.
        mean: of each element; NaN where there is none.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.count = np.zeros(shape, np.int64)
        self._mean, self._squares = np.zeros(shape), np.zeros(shape)

    def add(self, values: NDArray[np.floating]) -> None:
        """Adds a film."""
        known = ~np.isnan(values)
        self.count += known
        step = np.where(known, values - self._mean, 0.0)
        self._mean += step / np.maximum(self.count, 1)
        self._squares += step * np.where(known, values - self._mean, 0.0)

    @property
    def mean(self) -> Values:
        return np.where(self.count > 0, self._mean, np.nan)

    def interval(self) -> tuple[Values, Values]:
        """Ends of the interval by Student's t; NaN where fewer than two films are known."""
        with np.errstate(invalid="ignore", divide="ignore"):
            error = np.sqrt(self._squares / (self.count - 1) / self.count)
        factors = np.vectorize(t_quantile, otypes=[float])(np.maximum(self.count - 1, 1))
        wide = np.where(self.count > 1, factors * error, np.nan)
        return self.mean - wide, self.mean + wide


def bootstrap(values: Values, draws: int = DRAWS, seed: int = SEED) -> tuple[Values, Values]:
    """Ends of the percentile bootstrap's interval of a mean.

    Args:
        values: (films, K).
        draws: how often as many films are drawn, with replacement.
        seed: of the draws, so that the same films give the same interval.

    Returns:
        (K,) and (K,); NaN for fewer than two films.
    """
    films = len(values)
    if films < 2:
        return np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
    random, means = np.random.default_rng(seed), []
    for begin in range(0, draws, DRAWN_AT_ONCE):
        size = min(DRAWN_AT_ONCE, draws - begin)
        means.append(random.multinomial(films, np.full(films, 1 / films), size) @ values / films)
    low, high = np.quantile(np.concatenate(means), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high


def interval(values: Values) -> tuple[Values, Values, str]:
    """Ends of the interval of a mean of shares over films, (films, K), and the method that they are from."""
    if len(values) <= MOST_DRAWN:
        return (*bootstrap(values), "bootstrap")
    mean = values.mean(axis=0)
    wide = t_quantile(len(values) - 1) * values.std(axis=0, ddof=1) / math.sqrt(len(values))
    return mean - wide, mean + wide, "t"


@lru_cache(maxsize=4096)
def t_quantile(freedom: int, level: float = LEVEL) -> float:
    """The value that Student's t stays within, on either side of 0, with a probability of `level`.

    Args:
        freedom: degrees of freedom, 1 or more.
    """
    low, high = 0.0, 1.0
    while _within(high, freedom) < level:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < level else (low, middle)
    return (low + high) / 2


def _within(limit: float, freedom: int) -> float:
    """Probability that Student's t lies within a limit: t = √ν · tan θ makes the integral one of cosines."""
    angles = np.linspace(0.0, math.atan(limit / math.sqrt(freedom)), 2001)
    heights = np.cos(angles) ** (freedom - 1)
    step = float(angles[1])
    simpson = step / 3 * float(heights[0] + heights[-1] + 4 * heights[1:-1:2].sum() + 2 * heights[2:-1:2].sum())
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    return 2 * scale * simpson
