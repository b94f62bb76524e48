"""How a board is shared between the film and a large inset.

    small                     half                      whole
    ┌──────────────────┐      ┌─────────┬────────┐      ┌────────────────┬───┐
    │       film       │      │  inset  │  film  │      │     inset      │   │
    │ ┌─────┐          │      │         │        │      │                ├───┤
    │ │inset│          │      │         │        │      │                │ f │
    └─┴─────┴──────────┘      └─────────┴────────┘      └────────────────┴───┘

The film keeps its shape and lies in the middle of its part; what is left of a part is dark, and holds panels first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..media.raster import resized
from ..types import Image
from ..view.state import INSET_SIZES
from .layout import Rect

SMALL, HALF, WHOLE = INSET_SIZES
DARK = 12
"""Shade of what is left beside the film."""
PARTS = {HALF: 0.5, WHOLE: 0.72}
"""Width of a large inset, in widths of the board."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A board and what lies where on it.

    Attributes:
        width: of the board, in pixels.
        height: of the board, in pixels.
        film: where the picture lies.
        inset: the part that a large inset fills, or None where it stands in a corner.
        foot: height of what is kept free below all of it, for the strip of layers.
    """

    width: int
    height: int
    film: Rect
    inset: Rect | None = None
    foot: int = 0

    @classmethod
    def of(cls, frame: tuple[int, int], board: tuple[int, int], inset: str = SMALL, foot: int = 0) -> Stage:
        """The largest film (width, height) that a board (width, height) holds beside the inset and above its foot.

        Args:
            frame: width and height of the film's pictures.
            board: width and height of the window.
            inset: size of the inset, one of INSET_SIZES, or "" for none.
            foot: height of what stands below the film, in pixels.
        """
        width, height = board[0], board[1] - foot
        part = PARTS.get(inset, 0.0)
        side = round(width * part) if width >= height else 0
        head = round(height * part) if width < height else 0
        room = Rect(side, head, width - side, height - head)
        factor = min(room.width / frame[0], room.height / frame[1])
        wide, high = max(1, round(frame[0] * factor)), max(1, round(frame[1] * factor))
        film = Rect(room.x + (room.width - wide) // 2, room.y + (room.height - high) // 2, wide, high)
        large = Rect(0, 0, side or width, head or height) if part else None
        return cls(width, board[1], film, large, foot)

    @classmethod
    def whole(cls, width: int, height: int) -> Stage:
        """A picture that is a board by itself, as in an annotated film."""
        return cls(width, height, Rect(0, 0, width, height))

    @property
    def board(self) -> Rect:
        """All of it above its foot."""
        return Rect(0, 0, self.width, self.height - self.foot)

    @property
    def rest(self) -> Rect:
        """What a large inset leaves."""
        if self.inset is None:
            return self.board
        if self.inset.width < self.width:
            return Rect(self.inset.right, 0, self.width - self.inset.right, self.height)
        return Rect(0, self.inset.bottom, self.width, self.board.bottom - self.inset.bottom)


def dark_board(stage: Stage) -> Image:
    """An empty board, (height, width, 3)."""
    return np.full((stage.height, stage.width, 3), DARK, np.uint8)


def on_board(image: Image, stage: Stage) -> Image:
    """A new (height, width, 3) BGR board with a picture at its place, to be drawn on."""
    film = stage.film
    whole = (film.width, film.height) == (stage.width, stage.height)
    if whole and image.shape[:2] == (film.height, film.width):
        return np.array(image)
    board = np.empty((stage.height, stage.width, 3), np.uint8)
    if not whole:
        board[: film.y] = DARK
        board[film.bottom :] = DARK
        board[film.y : film.bottom, : film.x] = DARK
        board[film.y : film.bottom, film.right :] = DARK
    # Not INTER_AREA alone: by a fraction it takes a quarter of the time that there is between two pictures.
    resized(image, (film.width, film.height), board[film.y : film.bottom, film.x : film.right])
    return board
