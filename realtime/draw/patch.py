"""A piece of drawing with its own transparency, and the one operation that lays it on a picture.

    picture ← picture × clear / 255 + ink

`ink` is premultiplied: colour × opacity. Patches are all that the drawing code makes, so the window lays
them on BGR pictures and the video writer on the planes of a decoded frame, with the same result. Where all pixels are
of the colours of one table, as of heat or of a gray face, a patch holds their numbers, a quarter of the bytes: on
planes the table is converted in place of the pixels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ..types import Image
from .layout import Rect

Table = NDArray[np.uint32]
"""(256,): four bytes of a sheet each, in one number; kept by whoever makes it, from picture to picture."""


class Since(NamedTuple):
    """What a sheet was made from.

    Attributes:
        sheet: of the same size, which nobody writes to any more.
        changed: the part in which the two differ, in its pixels.
    """

    sheet: Image
    changed: Rect


@dataclass(frozen=True, slots=True)
class Patch:
    """A rectangle of drawing.

    Attributes:
        x: left edge in the picture, in pixels.
        y: upper edge in the picture, in pixels.
        sheet: (h, w, 4) ink in blue, green and red, premultiplied by its opacity; and how clear it is: 255 where the
            picture shines through unchanged, 0 where the ink hides it. With a table (h, w) numbers of its colours.
        table: the colours; None where the sheet holds them.
        since: the sheet before this one, where little has changed.
    """

    x: int
    y: int
    sheet: Image
    table: Table | None = None
    since: Since | None = None

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.sheet.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.sheet.shape[0])

    @property
    def rect(self) -> Rect:
        """Where it lies in the picture."""
        high, wide = self.sheet.shape[:2]
        return Rect(self.x, self.y, wide, high)

    @property
    def pixels(self) -> Image:
        """(h, w, 4), whichever way they are held."""
        if self.table is None:
            return self.sheet
        return self.table.take(self.sheet).view(np.uint8).reshape(*self.sheet.shape, 4)

    def inside(self, width: int, height: int) -> Patch | None:
        """The part of the patch that lies in a picture of this size, or None."""
        high, wide = self.sheet.shape[:2]
        x0, y0 = max(self.x, 0), max(self.y, 0)
        x1, y1 = min(self.x + wide, width), min(self.y + high, height)
        if x0 >= x1 or y0 >= y1:
            return None
        if (x1 - x0, y1 - y0) == (wide, high):
            return self
        return Patch(x0, y0, self.sheet[y0 - self.y : y1 - self.y, x0 - self.x : x1 - self.x], self.table)


def lay(image: Image, patches: Iterable[Patch]) -> None:
    """Lays patches on a (H, W, 3) BGR picture, in place and in order; what reaches beyond its border is cut off."""
    height, width = image.shape[:2]
    for patch in patches:
        part = patch.inside(width, height)
        if part is not None:
            region = image[part.y : part.y + part.height, part.x : part.x + part.width]
            pixels = part.pixels
            if part.table is not None and not part.table.view(np.uint8)[3::4].any():  # as of a gray face: all hidden
                cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR, region)
                continue
            clear = cv2.cvtColor(cv2.extractChannel(pixels, 3), cv2.COLOR_GRAY2BGR)
            cv2.multiply(region, clear, region, 1 / 255)
            cv2.add(region, cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR), region)


def rect_of(patch: Patch | None) -> Rect | None:
    """The place of a patch."""
    return None if patch is None else patch.rect
