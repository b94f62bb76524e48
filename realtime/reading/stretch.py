"""A crop's own darkest and brightest pixels become 0 and 255, so that the network sees a dim face as a lit one.

Of each crop the LOW-th and the HIGH-th percentile are taken, linearly between neighbours as numpy does:

    span    =  max(high − low, 8)
    pixels  =  clip((crop − (low + high) / 2) · 255 / span + 127.5, 0, 255)

A crop that is flat but for a few levels keeps its middle in mid-grey and is not torn apart: one level becomes 32 at
most. All values of a colour crop count together, so its hue stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..types import Floats, Image

FLOOR = 8.0
"""Span in grey levels; a smaller one is stretched no further than this."""
WHITE = 255.0
LEVELS = np.arange(256, dtype=np.float64)


def stretched(crops: NDArray[Any], bounds: Sequence[float] | None) -> NDArray[Any]:
    """Crops as the network is to see them, each stretched for itself.

    Args:
        crops: (N, h, w) or (N, h, w, c), 0–255: whole levels in uint8, or float32.
        bounds: the two percentiles; None for crops as they are.

    Returns:
        Of the same shape, float32 0–255, not rounded; the crops themselves where there are no bounds.
    """
    if bounds is None or not crops.size:
        return crops
    flat = crops.reshape(len(crops), -1)
    # Whole levels are counted and looked up: a tenth of the time that sorting takes.
    lit = _counted(flat, bounds) if crops.dtype == np.uint8 else _sorted(flat, bounds)
    return lit.reshape(crops.shape)


def rounded(pixels: NDArray[Any]) -> Image:
    """Stretched pixels in whole levels, for people to look at."""
    return pixels if pixels.dtype == np.uint8 else np.rint(pixels).astype(np.uint8)


def _sorted(flat: NDArray[Any], bounds: Sequence[float]) -> Floats:
    low, high = np.percentile(flat.astype(np.float64), bounds, axis=1)[..., None]
    return _between(flat, low, high)


def _counted(flat: Image, bounds: Sequence[float]) -> Floats:
    last = flat.shape[1] - 1
    places = [share / 100 * last for share in bounds]
    ranks = np.array([min(int(place) + step, last) for place in places for step in (0, 1)])
    low_part, high_part = (place - int(place) for place in places)
    lit = np.empty(flat.shape, np.float32)
    for crop, pixels in zip(flat, lit, strict=True):
        reached = np.bincount(crop, minlength=256).cumsum()
        low, above_low, high, above_high = reached.searchsorted(ranks, "right").tolist()
        table = _between(LEVELS, low + low_part * (above_low - low), high + high_part * (above_high - high))
        table.take(crop, out=pixels, mode="clip")  # nothing is out of range: "clip" alone writes without a copy
    return lit


def _between(levels: NDArray[Any], low: Any, high: Any) -> Floats:
    gain = WHITE / np.maximum(high - low, FLOOR)
    pixels = levels * gain
    pixels += WHITE / 2 - (low + high) / 2 * gain
    np.maximum(pixels, 0, out=pixels)
    return np.asarray(np.minimum(pixels, WHITE, out=pixels), np.float32)
