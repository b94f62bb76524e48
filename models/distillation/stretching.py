"""The percentile stretch on an accelerator: the 1st and 99th percentile of every picture become 0 and 255.

The definition is the runtime's; here the percentiles, which need the picture sorted, are found by counting: a value of
rank k is the smallest v of 0–255 with more than k pixels ≤ v, and eight halvings find it.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

LOW, HIGH = 1, 99
FLOOR = 8.0
"""Grey levels that are stretched at least: a flat picture stays flat."""


def stretched(pixels: Any) -> Any:
    """(N, h, w) whole numbers 0–255 → (N, h, w) float32 0–255."""
    flat = pixels.reshape(len(pixels), -1)
    low, high = percentile(flat, LOW), percentile(flat, HIGH)
    gain = 255.0 / jnp.maximum(high - low, FLOOR)
    return jnp.clip((pixels - _each((low + high) / 2)) * _each(gain) + 127.5, 0, 255)


def percentile(flat: Any, percent: float) -> Any:
    """(N,) percentiles of (N, n) whole numbers 0–255, interpolated linearly between ranks as NumPy does."""
    place = percent / 100 * (flat.shape[1] - 1)
    rank = int(place)
    below, above = ranked(flat, rank), ranked(flat, min(rank + 1, flat.shape[1] - 1))
    return below + (place - rank) * (above - below)


def ranked(flat: Any, rank: int) -> Any:
    """(N,) values of this rank, from 0, among (N, n) whole numbers 0–255."""
    low, high = jnp.zeros(len(flat)), jnp.full(len(flat), 255.0)
    for _ in range(8):
        middle = jnp.floor((low + high) / 2)
        enough = jnp.sum(flat <= middle[:, None], axis=1) > rank
        low, high = jnp.where(enough, low, middle + 1), jnp.where(enough, middle, high)
    return low


def _each(values: Any) -> Any:
    return values[:, None, None]
