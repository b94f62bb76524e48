"""A small drawing board that becomes a patch: panels, text, bars and pictures with true transparency."""

from __future__ import annotations

import cv2
import numpy as np

from realtime.draw import text as letters
from realtime.draw.patch import Patch
from realtime.types import Image

Colour = tuple[int, int, int]
"""Blue, green, red, 0–255."""


class Canvas:
    """An empty, fully transparent board of a size in pixels.

    Everything is drawn "over" what is there already, as light passes: colour × opacity + below × (1 − opacity).
    """

    def __init__(self, width: int, height: int) -> None:
        self.ink = np.zeros((max(1, height), max(1, width), 3), np.uint8)
        self.clear = np.full_like(self.ink, 255)

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.ink.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.ink.shape[0])

    def copy(self) -> Canvas:
        """The same drawing on a board of its own."""
        board = Canvas(0, 0)
        board.ink, board.clear = self.ink.copy(), self.clear.copy()
        return board

    def patch(self, x: float, y: float) -> Patch:
        """The finished drawing, with its upper left corner at (x, y) of the picture."""
        return Patch(round(x), round(y), self.ink, self.clear)

    def panel(self, colour: Colour, opacity: float, radius: int = 0) -> None:
        """Fills the whole board, with rounded corners."""
        shape = np.zeros((self.height, self.width), np.uint8)
        rounded(shape, (0, 0, self.width, self.height), radius, round(255 * opacity))
        self.cover(0, 0, shape, colour)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour, opacity: float = 1.0) -> None:
        """A filled rectangle; fractions of a pixel at its right end are drawn as such, so that bars grow smoothly."""
        x0, y0, rows = round(x), round(y), max(1, round(height))
        cells = np.clip(width - np.arange(int(np.ceil(width)) or 1), 0, 1)
        shape = np.broadcast_to(np.uint8(255 * opacity * cells + 0.5), (rows, len(cells)))
        self.cover(x0, y0, np.ascontiguousarray(shape), colour)

    def text(self, x: float, y: float, text: str, size: int, colour: Colour, weight: int = letters.REGULAR) -> int:
        """One line of text with its upper left corner at (x, y); returns its width in pixels."""
        shape = letters.mask(text, size, weight)
        self.cover(round(x), round(y), shape, colour)
        return int(shape.shape[1])

    def image(self, x: int, y: int, image: Image) -> None:
        """A (h, w, 3) BGR picture, opaque."""
        height, width = image.shape[:2]
        self.ink[y : y + height, x : x + width] = image[: self.height - y, : self.width - x]
        self.clear[y : y + height, x : x + width] = 0

    def cover(self, x: int, y: int, shape: Image, colour: Colour) -> None:
        """Lays a colour over the board where `shape`, (h, w) coverage 0–255, says so; cut off at the edges."""
        x0, y0 = max(x, 0), max(y, 0)
        x1, y1 = min(x + shape.shape[1], self.width), min(y + shape.shape[0], self.height)
        if x0 >= x1 or y0 >= y1:
            return
        opacity = cv2.merge([shape[y0 - y : y1 - y, x0 - x : x1 - x]] * 3)
        hidden, where = cv2.bitwise_not(opacity), (slice(y0, y1), slice(x0, x1))
        tint = cv2.merge([cv2.convertScaleAbs(opacity[:, :, 0], alpha=part / 255) for part in colour])
        self.ink[where] = cv2.add(cv2.multiply(self.ink[where], hidden, scale=1 / 255), tint)
        self.clear[where] = cv2.multiply(self.clear[where], hidden, scale=1 / 255)


def rounded(shape: Image, box: tuple[int, int, int, int], radius: int, value: int) -> None:
    """Fills (x0, y0, x1, y1) of a coverage mask, with anti-aliased round corners."""
    x0, y0, x1, y1 = box
    radius = min(radius, (x1 - x0) // 2, (y1 - y0) // 2)
    shape[y0:y1, x0:x1] = value
    if radius > 0:
        corner = (_quarter(radius) * value).astype(np.uint8)
        shape[y0 : y0 + radius, x0 : x0 + radius] = corner
        shape[y0 : y0 + radius, x1 - radius : x1] = corner[:, ::-1]
        shape[y1 - radius : y1, x0 : x0 + radius] = corner[::-1]
        shape[y1 - radius : y1, x1 - radius : x1] = corner[::-1, ::-1]


def _quarter(radius: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Coverage 0–1 of the upper left quarter of a disc, (radius, radius)."""
    steps = np.arange(radius) + 0.5
    distance = np.hypot(*np.meshgrid(radius - steps, radius - steps))
    return np.asarray(np.clip(radius - distance + 0.5, 0, 1))
