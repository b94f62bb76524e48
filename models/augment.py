"""Pictures made a little different every time they are seen, so that the network learns faces and not files.

A share of them is first cut out again as a camera's faces are (emoscope.models.data.recrop).
Rotation, shift, zoom and flip are one affine map, applied in one interpolation; then light, then erasing;
mixup blends two finished pictures and their labels (Zhang et al. 2018, arXiv:1710.09412).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]

ERASED_SHARE = (0.02, 0.2)
ERASED_STRETCH = (1 / 3, 3.0)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far each change may go; 0 (or False) switches it off. Erasing: Zhong et al. 2020, arXiv:1708.04896."""

    recrop: float = field(
        default=0.0, metadata={"help": "Probability that our own detector and cropper cut it out.", "max": 1}
    )
    rotation: float = field(default=0.0, metadata={"help": "Degrees to either side.", "max": 180})
    shift: float = field(default=0.0, metadata={"help": "Share of the edge, to every side.", "max": 1})
    zoom: float = field(
        default=0.0, metadata={"help": "Share of the size, larger or smaller.", "max": 1, "max_open": True}
    )
    flip: bool = field(default=False, metadata={"help": "Mirror half of the pictures."})
    brightness: float = field(default=0.0, metadata={"help": "Share of the full range added or taken away.", "max": 1})
    contrast: float = field(
        default=0.0, metadata={"help": "Share by which differences from the mean change.", "max": 1}
    )
    erasing: float = field(default=0.0, metadata={"help": "Probability that a rectangle is overwritten.", "max": 1})
    mixup: float = field(default=0.0, metadata={"help": "α of the Beta distribution of two pictures' shares."})


def augment(images: NDArray[np.uint8], how: Augmentation, random: np.random.Generator) -> Pixels:
    """Changes every picture of a batch.

    Args:
        images: (N, h, w, c), 0–255.

    Returns:
        (N, h, w, c) float32, 0–255.
    """
    pixels = _lit(_warped(images.astype(np.float32), how, random), how, random)
    for number in np.flatnonzero(random.random(len(pixels)) < how.erasing):
        _erase(pixels[number], random)
    return pixels


def mixup(pixels: Pixels, targets: Pixels, alpha: float, random: np.random.Generator) -> tuple[Pixels, Pixels]:
    """Blends every picture and its target distribution with another one of the batch.

    Zhang et al. 2018, arXiv:1710.09412.

    Args:
        pixels: (N, h, w, c).
        targets: (N, T, K), each row of K a distribution.
        alpha: of the Beta distribution that the share is drawn from; 0 changes nothing.
        random: draws share and partners.
    """
    if not alpha:
        return pixels, targets
    share = np.float32(random.beta(alpha, alpha))
    partner = random.permutation(len(pixels))
    return _blend(pixels, partner, share), _blend(targets, partner, share)


def _blend(values: Pixels, partner: NDArray[np.int64], share: np.float32) -> Pixels:
    return np.asarray(values * share + values[partner] * (1 - share), np.float32)


def _warped(images: Pixels, how: Augmentation, random: np.random.Generator) -> Pixels:
    """Every picture through a map of its own, in one interpolation."""
    height, width = images.shape[1:3]
    maps = _maps(len(images), height, width, how, random)
    warped = np.empty_like(images)
    for image, matrix, result in zip(images, maps, warped, strict=True):
        cv2.warpAffine(image, matrix, (width, height), dst=result, borderMode=cv2.BORDER_REPLICATE)
    return warped


def _maps(count: int, height: int, width: int, how: Augmentation, random: np.random.Generator) -> NDArray[np.float64]:
    """(count, 2, 3): turned and zoomed about the middle, moved, some mirrored before."""
    limits = how.rotation, how.shift * width, how.shift * height, how.zoom
    angle, dx, dy, growth = random.uniform(-1, 1, (4, count)) * np.array(limits)[:, None]
    across, down = (width - 1) / 2, (height - 1) / 2
    cos, sin = (1 + growth) * np.cos(np.radians(angle)), (1 + growth) * np.sin(np.radians(angle))
    mirrored = how.flip & (random.random(count) < 0.5)
    sign = np.where(mirrored, -1, 1)
    rows = [
        (cos * sign, sin, across - cos * sign * across - sin * down + dx),
        (-sin * sign, cos, down + sin * sign * across - cos * down + dy),
    ]
    return np.asarray(np.array(rows).transpose(2, 0, 1), np.float64)


def _lit(pixels: Pixels, how: Augmentation, random: np.random.Generator) -> Pixels:
    """Every picture brighter or darker, with more or less contrast about its mean."""
    if not (how.brightness or how.contrast):
        return pixels
    limits = np.array((255 * how.brightness, how.contrast), np.float32)[:, None]
    added, factor = np.float32(random.uniform(-1, 1, (2, len(pixels)))) * limits
    mean = pixels.mean(axis=(1, 2, 3))
    gain, base = (one[:, None, None, None] for one in (1 + factor, added - factor * mean))
    return np.asarray(np.clip(pixels * gain + base, 0, 255), np.float32)


def _erase(pixels: Pixels, random: np.random.Generator) -> None:
    """Overwrites a rectangle with the picture's mean, in place."""
    height, width = pixels.shape[:2]
    area = random.uniform(*ERASED_SHARE) * height * width
    stretch = np.exp(random.uniform(*np.log(ERASED_STRETCH)))
    tall = int(np.clip(np.sqrt(area * stretch), 1, height))
    wide = int(np.clip(np.sqrt(area / stretch), 1, width))
    top, left = random.integers(height - tall + 1), random.integers(width - wide + 1)
    pixels[top : top + tall, left : left + wide] = pixels.mean()
