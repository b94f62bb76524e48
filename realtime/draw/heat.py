"""Heat on the faces themselves: the class activation map laid back onto the part of the picture it was made from."""

from __future__ import annotations

import cv2
import numpy as np

from realtime.draw.layout import Rect
from realtime.draw.maps import heat_layer
from realtime.draw.patch import Patch
from realtime.types import Floats


def heat_patch(heat: Floats, place: Rect, colours: str, opacity: float) -> Patch:
    """A heatmap (h, w), 0–1, over a square of the picture; where it is zero the face stays as it is."""
    coloured, cover = heat_layer(heat, place.width, place.height, colours, opacity)
    ink = np.asarray(cv2.multiply(coloured, cover, scale=1 / 255), np.uint8)
    return Patch(place.x, place.y, ink, np.asarray(cv2.bitwise_not(cover), np.uint8))
