"""From which number on a network's answers may be said: the least at which so many of those that are left are right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoscope.errors import DataError
from emoscope.network.contract import Threshold
from emoscope.types import Floats

STEPS = 100
"""Thresholds that are tried, hundredths: finer ones would say more than was measured."""
FEWEST = 50
"""Answers that must be left for their accuracy to mean anything."""


def threshold(numbers: Floats, right: NDArray[np.bool_], accuracy: float, measured_on: str) -> Threshold:
    """The least threshold that leaves answers of at least this accuracy.

    Args:
        numbers: (N,) what is held against it, 0–1: confidence of *unsure*, quality of *unreadable*.
        right: (N,) whether each answer is right.
        accuracy: share of right ones wanted among those at or above the threshold, 0–1.
        measured_on: the pictures, in words.

    Raises:
        DataError: no threshold leaves enough answers that good.
    """
    for step in range(STEPS):
        below = step / STEPS
        said = numbers >= below
        if said.sum() < FEWEST:
            break
        if right[said].mean() >= accuracy:
            return Threshold(below, round(float(right[said].mean()), 4), round(float(said.mean()), 4), measured_on)
    raise DataError(f"no threshold leaves {FEWEST} answers of which {accuracy:.0%} are right on {measured_on}")
