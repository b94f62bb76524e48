"""The part of the frame that a crop was made from, at the frame's own resolution, for people to look at."""

from __future__ import annotations

import cv2
import numpy as np

from realtime.types import Box, Image


def portrait(image: Image, square: Box) -> Image:
    """The square of a (H, W, 3) BGR or (H, W) gray picture; beyond its border that is repeated, as in the crop."""
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
