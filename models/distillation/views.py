"""One picture in many crops: how a face is cut out, turned, moved and lit anew, on an accelerator.

A view is a map from pixels of the crop to pixels of the picture. It starts from the picture as it is, or from the
square that our own cropper would cut about the eyes; then rotation, size, place, proportion and a flip come on top.
Pictures are sampled by cubic convolution, their edges repeated outward, and rounded to whole numbers.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from . import EDGE

SHARPNESS = -0.75
"""Of the cubic kernel; OpenCV's."""

RECUT = 0.4
"""Share of the views that are cut about the eyes."""
EYE_DISTANCES, EYE_LINE = 2.8, 0.35
ROTATION, PROPORTION = 0.22, 0.08
SMALLER, LARGER = -0.18, 0.22
"""Of the logarithm of the square's edge: closer, and with more around."""
SHIFT = 0.08
FAR, FAR_SHARE = 2.2, 0.15
"""How much further a share of the views goes in size and place: a detector's misses."""


def sampled(pictures: Any, views: Any) -> Any:
    """Views of (N, 48, 48) pictures by (N, 2, 3) maps from crop to picture, pixel numbers both: whole numbers 0–255."""
    rows, columns = jnp.meshgrid(jnp.arange(EDGE), jnp.arange(EDGE), indexing="ij")
    points = jnp.stack([columns, rows, jnp.ones_like(rows)]).reshape(3, -1).astype(jnp.float32)
    x, y = jnp.moveaxis(jnp.matmul(views, points, precision="highest"), 1, 0)
    flat = pictures.reshape(len(pictures), -1).astype(jnp.float32)
    left, top = jnp.floor(x), jnp.floor(y)
    across, down = _cubic(x - left), _cubic(y - top)
    total: Any = 0.0
    for row in range(4):
        inner: Any = 0.0
        line = jnp.clip(top + row - 1, 0, EDGE - 1) * EDGE
        for column in range(4):
            place = (line + jnp.clip(left + column - 1, 0, EDGE - 1)).astype(jnp.int32)
            inner = inner + across[column] * jnp.take_along_axis(flat, place, axis=1)
        total = total + down[row] * inner
    return to_bytes(total.reshape(-1, EDGE, EDGE))


def to_bytes(pixels: Any) -> Any:
    """Rounded and clipped to what a byte holds."""
    return jnp.clip(jnp.round(pixels), 0, 255)


def random_views(key: Any, eyes: Any) -> Any:
    """A random map from crop to picture for each of (N, 4) eye points x, y, x, y (NaN where none were found)."""
    count = len(eyes)
    keys = jax.random.split(key, 7)
    recut = (jax.random.uniform(keys[0], (count,)) < RECUT) & jnp.isfinite(eyes[:, 0])
    base = jnp.where(recut[:, None, None], eye_squares(jnp.nan_to_num(eyes, nan=20.0)), plain(count))
    reach = jnp.where(jax.random.uniform(keys[1], (count,)) < FAR_SHARE, FAR, 1.0)
    angle = jax.random.uniform(keys[2], (count,), minval=-ROTATION, maxval=ROTATION)
    size = jnp.exp(reach * jax.random.uniform(keys[3], (count,), minval=SMALLER, maxval=LARGER))
    stretch = jnp.exp(jax.random.uniform(keys[4], (count,), minval=-PROPORTION, maxval=PROPORTION))
    shift = reach[:, None] * jax.random.uniform(keys[5], (count, 2), minval=-SHIFT, maxval=SHIFT) * EDGE
    flip = jnp.where(jax.random.uniform(keys[6], (count,)) < 0.5, -1.0, 1.0)
    return composed(base, about_middle(angle, size * stretch * flip, size / stretch, shift))


def plain(count: int) -> Any:
    """The picture as it is."""
    return jnp.broadcast_to(jnp.array([[1.0, 0, 0], [0, 1, 0]]), (count, 2, 3))


def eye_squares(eyes: Any) -> Any:
    """The runtime's square about (N, 4) eye points, in pixels from the picture's corner."""
    ax, ay, bx, by = eyes.T
    distance = jnp.maximum(jnp.hypot(bx - ax, by - ay), 8.0)
    unit = EYE_DISTANCES * distance / EDGE
    turn = jnp.arctan2(by - ay, bx - ax)
    cos, sin = unit * jnp.cos(turn), unit * jnp.sin(turn)
    across, down = 0.5 - EDGE / 2, 0.5 - EDGE * EYE_LINE
    x = (ax + bx) / 2 + cos * across - sin * down - 0.5
    y = (ay + by) / 2 + sin * across + cos * down - 0.5
    return jnp.stack([jnp.stack([cos, -sin, x], 1), jnp.stack([sin, cos, y], 1)], 1)


def about_middle(angle: Any, wide: Any, high: Any, shift: Any) -> Any:
    """(N, 2, 3) maps that turn, size and move about the middle of the crop.

    Args:
        angle: (N,) in radians.
        wide: (N,) factor on the width of what is seen.
        high: (N,) factor on its height.
        shift: (N, 2) in pixels, across and down.
    """
    middle = (EDGE - 1) / 2
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    a, b, c, d = cos * wide, -sin * high, sin * wide, cos * high
    x, y = middle + shift[:, 0] - (a + b) * middle, middle + shift[:, 1] - (c + d) * middle
    return jnp.stack([jnp.stack([a, b, x], 1), jnp.stack([c, d, y], 1)], 1)


def composed(outer: Any, inner: Any) -> Any:
    """First `inner`, then `outer`, both (N, 2, 3)."""
    linear = jnp.matmul(outer[:, :, :2], inner, precision="highest")
    return linear.at[:, :, 2].add(outer[:, :, 2])


def lit(key: Any, pixels: Any) -> Any:
    """Other light: contrast, brightness, gamma, a lamp from one side, too long an exposure; whole numbers."""
    keys = jax.random.split(key, 8)
    count = len(pixels)

    def draw(number: int, low: float, high: float) -> Any:
        return jax.random.uniform(keys[number], (count, 1, 1), minval=low, maxval=high)

    mean = pixels.mean((1, 2), keepdims=True)
    changed = (pixels - mean) * jnp.exp(draw(0, -0.5, 0.4)) + mean + draw(1, -40, 40)
    changed = jnp.where(draw(2, 0, 1) < 0.12, changed * draw(3, 1.2, 2.2) + 20, changed)  # burnt out
    changed = 255 * (jnp.clip(changed, 0, 255) / 255) ** jnp.exp(draw(4, -0.5, 0.5))
    ramp = jnp.linspace(-1, 1, EDGE)
    turn = draw(5, 0, 6.2832)
    side = jnp.cos(turn) * ramp[None, None] + jnp.sin(turn) * ramp[None, :, None]
    changed = jnp.where(draw(6, 0, 1) < 0.3, changed * jnp.exp(draw(7, 0, 0.6) * side), changed)
    return to_bytes(changed)


def _cubic(t: Any) -> tuple[Any, Any, Any, Any]:
    """Weights of the four neighbours of a point that lies t (0–1) beyond the second."""
    a = SHARPNESS

    def near(d: Any) -> Any:
        return ((a + 2) * d - (a + 3)) * d * d + 1

    def far(d: Any) -> Any:
        return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a

    return far(1 + t), near(t), near(1 - t), far(2 - t)
