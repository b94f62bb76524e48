"""Heat on the faces themselves: the class activation map laid back onto the part of the picture it was made from."""

from __future__ import annotations

import cv2
import numpy as np

from realtime.draw.layout import Rect
from realtime.draw.maps import colour_heat, enlarge
from realtime.draw.patch import Patch
from realtime.types import Floats


def heat_patch(heat: Floats, place: Rect, colours: str, opacity: float) -> Patch:
    """A heatmap (h, w), 0–1, over a square of the picture; where it is zero the face stays as it is."""
    cover = np.clip(enlarge(heat, place.width, place.height), 0, 1) * opacity
    coloured = colour_heat(heat, place.width, place.height, colours)
    cover3 = np.repeat((cover * 255).astype(np.uint8)[:, :, None], 3, axis=2)
    ink = np.asarray(cv2.multiply(coloured, cover3, scale=1 / 255), np.uint8)
    return Patch(place.x, place.y, ink, 255 - cover3)
