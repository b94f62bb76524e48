"""A strip chart of the chosen face's probabilities over the last seconds, and the names of its highest lines."""

from __future__ import annotations

import cv2
import numpy as np

from ..types import Floats, Image
from . import text as letters
from .canvas import Canvas, Colour
from .style import PANEL, PANEL_OPACITY, SOFT, TRACK, Sizes, colour_of

SUBPIXEL = 4
"""OpenCV's lines take coordinates in 1/2**SUBPIXEL pixels."""
NAMED, LEAST = 3, 0.1
"""The highest lines are named, so many at most, from this probability on."""
NOTHING = "no history yet"


def history_height(sizes: Sizes) -> int:
    """Of the chart, in pixels."""
    return round(sizes.text * 5) + letters.line_height(max(10, round(sizes.text * 0.8))) + 3 * sizes.gap


def history(labels: tuple[str, ...], values: Floats, title: str, width: int, sizes: Sizes) -> Canvas:
    """One line a class, oldest left; a gap where the face was not seen.

    Args:
        labels: class names, in the order of the columns.
        values: (T, K) probabilities, NaN for moments without a reading.
        title: whose they are, and of how long; says so under the lines.
        width: of the panel, in pixels.
        sizes: of text.
    """
    small, gap = max(10, round(sizes.text * 0.8)), sizes.gap
    high = round(sizes.text * 5)
    board = Canvas(width, history_height(sizes))
    board.panel(PANEL, PANEL_OPACITY, sizes.radius)
    inner = width - 2 * gap
    for level in (0.0, 0.5, 1.0):
        board.box(gap, gap + (1 - level) * (high - 1), inner, 1, TRACK)
    for number, label in enumerate(labels):
        _line(board.sheet[gap : gap + high, gap : gap + inner], values[:, number], colour_of(label, number), sizes)
    title = letters.fit(title, inner, small)
    board.text(gap, 2 * gap + high, title, small, SOFT)
    seen = values[~np.isnan(values).any(axis=1)]
    if len(seen) > 1:
        _names(board, labels, seen[-1], 3 * gap + letters.advance(title, small), small, gap)
    else:
        board.text(gap + (inner - letters.advance(NOTHING, small)) // 2, gap + high // 4, NOTHING, small, SOFT)
    return board


def _names(board: Canvas, labels: tuple[str, ...], newest: Floats, left: int, size: int, gap: int) -> None:
    """The classes of the highest lines at their end, in the lines' colours, as many as fit right of `left`."""
    right, y = board.width - gap, board.height - gap - letters.line_height(size)
    for number in np.argsort(-newest, kind="stable")[:NAMED]:
        wide = letters.advance(labels[number], size, letters.SEMIBOLD)
        if newest[number] < LEAST or right - wide < left:
            break
        right -= wide
        board.text(right, y, labels[number], size, colour_of(labels[number], int(number)), letters.SEMIBOLD)
        right -= gap


def _line(part: Image, values: Floats, colour: Colour, sizes: Sizes) -> None:
    """Draws one class into a part of a board; OpenCV blends a line's edges with what is there as `Canvas` would."""
    height, width = part.shape[:2]
    seen = np.flatnonzero(~np.isnan(values))
    if not len(seen) or len(values) < 2:
        return
    points = np.stack([seen * (width - 1) / (len(values) - 1), (1 - values[seen]) * (height - 1)], axis=1)
    whole = np.round(points * 2**SUBPIXEL).astype(np.int32)
    pieces = np.split(whole, np.flatnonzero(np.diff(seen) > 1) + 1)
    cv2.polylines(part, pieces, False, (*colour, 0), max(1, sizes.stroke // 2), cv2.LINE_AA, SUBPIXEL)
