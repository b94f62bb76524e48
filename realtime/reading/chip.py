"""The part of the frame that a crop was made from, at the frame's own resolution, for people to look at."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ..types import Box, Image, Reading

LARGEST = 1024
"""Edge of a sampled portrait in pixels, at most: no inset is larger."""
FAR = 2
"""Edges of the picture from which on a square is sampled, not cut out: nearly all of it would be repeated border."""


def portrait(image: Image, square: Box, turn_rad: float = 0.0) -> Image:
    """The square of a (H, W, 3) BGR or (H, W) gray picture; beyond its border that is repeated.

    Args:
        square: before it is turned, in pixels.
        turn_rad: clockwise, about the square's middle; the portrait is upright.
    """
    far = square[2] - square[0] > FAR * max(image.shape[:2])
    return _turned(image, square, turn_rad) if turn_rad or far else _straight(image, square)


def portrait_of(image: Image, reading: Reading) -> Image:
    """The part of a picture that a reading's crop was made from."""
    return portrait(image, reading.square, reading.turn_rad)


def _turned(image: Image, square: Box, turn_rad: float) -> Image:
    x0, y0, x1, y1 = square
    edge = min(LARGEST, max(1, round(x1 - x0)))
    cos, sin = math.cos(turn_rad) * (x1 - x0) / edge, math.sin(turn_rad) * (x1 - x0) / edge
    middle = (edge - 1) / 2
    x, y = (x0 + x1 - 1) / 2, (y0 + y1 - 1) / 2
    matrix = np.array([[cos, -sin, x - (cos - sin) * middle], [sin, cos, y - (sin + cos) * middle]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    turned = cv2.warpAffine(image, matrix, (edge, edge), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8)


def _straight(image: Image, square: Box) -> Image:
    height, width = image.shape[:2]
    x0, y0, x1, y1 = (round(value) for value in square)
    x1, y1 = max(x1, x0 + 1), max(y1, y0 + 1)
    left, top = min(max(x0, 0), width - 1), min(max(y0, 0), height - 1)
    right, bottom = max(min(x1, width), left + 1), max(min(y1, height), top + 1)
    inside = image[top:bottom, left:right]
    beyond = (max(top - y0, 0), max(y1 - bottom, 0), max(left - x0, 0), max(x1 - right, 0))
    if not any(beyond):
        return inside
    return np.asarray(cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_REPLICATE), np.uint8)
