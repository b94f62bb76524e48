"""What cameras, distance, darkness and compression do to a face, on an accelerator; every result whole numbers 0–255.

Blur, motion and loss of size are linear along rows and along columns, and each is a 48×48 matrix: a table of them is
made once with OpenCV, and a picture is multiplied by one from the left and one from the right.

    soften (blur, motion, few pixels) → dim → noise → compress
"""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from . import EDGE
from .views import to_bytes

BLURS = tuple(np.linspace(0.4, 3.2, 29))
"""Standard deviations, in pixels."""
SMALL = tuple(range(9, 33))
"""Edges, in pixels, that a face is shrunk to before it is enlarged again."""
MOTIONS = (3, 5, 7, 9)
"""Pixels that a face moves along rows or columns while the shutter is open."""

LUMINANCE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55], [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62], [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    np.float32,
)  # fmt: skip
"""JPEG's quantisation steps at quality 50 (ITU-T T.81, table K.1)."""


@cache
def matrices() -> NDArray[np.float32]:
    """(K, 48, 48): no change, then blurs, then losses of size (cubic and linear on the way back), then motions."""
    eye = np.eye(EDGE, dtype=np.float32)
    table = [eye, *(_blur(sigma) for sigma in BLURS)]
    table += [_shrunk(edge, way) for way in (cv2.INTER_CUBIC, cv2.INTER_LINEAR) for edge in SMALL]
    table += [_columns(lambda column, size=size: cv2.blur(column, (1, size))) for size in MOTIONS]
    return np.stack(table)


def degraded(key: Any, pixels: Any) -> Any:
    """Every picture of a batch worse than it was, each in its own way."""
    keys = jax.random.split(key, 4)
    pixels, is_soft = _softened(keys[0], pixels)
    pixels, is_dim = _dimmed(keys[1], pixels)
    pixels = _noisy(keys[2], pixels, is_dim, untouched=~(is_soft | is_dim))
    return _compressed(keys[3], pixels, is_dim)


def _softened(key: Any, pixels: Any) -> tuple[Any, Any]:
    count = len(pixels)
    kinds, which, power = (jax.random.uniform(one, (count,)) for one in jax.random.split(key, 3))
    first_small, first_motion = 1 + len(BLURS), 1 + len(BLURS) + 2 * len(SMALL)
    blur = 1 + (which * len(BLURS)).astype(jnp.int32)
    edge = (power**1.3 * len(SMALL)).astype(jnp.int32)
    small = first_small + edge + jnp.where(which < 0.6, 0, len(SMALL))
    motion = first_motion + (power * len(MOTIONS)).astype(jnp.int32)
    is_blur, is_small, is_motion = kinds < 0.24, (kinds >= 0.24) & (kinds < 0.48), (kinds >= 0.48) & (kinds < 0.58)
    both = jnp.where(is_blur, blur, jnp.where(is_small, small, 0))
    down = jnp.where(is_motion & (which < 0.5), motion, both)
    across = jnp.where(is_motion & (which >= 0.5), motion, both)
    table = jnp.asarray(matrices())
    soft = jnp.einsum("nij,njk,nlk->nil", table[down], pixels, table[across])
    return to_bytes(soft), is_blur | is_small | is_motion


def _dimmed(key: Any, pixels: Any) -> tuple[Any, Any]:
    kinds, amount, level = (jax.random.uniform(one, (len(pixels), 1, 1)) for one in jax.random.split(key, 3))
    dark = pixels * jnp.exp(jnp.log(0.05) + amount * jnp.log(0.6 / 0.05))
    foggy = pixels * (0.15 + 0.5 * amount) + level * 120
    is_dark, is_foggy = kinds < 0.3, (kinds >= 0.3) & (kinds < 0.38)
    return to_bytes(jnp.where(is_dark, dark, jnp.where(is_foggy, foggy, pixels))), (is_dark | is_foggy)[:, 0, 0]


def _noisy(key: Any, pixels: Any, is_dim: Any, untouched: Any) -> Any:
    keys = jax.random.split(key, 3)
    kinds, amount = (jax.random.uniform(one, (len(pixels), 1, 1)) for one in keys[:2])
    sigma = jnp.where(is_dim[:, None, None], 9 * amount**1.5, 40 * amount)
    share = jnp.where(untouched[:, None, None], 0.7, jnp.where(is_dim[:, None, None], 0.6, 0.25))
    added = sigma * jax.random.normal(keys[2], pixels.shape)
    return to_bytes(jnp.where(kinds < share, pixels + added, pixels))


def _compressed(key: Any, pixels: Any, is_dim: Any) -> Any:
    kinds, amount = (jax.random.uniform(one, (len(pixels),)) for one in jax.random.split(key))
    chosen = kinds < jnp.where(is_dim, 0.1, 0.35)
    return jnp.where(chosen[:, None, None], compressed(pixels, 5 + 50 * amount**1.3), pixels)


def compressed(pixels: Any, quality: Any) -> Any:
    """Grey JPEG of (N, 48, 48) pictures at (N,) qualities 1–100: 8×8 cosine transforms, rounded to multiples."""
    count, blocks = len(pixels), EDGE // 8
    scale = jnp.where(quality < 50, 5000 / quality, 200 - 2 * quality)[:, None, None]
    steps = jnp.clip(jnp.floor((LUMINANCE * scale + 50) / 100), 1, 255)[:, None, :, None, :]
    cells = pixels.reshape(count, blocks, 8, blocks, 8) - 128
    cosines = jnp.asarray(_cosines())
    waves = jnp.einsum("ui,nbicj,vj->nbucv", cosines, cells, cosines, precision="highest")
    kept = jnp.round(waves / steps) * steps
    back = jnp.einsum("ui,nbucv,vj->nbicj", cosines, kept, cosines, precision="highest")
    return to_bytes(back.reshape(count, EDGE, EDGE) + 128)


def covered(key: Any, pixels: Any, share: float, largest: float) -> tuple[Any, Any]:
    """A rectangle of some pictures painted over, with a grey or with noise.

    Args:
        key: JAX's random key.
        pixels: (N, 48, 48), 0–255.
        share: of the pictures that are covered, 0–1.
        largest: share of a picture that is covered at most.

    Returns:
        The pictures, and (N,) how much of each is covered.
    """
    keys = jax.random.split(key, 8)
    count = len(pixels)
    kinds, area, form, x, y, grey, rough = (jax.random.uniform(one, (count,)) for one in keys[:7])
    area = 0.02 + (largest - 0.02) * area**2
    form = jnp.exp((form - 0.5) * 2 * jnp.log(2.5))
    tall, wide = jnp.clip(jnp.sqrt(area * form), 0, 1), jnp.clip(jnp.sqrt(area / form), 0, 1)
    line = (jnp.arange(EDGE) + 0.5) / EDGE
    top, left = y * (1 - tall), x * (1 - wide)
    inside_y = (line >= top[:, None]) & (line < (top + tall)[:, None])
    inside_x = (line >= left[:, None]) & (line < (left + wide)[:, None])
    inside = inside_y[:, :, None] & inside_x[:, None, :] & (kinds < share)[:, None, None]
    paint = 255 * grey[:, None, None] + 60 * (rough > 0.5)[:, None, None] * jax.random.normal(keys[7], pixels.shape)
    return to_bytes(jnp.where(inside, paint, pixels)), jnp.mean(inside, (1, 2))


def no_faces(key: Any, pixels: Any) -> Any:
    """Pictures that show no face, made of noise, gradients and of faces torn apart; whole numbers."""
    keys = jax.random.split(key, 8)
    count = len(pixels)
    kinds, level, spread, which = (jax.random.uniform(one, (count, 1, 1)) for one in keys[:4])
    noise = jax.random.normal(keys[4], pixels.shape)
    table = jnp.asarray(matrices())[1 : 1 + len(BLURS)]
    chosen = table[(which[:, 0, 0] * len(BLURS)).astype(jnp.int32)]
    clouds = jnp.einsum("nij,njk,nlk->nil", chosen, jnp.einsum("nij,njk,nlk->nil", chosen, noise, chosen), chosen)
    clouds = clouds / (clouds.std((1, 2), keepdims=True) + 1e-6)
    ramp = jnp.linspace(-1, 1, EDGE)
    turned = jax.random.uniform(keys[5], (count, 2, 1, 1), minval=-1, maxval=1)
    gradient = turned[:, 0] * ramp[None, None] + turned[:, 1] * ramp[None, :, None]
    flat = 255 * level + 60 * spread**2 * jnp.where(which < 0.3, 0.02, 1) * noise
    cells = pixels.reshape(count, 6, 8, 6, 8).transpose(0, 1, 3, 2, 4).reshape(count, 36, 8, 8)
    order = jnp.argsort(jax.random.uniform(keys[6], (count, 36)), axis=1)
    torn = jnp.take_along_axis(cells, order[:, :, None, None], axis=1)
    torn = torn.reshape(count, 6, 6, 8, 8).transpose(0, 1, 3, 2, 4).reshape(pixels.shape)
    textured = 255 * level + 90 * spread * clouds + 30 * gradient
    shaded = 255 * level + 120 * spread * gradient + 8 * which * noise
    upside_down = pixels[:, ::-1]
    made = [flat, textured, shaded, torn, upside_down]
    number = (kinds * len(made)).astype(jnp.int32)
    return to_bytes(sum(jnp.where(number == which_one, one, 0) for which_one, one in enumerate(made)))


def _blur(sigma: float) -> NDArray[np.float32]:
    return _columns(lambda column: cv2.GaussianBlur(column, (1, 0), sigmaX=1e-6, sigmaY=sigma))


def _shrunk(edge: int, way: int) -> NDArray[np.float32]:
    def change(column: Any) -> Any:
        small = cv2.resize(column, (1, edge), interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (1, EDGE), interpolation=way)

    return _columns(change)


def _columns(change: Any) -> NDArray[np.float32]:
    """The matrix of a linear change of columns: what it makes of each unit vector."""
    units = np.eye(EDGE, dtype=np.float32)
    return np.stack([change(np.ascontiguousarray(unit[:, None])).reshape(EDGE) for unit in units], axis=1)


def _cosines() -> NDArray[np.float32]:
    """(8, 8) orthonormal cosine transform."""
    u, i = np.meshgrid(np.arange(8), np.arange(8), indexing="ij")
    matrix = np.cos((2 * i + 1) * u * np.pi / 16) * np.where(u == 0, np.sqrt(1 / 8), 0.5)
    return np.asarray(matrix, np.float32)
