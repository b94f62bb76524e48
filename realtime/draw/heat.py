"""Heat on the faces themselves: the class activation map laid back onto the part of the picture it was made from.

Only what lies in the picture is worked out, however far the face reaches beyond it:

    ┌ place, turned ─┐
    │     ┌──────────┼── picture        seen = both
    │     │  seen    │                  part = the pixels of the place that `seen` shows, turned back
    └─────┼──────────┘
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ..types import Floats
from .layout import Rect
from .maps import heat_levels, heat_table
from .patch import Patch, Table

BORDER = 2
"""Pixels about the part that interpolation reads."""


def heat_patch(
    heat: Floats, place: Rect, colours: str, opacity: float, picture: Rect, turn_rad: float = 0.0
) -> Patch | None:
    """A heatmap (h, w), 0–1, over a square of the picture; where it is zero the face stays as it is.

    Args:
        heat: one value a cell.
        place: the square before it is turned.
        colours: name of the colour map.
        opacity: of the hottest place, 0–1.
        picture: where on the board the picture lies.
        turn_rad: clockwise, about the square's middle.

    Returns:
        What the picture shows of it, or None.
    """
    table = heat_table(colours, opacity)
    if turn_rad:
        return _turned(heat, place, table, picture, turn_rad)
    seen = place.common(picture)
    return Patch(seen.x, seen.y, heat_levels(heat, place, seen), table) if seen else None


def _turned(heat: Floats, place: Rect, table: Table, picture: Rect, turn_rad: float) -> Patch | None:
    """The same, turned; what the upright box about it adds has no heat, which covers nothing."""
    middle = (place.x + (place.width - 1) / 2, place.y + (place.height - 1) / 2)
    turn = np.array(cv2.getRotationMatrix2D(middle, -math.degrees(turn_rad), 1.0), np.float64)
    back = np.array(cv2.invertAffineTransform(turn), np.float64)
    seen = _about(turn, place).common(picture)
    part = seen and place.common(_about(back, seen))
    if not seen or not part:
        return None
    levels = heat_levels(heat, place, part)
    turn[:, 2] += turn[:, :2] @ (part.x, part.y) - (seen.x, seen.y)
    turned = cv2.warpAffine(levels, turn, (seen.width, seen.height), borderValue=0)
    return Patch(seen.x, seen.y, np.asarray(turned, np.uint8), table)


def _about(turn: NDArray[np.float64], rect: Rect) -> Rect:
    """The upright rectangle about a turned one, with what interpolation reads."""
    corners = np.array([[x, y, 1] for x in (rect.x, rect.right) for y in (rect.y, rect.bottom)]) @ turn.T
    x0, y0 = np.floor(corners.min(axis=0)).astype(int) - BORDER
    x1, y1 = np.ceil(corners.max(axis=0)).astype(int) + BORDER
    return Rect(int(x0), int(y0), int(x1 - x0), int(y1 - y0))
