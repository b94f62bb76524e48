"""Whole percentages that add up to 100: each is rounded down, and what is missing goes to the largest remainders."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..types import Floats


def percents(probabilities: Floats) -> tuple[int, ...]:
    """(K,) probabilities as whole percentages that add up to 100, in the same order.

    Numbers that are no probabilities (NaN, or a sum of nothing) are 0.
    """
    return _percents(np.asarray(probabilities, np.float32).tobytes())


def finite(numbers: Floats) -> Floats:
    """The same numbers, 0 for each that is none; in a tenth of the time that NumPy takes to look for more."""
    return numbers if np.isfinite(numbers).all() else np.nan_to_num(numbers)


@lru_cache(maxsize=256)
def _percents(probabilities: bytes) -> tuple[int, ...]:
    """The same of float32; panel and label ask for the same ones."""
    numbers = np.frombuffer(probabilities, np.float32).astype(np.float64)
    shares = np.where(np.isfinite(numbers), numbers, 0.0).clip(min=0)
    total = shares.sum()
    if not total > 0:
        return (0,) * len(shares)
    shares = 100 * shares / total
    whole = np.floor(shares).astype(int)
    for number in np.argsort(-(shares - whole), kind="stable")[: 100 - int(whole.sum())]:
        whole[number] += 1
    return tuple(whole.tolist())
