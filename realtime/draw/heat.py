"""Heat on the faces themselves: the class activation map laid back onto the part of the picture it was made from."""

from __future__ import annotations

import math

import cv2
import numpy as np

from realtime.draw.layout import Rect
from realtime.draw.maps import heat_sheet
from realtime.draw.patch import Patch
from realtime.types import Floats, Image


def heat_patch(heat: Floats, place: Rect, colours: str, opacity: float, turn_rad: float = 0.0) -> Patch:
    """A heatmap (h, w), 0–1, over a square of the picture; where it is zero the face stays as it is.

    Args:
        place: the square before it is turned.
        turn_rad: clockwise, about its middle.
    """
    sheet = heat_sheet(heat, place.width, place.height, colours, opacity)
    return _turned(place, sheet, turn_rad) if turn_rad else Patch(place.x, place.y, sheet)


def _turned(place: Rect, sheet: Image, turn_rad: float) -> Patch:
    """The same, turned, in the upright box about it; nothing covers the corners that this box adds."""
    reach = abs(math.cos(turn_rad)) + abs(math.sin(turn_rad))
    wide, high = math.ceil(place.width * reach), math.ceil(place.height * reach)
    middle = ((place.width - 1) / 2, (place.height - 1) / 2)
    matrix = np.array(cv2.getRotationMatrix2D(middle, -math.degrees(turn_rad), 1.0), np.float64)
    matrix[:, 2] += np.array([wide - place.width, high - place.height]) / 2
    turned = np.asarray(cv2.warpAffine(sheet, matrix, (wide, high), borderValue=(0, 0, 0, 255)), np.uint8)
    return Patch(place.x - (wide - place.width) // 2, place.y - (high - place.height) // 2, turned)
