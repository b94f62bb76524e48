"""What cameras do to faces, named and seeded, for measuring: each is applied to the uint8 picture, rounded and clipped.

blur-2     Gaussian, σ in pixels of the network's input
small-16   shrunk to so many pixels by averaging, enlarged again by cubic interpolation
noise-25   Gaussian, σ in grey levels
dark-0.1   brightness times this
dim-0.3-5  brightness times this, then noise
jpeg-10    JPEG at this quality
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import cv2
import numpy as np

from emoscope.types import Image

Degradation = Callable[[Image, np.random.Generator], Image]
"""(h, w, c) uint8 picture, random numbers → the same picture, worse."""


def blurred(image: Image, _: np.random.Generator, sigma: float) -> Image:
    """Gaussian blur of standard deviation `sigma` pixels."""
    return _shaped(cv2.GaussianBlur(image, (0, 0), sigma), image)


def shrunk(image: Image, _: np.random.Generator, edge: int) -> Image:
    """`edge` pixels wide and high, and enlarged again."""
    small = cv2.resize(image, (edge, edge), interpolation=cv2.INTER_AREA)
    return _shaped(cv2.resize(small, image.shape[1::-1], interpolation=cv2.INTER_CUBIC), image)


def dimmed(image: Image, random: np.random.Generator, factor: float, sigma: float = 0.0) -> Image:
    """Brightness times `factor`, then Gaussian noise of `sigma` grey levels.

    Args:
        image: (h, w, c), 0–255.
        random: draws the noise.
        factor: on the brightness.
        sigma: of the noise, in grey levels.
    """
    dark = _whole(image * factor)
    return _whole(dark + sigma * random.standard_normal(image.shape)) if sigma else dark


def compressed(image: Image, _: np.random.Generator, quality: int) -> Image:
    """What is left after JPEG at `quality` (1–100)."""
    encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return _shaped(cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED), image)


DEGRADATIONS: Mapping[str, Degradation] = {
    "clean": lambda image, _: image,
    "blur-1": partial(blurred, sigma=1.0),
    "blur-2": partial(blurred, sigma=2.0),
    "blur-3": partial(blurred, sigma=3.0),
    "small-24": partial(shrunk, edge=24),
    "small-16": partial(shrunk, edge=16),
    "small-12": partial(shrunk, edge=12),
    "noise-10": partial(dimmed, factor=1.0, sigma=10.0),
    "noise-25": partial(dimmed, factor=1.0, sigma=25.0),
    "noise-40": partial(dimmed, factor=1.0, sigma=40.0),
    "dark-0.3": partial(dimmed, factor=0.3),
    "dark-0.1": partial(dimmed, factor=0.1),
    "dim-0.3-5": partial(dimmed, factor=0.3, sigma=5.0),
    "dim-0.1-5": partial(dimmed, factor=0.1, sigma=5.0),
    "jpeg-20": partial(compressed, quality=20),
    "jpeg-10": partial(compressed, quality=10),
}
"""From the least to the worst of every kind."""


def degraded(images: Image, name: str, seed: int = 0, first: int = 0) -> Image:
    """Pictures, each worse in the way of this name.

    Args:
        images: (N, h, w, c).
        name: one of DEGRADATIONS.
        seed: of noise, which depends on it and on a picture's place alone.
        first: place of the first of them in the whole data set.
    """
    change = DEGRADATIONS[name]
    places = enumerate(images, first)
    return np.stack([change(image, np.random.default_rng((seed, place))) for place, image in places])


def _whole(pixels: Any) -> Image:
    return np.asarray(np.clip(np.round(pixels), 0, 255), np.uint8)


def _shaped(changed: Any, like: Image) -> Image:
    return np.asarray(changed, np.uint8).reshape(like.shape)
