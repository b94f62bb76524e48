"""TrueType text as coverage masks: how much of each pixel the letters hide.

OpenCV's font engine draws into one shared glyph cache, so it is used by one thread at a time; finished
words are kept by whoever lays them on a board.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock

import cv2
import numpy as np

from ..types import Image

REGULAR, SEMIBOLD, BOLD = 400, 600, 700
ASCENT, DESCENT = 0.80, 0.25
"""Height above and below the baseline that a line needs, as parts of the font size."""

_lock = Lock()


def mask(text: str, size: int, weight: int = REGULAR) -> Image:
    """A line of text, (h, w) coverage 0–255, as high as any line of this size, as wide as its letters."""
    ascent, descent = round(size * ASCENT), round(size * DESCENT)
    canvas = np.zeros((ascent + descent + size, advance(text, size, weight) + 2 * size), np.uint8)
    with _lock:
        cv2.putText(canvas, text, (0, ascent), (255,), _font(), size, weight)
    return np.ascontiguousarray(canvas[: ascent + descent, : advance(text, size, weight)])


@lru_cache(maxsize=4096)
def advance(text: str, size: int, weight: int = REGULAR) -> int:
    """Width of a line of text in pixels."""
    if not text:
        return 1
    with _lock:
        x, _, width, _ = cv2.getTextSize((0, 0), text, (0, 0), _font(), size, weight)
    return int(max(1, x + width + 1))


def line_height(size: int) -> int:
    """Height of one line in pixels, letters only."""
    return round(size * ASCENT) + round(size * DESCENT)


def fit(text: str, width: int, size: int, weight: int = REGULAR) -> str:
    """The text, shortened with an ellipsis where it is wider than `width` pixels."""
    if advance(text, size, weight) <= width:
        return text
    for length in range(len(text) - 1, 0, -1):
        short = text[:length].rstrip() + "…"
        if advance(short, size, weight) <= width:
            return short
    return "…"


def size_for(text: str, width: int, size: int, weight: int = REGULAR) -> int:
    """The font size, made smaller where a line would be wider than `width` pixels; never below two thirds."""
    return max(round(size * 2 / 3), min(size, int(size * width / advance(text, size, weight))))


@lru_cache(maxsize=1)
def _font() -> cv2.FontFace:
    return cv2.FontFace("sans")
