"""The learning rate of every step.

    cosine    lr · ½(1 + cos(π t)), t from 0 to 1 over the run      (Loshchilov & Hutter 2017, arXiv:1608.03983)
    plateau   lr · ½ⁿ, n counting how often validation stalled
    constant  lr

each after a short linear climb from nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

PLATEAU_EPOCHS = 3


def learning_rate(schedule: str, peak: float, progress: float, warmup: float, stalls: int = 0) -> float:
    """The rate at `progress` (0–1) of the run.

    Args:
        schedule: "cosine", "plateau" or "constant".
        peak: the largest rate.
        progress: share of the run that is done, 0–1.
        warmup: share of the run in which the rate rises to its peak.
        stalls: how often a plateau was met; each halves the rate.
    """
    if progress < warmup:
        return peak * max(progress / warmup, 1e-3)
    factors = {"cosine": _cosine(progress, warmup), "plateau": 0.5**stalls, "constant": 1.0}
    return peak * factors[schedule]


def stalls(figures: Sequence[float], patience: int = PLATEAU_EPOCHS) -> int:
    """How often the best figure stayed the best for `patience` further epochs."""
    count, best, waited = 0, -math.inf, 0
    for figure in figures:
        best, waited = (figure, 0) if figure > best else (best, waited + 1)
        if waited == patience:
            count, waited = count + 1, 0
    return count


def _cosine(progress: float, warmup: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))
