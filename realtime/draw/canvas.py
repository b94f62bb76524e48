"""A small drawing board that becomes a patch: panels, text, bars and pictures with true transparency."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from ..types import Image
from . import text as letters
from .patch import Patch, Since

Colour = tuple[int, int, int]
"""Blue, green, red, 0–255."""
EMPTY: Image = np.array([0, 0, 0, 255], np.uint8)
"""A pixel of a board on which nothing is drawn."""


class Canvas:
    """An empty, fully transparent board of a size in pixels.

    Everything is drawn "over" what is there already, as light passes: colour × opacity + below × (1 − opacity).

    Attributes:
        sheet: (h, w, 4), as in `Patch`.
        since: likewise.
    """

    since: Since | None = None

    def __init__(self, width: int, height: int) -> None:
        self.sheet: Image = _alike(max(1, height), max(1, width), EMPTY)

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.sheet.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.sheet.shape[0])

    def copy(self) -> Canvas:
        """The same drawing on a board of its own."""
        board = Canvas(0, 0)
        board.sheet = self.sheet.copy()
        return board

    def patch(self, x: float, y: float) -> Patch:
        """The finished drawing, with its upper left corner at (x, y) of the picture."""
        return Patch(round(x), round(y), self.sheet, since=self.since)

    def panel(self, colour: Colour, opacity: float, radius: int = 0) -> None:
        """Fills the whole board, on which nothing is drawn yet, with rounded corners."""
        radius = min(radius, self.width // 2, self.height // 2)
        # Corners and one more pixel are worked out: all the rest is as that one.
        small = Canvas(2 * radius + 1, 2 * radius + 1)
        shape = np.zeros((small.height, small.width), np.uint8)
        rounded(shape, (0, 0, small.width, small.height), radius, round(255 * opacity))
        small.cover(0, 0, shape, colour)
        self.sheet = _alike(self.height, self.width, small.sheet[radius, radius])
        for rows in (slice(radius), slice(-radius, None)) if radius else ():
            for columns in (slice(radius), slice(-radius, None)):
                self.sheet[rows, columns] = small.sheet[rows, columns]

    def box(self, x: float, y: float, width: float, height: float, colour: Colour, opacity: float = 1.0) -> None:
        """A filled rectangle; fractions of a pixel at its right end are drawn as such, so that bars grow smoothly.

        Args:
            x: left edge, in pixels of the board, rounded.
            y: upper edge, likewise.
            width: in pixels, not rounded.
            height: in pixels, rounded, at least 1.
            colour: blue, green, red, 0–255.
            opacity: 0–1.
        """
        x0, y0, rows = round(x), round(y), max(1, round(height))
        whole = int(width)
        self._fill(x0, y0, whole, rows, colour, opacity)
        self._fill(x0 + whole, y0, 1, rows, colour, opacity * (width - whole))

    def text(self, x: float, y: float, text: str, size: int, colour: Colour, weight: int = letters.REGULAR) -> int:
        """One line of text.

        Args:
            x: of its left edge, in pixels of the board.
            y: of its upper edge.
            text: of any script; see `text`.
            size: of the letters, in pixels.
            colour: blue, green, red, 0–255.
            weight: of the font.

        Returns:
            Its width in pixels.
        """
        written = _written(text, size, colour, weight)
        self._lay(round(x), round(y), written)
        return written.width

    def image(self, x: int, y: int, image: Image) -> None:
        """A (h, w, 3) BGR picture, opaque."""
        part = image[: self.height - y, : self.width - x]
        opaque = cv2.cvtColor(part, cv2.COLOR_BGR2BGRA)  # in a fifth of the time of taking channels apart
        opaque[..., 3] = 0
        self.sheet[y : y + part.shape[0], x : x + part.shape[1]] = opaque

    def cover(self, x: int, y: int, shape: Image, colour: Colour) -> None:
        """Lays a colour over the board, cut off at its edges.

        Args:
            x: left edge of the shape, in pixels of the board.
            y: upper edge.
            shape: (h, w) coverage, 0–255.
            colour: blue, green, red, 0–255.
        """
        self._lay(x, y, Tint.of(shape, colour))

    def _fill(self, x: int, y: int, width: int, height: int, colour: Colour, opacity: float) -> None:
        part = self.sheet[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)]
        hidden = round(255 * opacity)
        if hidden >= 255:
            part[...] = (*colour, 0)
        elif part.size and hidden:
            ink = np.full_like(part, [round(hidden / 255 * value) for value in (*colour, 0)])
            part[...] = cv2.add(cv2.convertScaleAbs(part, alpha=1 - hidden / 255), ink)

    def _lay(self, x: int, y: int, tint: Tint) -> None:
        x0, y0 = max(x, 0), max(y, 0)
        x1, y1 = min(x + tint.width, self.width), min(y + tint.height, self.height)
        if x0 >= x1 or y0 >= y1:
            return
        part, of = self.sheet[y0:y1, x0:x1], (slice(y0 - y, y1 - y), slice(x0 - x, x1 - x))
        part[...] = cv2.add(cv2.multiply(part, tint.hidden[of], scale=1 / 255), tint.ink[of])


def _alike(height: int, width: int, pixel: Image) -> Image:
    """(height, width, 4), all pixels alike; written four bytes at a time, which takes a tenth of the time."""
    whole = np.full((height, width), pixel.view(np.uint32)[0])
    return whole.view(np.uint8).reshape(height, width, 4)


@dataclass(frozen=True, slots=True)
class Tint:
    """A colour in some places: what is left of the board there, and what is added, (h, w, 4) each."""

    hidden: Image
    ink: Image

    @classmethod
    def of(cls, shape: Image, colour: Colour) -> Tint:
        """A colour where `shape`, (h, w) coverage 0–255, says so."""
        hidden = cv2.merge([cv2.bitwise_not(shape)] * 4)
        ink = cv2.merge([cv2.convertScaleAbs(shape, alpha=part / 255) for part in (*colour, 0)])
        return cls(np.asarray(hidden, np.uint8), np.asarray(ink, np.uint8))

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.ink.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.ink.shape[0])


@lru_cache(maxsize=256)
def _written(text: str, size: int, colour: Colour, weight: int) -> Tint:
    """A viewer writes the same few words in every frame."""
    return Tint.of(letters.mask(text, size, weight), colour)


def rounded(shape: Image, box: tuple[int, int, int, int], radius: int, value: int) -> None:
    """Fills a rectangle of a coverage mask, with anti-aliased round corners.

    Args:
        shape: (h, w) uint8, changed in place.
        box: left, top, right, bottom in pixels of the mask, right and bottom not included.
        radius: of the corners, in pixels.
        value: coverage within, 0–255.
    """
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
