"""The inset: one picture that shows why, with two lines that say what it speaks of.

┌──────────────┐
│   picture    │   heat over the crop, a grid of feature maps, one map, or the crop itself
├──────────────┤
│ less ▒▒ more │   what the colours mean
│ title        │   method or view • class • face
│ subtitle     │   layer and its size
└──────────────┘
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from ..types import Image
from . import text as letters
from .canvas import Canvas
from .patch import Patch, Table, lay
from .shades import bgr
from .style import DIM, PANEL, PANEL_OPACITY, SOFT, WHITE, Sizes

DOT = " • "
CROWDED = 1.25
"""Length of a title, in widths of the inset's picture, from which on it gives a part to the second line."""
PART = 0.30
"""Edge of the inset's picture, as a part of the frame's shorter edge."""


@dataclass(frozen=True, slots=True)
class InsetPicture:
    """What a view puts into the inset: a square picture and what is said about it.

    Attributes:
        ground: (edge, edge, 3) BGR, or (edge, edge) gray, or a little smaller; of maps it may be wider.
        title: the first line.
        subtitle: the second one.
        scale: (256, 3) the colours from the least to the most, or None.
        least: what the first of them means, in a word.
        most: what the last means.
        over: what is laid on the ground, in its pixels.
    """

    ground: Image
    title: str
    subtitle: str
    scale: Image | None = None
    least: str = ""
    most: str = ""
    over: Patch | None = None

    @property
    def picture(self) -> Image:
        """(edge, edge, 3) BGR of all of it."""
        if self.over is None:
            return bgr(self.ground)
        whole = np.array(bgr(self.ground))
        lay(whole, [self.over])
        return whole


def inset_edge(width: int, height: int, sizes: Sizes, large: bool = False) -> int:
    """Edge of the inset's picture in pixels: a part of a board of this size, or all of the room that it has.

    Args:
        width: of the board, or of the room that is the inset's alone.
        height: likewise.
        sizes: of gaps and text.
        large: whether that room is all the inset's.
    """
    if large:
        return max(64, min(width - 4 * sizes.gap, height - 4 * sizes.gap - _lines(sizes)))
    return max(64, round(min(width, height * 4 / 3) * PART * 0.92))


def inset_size(edge: int, sizes: Sizes, wide: int = 0) -> tuple[int, int]:
    """Width and height of the inset's panel about a picture, a square of `edge` pixels or one `wide`."""
    return (wide or edge) + 2 * sizes.gap, edge + 2 * sizes.gap + _lines(sizes)


def _small(sizes: Sizes) -> int:
    return max(9, round(sizes.text * 0.75))


def _lines(sizes: Sizes) -> int:
    return 2 * letters.line_height(sizes.text) + letters.line_height(_small(sizes)) + sizes.gap


def inset(content: InsetPicture, at: tuple[int, int], edge: int, sizes: Sizes, wide: int = 0) -> list[Patch]:
    """The panel with the picture, the scale and its two lines.

    Args:
        content: what it shows.
        at: the panel's left and upper edge on the board, in pixels.
        edge: of the picture, in pixels; its height where it is wide.
        sizes: of text.
        wide: width of the picture's place where it is wider than high; 0 for a square.
    """
    scale = None if content.scale is None else content.scale.tobytes()
    words = content.title, content.subtitle, content.least, content.most
    board, ground = _worded(words, scale, edge, sizes, wide), content.ground
    x, y = sizes.gap + ((wide or edge) - ground.shape[1]) // 2, sizes.gap + (edge - ground.shape[0]) // 2
    if ground.ndim == 3:
        board = board.copy()
        board.image(x, y, content.picture)
        return [board.patch(*at)]
    face = Patch(at[0] + x, at[1] + y, ground, _grays())
    over = content.over
    return [board.patch(*at), face, *([] if over is None else [replace(over, x=face.x + over.x, y=face.y + over.y)])]


@lru_cache(maxsize=1)
def _grays() -> Table:
    """Shades that hide what is below them."""
    levels = np.arange(256, dtype=np.uint8)
    return np.stack([levels, levels, levels, np.zeros_like(levels)], axis=1).view(np.uint32)[:, 0]


@lru_cache(maxsize=4)
def _worded(words: tuple[str, str, str, str], scale: bytes | None, edge: int, sizes: Sizes, wide: int) -> Canvas:
    """The panel with what stays the same from frame to frame: the scale and the two lines."""
    title, subtitle, least, most = words
    board, small = Canvas(*inset_size(edge, sizes, wide)), _small(sizes)
    board.panel(PANEL, PANEL_OPACITY, sizes.radius)
    wide = wide or edge
    y, line = sizes.gap + edge + sizes.gap // 4, letters.line_height(sizes.text)
    if scale is not None:
        _scale(board, np.frombuffer(scale, np.uint8), (least, most), y, wide, sizes)
    y += letters.line_height(small) + sizes.gap // 2
    for text, colour, weight in zip(
        caption(title, subtitle, wide, sizes.text), (WHITE, SOFT), (letters.SEMIBOLD, letters.REGULAR), strict=True
    ):
        text = _fitting(text, wide, sizes.text, weight)
        size = letters.size_for(text, wide, sizes.text, weight)
        board.text(sizes.gap, y - sizes.gap // 4, letters.fit(text, wide, size, weight), size, colour, weight)
        y += line + sizes.gap // 4
    board.sheet.flags.writeable = False  # it comes again: drawing on planes then keeps it as it was converted
    return board


def _scale(board: Canvas, scale: Image, ends: tuple[str, str], y: int, edge: int, sizes: Sizes) -> None:
    """The colours in a row between the words for their ends."""
    small, gap = _small(sizes), sizes.gap
    least, most = (letters.fit(word, (edge - gap) // 2, small) for word in ends)
    left = board.text(gap, y, least, small, DIM) + gap // 2
    right = letters.advance(most, small) + gap // 2
    board.text(gap + edge - right + gap // 2, y, most, small, DIM)
    wide, high = edge - left - right, max(3, small // 2)
    if wide > 8:
        row = np.asarray(cv2.resize(scale.reshape(1, 256, 3), (wide, high)), np.uint8)
        board.image(gap + left, y + (letters.line_height(small) - high) // 2, row)


def _fitting(line: str, edge: int, size: int, weight: int) -> str:
    """The line without the parts at its end for which there is no room, rather than with half of one."""
    while DOT in line and letters.advance(line, letters.size_for(line, edge, size, weight), weight) > edge:
        line = line.rpartition(DOT)[0]
    return line


def caption(title: str, subtitle: str, edge: int, size: int) -> tuple[str, str]:
    """The two lines; of a title that is far too long the last part goes to the second one.

    Args:
        title: as it is wanted.
        subtitle: likewise.
        edge: room for each line, in pixels.
        size: of the letters, in pixels.
    """
    first, parted, last = title.rpartition(DOT if DOT in title else ", ")
    if parted and letters.advance(title, size, letters.SEMIBOLD) > CROWDED * edge:
        return first, DOT.join(part for part in (last, subtitle) if part)
    return title, subtitle
