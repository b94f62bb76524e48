"""Noisy linear imputation: pixels that are taken away become what their neighbours make of them, and say nothing more.

    taken pixel  =  Σ w · neighbour  (w = 1/6 beside, above and below, 1/12 across; fewer at the border, in proportion)

for all taken pixels at once, plus a little noise so that they cannot be told by their smoothness. A mask's shape then
betrays nothing of the class, which a hole of one colour does. Rong et al. 2022, arXiv:2202.00449 (ROAD).
The system is symmetric and positive, so conjugate gradients solve it for a whole stack of masks together.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from emoscope.types import Floats

KERNEL = np.array([[1, 2, 1], [2, 0, 2], [1, 2, 1]], np.float32) / 12
NOISE = 0.01
"""Deviation of the noise, as a share of the picture's range."""
TURNS, ENOUGH = 300, 1e-5


def imputed(picture: Floats, taken: NDArray[np.bool_], seed: int = 0) -> Floats:
    """Copies of a picture, each without the pixels of its mask.

    Args:
        picture: (H, W, C).
        taken: (M, H, W), never all of a picture.
        seed: of the noise.

    Returns:
        (M, H, W, C).
    """
    masks, channels = len(taken), picture.shape[2]
    hole = np.repeat(taken.transpose(1, 2, 0), channels, axis=2)
    whole = np.tile(picture, (1, 1, masks)).astype(np.float32)
    filled = np.where(hole, _solved(whole, hole), whole)
    noise = np.random.default_rng(seed).normal(0, NOISE * float(np.ptp(picture)), filled.shape)
    filled = filled + np.where(hole, noise, 0)
    return np.asarray(filled.reshape(*picture.shape[:2], masks, channels).transpose(2, 0, 1, 3), np.float32)


def _solved(whole: Floats, hole: NDArray[np.bool_]) -> Floats:
    """D u − K u = K known over the hole, by conjugate gradients with D, the weights that there are, ahead."""
    weights = _around(np.ones_like(whole))
    known = np.where(hole, 0, whole).astype(np.float32)
    u = np.where(hole, _guess(known, hole), 0).astype(np.float32)
    left = np.where(hole, _around(known) - weights * u + _around(u), 0).astype(np.float32)
    step = ahead = left / weights
    size = (left * ahead).sum((0, 1))
    goal = ENOUGH**2 * np.maximum(size, np.finfo(np.float32).tiny)
    for _ in range(TURNS):
        if np.all(size <= goal):
            break
        moved = np.where(hole, weights * step - _around(step.astype(np.float32)), 0)
        length = size / np.maximum((step * moved).sum((0, 1)), np.finfo(np.float32).tiny)
        u, left = u + length * step, left - length * moved
        ahead = left / weights
        size, before = (left * ahead).sum((0, 1)), size
        step = ahead + size / np.maximum(before, np.finfo(np.float32).tiny) * step
    return np.asarray(u, np.float32)


def _guess(known: Floats, hole: NDArray[np.bool_]) -> Floats:
    """What is known, spread smoothly: a start from which few turns are left."""
    sigma = known.shape[1] / 8
    there = cv2.GaussianBlur((~hole).astype(np.float32), (0, 0), sigma).reshape(known.shape)
    return np.asarray(cv2.GaussianBlur(known, (0, 0), sigma).reshape(known.shape) / np.maximum(there, 1e-6), np.float32)


def _around(values: Floats) -> Floats:
    """Σ w · neighbour at every pixel."""
    summed = cv2.filter2D(np.ascontiguousarray(values, np.float32), -1, KERNEL, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(summed.reshape(values.shape), np.float32)
