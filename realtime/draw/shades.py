"""A face in shades of grey, as pictures with colours laid on them show it."""

from __future__ import annotations

import cv2
import numpy as np

from ..media.raster import resized
from ..types import Image


def grey_bgr(chip: Image, edge: int) -> Image:
    """The face in shades of grey, so that colour means heat alone; (edge, edge, 3)."""
    return bgr(grey(chip, edge))


def grey(chip: Image, edge: int) -> Image:
    """The same as (edge, edge)."""
    shades = chip if chip.ndim == 2 else np.asarray(cv2.cvtColor(chip, cv2.COLOR_BGR2GRAY), np.uint8)
    if shades.shape[0] > edge:
        return resized(shades, (edge, edge))
    return np.asarray(cv2.resize(shades, (edge, edge), interpolation=cv2.INTER_CUBIC), np.uint8)


def bgr(picture: Image) -> Image:
    """A picture of either kind as (H, W, 3)."""
    return picture if picture.ndim == 3 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
