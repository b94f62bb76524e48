"""Whole percentages that add up to 100: each is rounded down, and what is missing goes to the largest remainders."""

from __future__ import annotations

import numpy as np

from ..types import Floats


def percents(probabilities: Floats) -> list[int]:
    """(K,) probabilities as whole percentages that add up to 100, in the same order.

    Numbers that are no probabilities (NaN, or a sum of nothing) are 0.
    """
    shares = np.nan_to_num(np.asarray(probabilities, np.float64), nan=0.0, posinf=0.0, neginf=0.0).clip(min=0)
    total = shares.sum()
    if not total > 0:
        return [0] * len(shares)
    shares = 100 * shares / total
    whole = np.floor(shares).astype(int)
    for number in np.argsort(-(shares - whole), kind="stable")[: 100 - int(whole.sum())]:
        whole[number] += 1
    return [int(value) for value in whole]
