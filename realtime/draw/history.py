"""A strip chart of the chosen face's probabilities over the last seconds."""

from __future__ import annotations

import cv2
import numpy as np

from realtime.draw import text as letters
from realtime.draw.canvas import Canvas
from realtime.draw.style import PANEL, PANEL_OPACITY, SOFT, TRACK, Sizes, colour_of
from realtime.types import Floats, Image

SUBPIXEL = 4
"""OpenCV's lines take coordinates in 1/2**SUBPIXEL pixels."""


def history(labels: tuple[str, ...], values: Floats, seconds: float, width: int, sizes: Sizes) -> Canvas:
    """One line a class, oldest left; a gap where the face was not seen.

    Args:
        values: (T, K) probabilities, NaN for moments without a reading.
        seconds: that the T moments span.
    """
    small, gap = max(10, round(sizes.text * 0.8)), sizes.gap
    high = round(sizes.text * 5)
    board = Canvas(width, high + letters.line_height(small) + 3 * gap)
    board.panel(PANEL, PANEL_OPACITY, sizes.radius)
    inner = width - 2 * gap
    for level in (0.0, 0.5, 1.0):
        board.box(gap, gap + (1 - level) * (high - 1), inner, 1, TRACK)
    for number, label in enumerate(labels):
        line = _line(values[:, number], inner, high, max(1, sizes.stroke // 2))
        board.cover(gap, gap, line, colour_of(label, number))
    board.text(gap, 2 * gap + high, f"last {seconds:.0f} s", small, SOFT)
    return board


def _line(values: Floats, width: int, height: int, thickness: int) -> Image:
    shape = np.zeros((height, width), np.uint8)
    if len(values) > 1:
        x = np.arange(len(values)) * (width - 1) / (len(values) - 1)
        points = np.stack([x, (1 - values) * (height - 1)], axis=1)
        for piece in np.split(points, np.flatnonzero(np.isnan(values))):
            seen = piece[~np.isnan(piece[:, 1])]
            whole = np.round(seen * 2**SUBPIXEL).astype(np.int32)
            cv2.polylines(shape, [whole], False, (255,), thickness, cv2.LINE_AA, SUBPIXEL)
    return shape
