"""TrueType text as coverage masks: how much of each pixel the letters hide.

The font is ours (`assets/FONT.md`): Latin, Greek, Cyrillic, and every sign that is drawn. Other scripts are drawn
where this OpenCV has letters for them and puts them into their order; else they are transliterated.

OpenCV's font engine draws into one shared glyph cache, so it is used by one thread at a time; finished
words are kept by whoever lays them on a board.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from threading import Lock

import cv2
import numpy as np

from ..errors import ModelError
from ..system.bundled import CURE, assets, bundled
from ..types import Image

REGULAR, SEMIBOLD, BOLD = 400, 600, 700
ASCENT, DESCENT = 0.80, 0.25
"""Height above and below the baseline that a line needs, as parts of the font size."""

FONT = "inter.ttf"
RIGHT_TO_LEFT = ("R", "AL")
"""Unicode's bidirectional classes of the letters of Hebrew, Arabic and their like."""
MISSING = "\U0010fffd"
"""A sign that no font has: it is drawn as the missing-glyph box."""

_lock = Lock()


def mask(text: str, size: int, weight: int = REGULAR) -> Image:
    """A line of text, (h, w) coverage 0–255, as high as any line of this size, as wide as its letters."""
    ascent, descent = round(size * ASCENT), round(size * DESCENT)
    canvas = np.zeros((ascent + descent + size, advance(text, size, weight) + 2 * size), np.uint8)
    written = legible(text)  # which draws, too
    with _lock:
        cv2.putText(canvas, written, (0, ascent), (255,), _font(), size, weight)
    return np.ascontiguousarray(canvas[: ascent + descent, : advance(text, size, weight)])


@lru_cache(maxsize=4096)
def advance(text: str, size: int, weight: int = REGULAR) -> int:
    """Width of a line of text in pixels."""
    if not text:
        return 1
    written = legible(text)
    with _lock:
        x, _, width, _ = cv2.getTextSize((0, 0), written, (0, 0), _font(), size, weight)
    return int(max(1, x + width + 1))


def line_height(size: int) -> int:
    """Height of one line in pixels, letters only."""
    return round(size * ASCENT) + round(size * DESCENT)


def fit(text: str, width: int, size: int, weight: int = REGULAR) -> str:
    """The text, shortened with an ellipsis where it is wider than `width` pixels.

    Args:
        text: one line.
        width: that it may have, in pixels.
        size: of the letters, in pixels.
        weight: of the font.
    """
    if advance(text, size, weight) <= width:
        return text
    for length in range(len(text) - 1, 0, -1):
        short = text[:length].rstrip() + "…"
        if advance(short, size, weight) <= width:
            return short
    return "…"


def size_for(text: str, width: int, size: int, weight: int = REGULAR) -> int:
    """The font size, made smaller where a line would be wider than `width` pixels; never below two thirds.

    Args:
        text: one line.
        width: that it may have, in pixels.
        size: of the letters, in pixels, where there is room.
        weight: of the font.
    """
    return max(round(size * 2 / 3), min(size, int(size * width / advance(text, size, weight))))


@lru_cache(maxsize=4096)
def legible(text: str) -> str:
    """The text as it can be drawn: words that this OpenCV would spoil are written in Latin letters."""
    return written(text, _drawable)


def written(text: str, drawable: Callable[[str], bool]) -> str:
    """The text, with words that cannot be drawn in Latin letters."""
    if text.isascii():
        return text
    return "".join(word if word.isspace() or drawable(word) else _latin(word) for word in _words(text))


def _words(text: str) -> list[str]:
    """The text in pieces, each of spaces alone or without any."""
    pieces = [""]
    for sign in text:
        if pieces[-1] and pieces[-1][-1].isspace() != sign.isspace():
            pieces.append("")
        pieces[-1] += sign
    return pieces


def _drawable(word: str) -> bool:
    if any(unicodedata.bidirectional(sign) in RIGHT_TO_LEFT for sign in word) and not _orders_right_to_left():
        return False
    return all(_has(sign) for sign in word)


def _latin(word: str) -> str:
    from anyascii import anyascii  # large tables, which few need

    return str(anyascii(word))


@lru_cache(maxsize=4096)
def _has(sign: str) -> bool:
    """Whether a sign is drawn as itself. Marks without a place of their own count as drawn."""
    if sign.isascii() or unicodedata.category(sign) in ("Mn", "Cf"):
        return True
    return not np.array_equal(_glyph(sign), _glyph(MISSING))


@lru_cache(maxsize=1)
def _orders_right_to_left() -> bool:
    """Whether the engine begins at the right: two Hebrew letters look like the second at their left (not in 5.0)."""
    return _left_end("וש") == _left_end("ש") != _left_end("ו")


def _left_end(text: str) -> bytes:
    """The ink of a text's first columns."""
    ink = _glyph(text)
    start = int(np.flatnonzero(ink.any(axis=0))[0])
    return ink[:, start : start + 6].tobytes()


def _glyph(text: str) -> Image:
    """A text as it comes from the engine, (80, 160)."""
    board = np.zeros((80, 160), np.uint8)
    with _lock:
        cv2.putText(board, text, (20, 50), (255,), _font(), 40, REGULAR)
    return board


@lru_cache(maxsize=1)
def _font() -> cv2.FontFace:
    path, face = bundled(assets(), FONT), cv2.FontFace()
    if not face.set(str(path)):
        raise ModelError(f"{path}: OpenCV cannot read this font: {CURE}")
    return face
