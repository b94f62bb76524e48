"""A piece of drawing with its own transparency, and the one operation that lays it on a picture.

    picture ← picture × clear / 255 + ink

`ink` is premultiplied: colour × opacity. Patches are all that the drawing code makes, so the window lays
them on BGR pictures and the video writer on the planes of a decoded frame, with the same result.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2

from ..types import Image
from .layout import Rect


@dataclass(frozen=True, slots=True)
class Patch:
    """A rectangle of drawing.

    Attributes:
        x: left edge in the picture, in pixels.
        y: upper edge in the picture, in pixels.
        sheet: (h, w, 4) ink in blue, green and red, premultiplied by its opacity; and how clear it is: 255 where the
            picture shines through unchanged, 0 where the ink hides it.
    """

    x: int
    y: int
    sheet: Image

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.sheet.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.sheet.shape[0])

    @property
    def ink(self) -> Image:
        """(h, w, 3) BGR."""
        return self.sheet[:, :, :3]

    @property
    def clear(self) -> Image:
        """(h, w)."""
        return self.sheet[:, :, 3]

    def inside(self, width: int, height: int) -> Patch | None:
        """The part of the patch that lies in a picture of this size, or None."""
        x0, y0 = max(self.x, 0), max(self.y, 0)
        x1, y1 = min(self.x + self.width, width), min(self.y + self.height, height)
        if x0 >= x1 or y0 >= y1:
            return None
        if (x1 - x0, y1 - y0) == (self.width, self.height):
            return self
        return Patch(x0, y0, self.sheet[y0 - self.y : y1 - self.y, x0 - self.x : x1 - self.x])


def lay(image: Image, patches: Iterable[Patch]) -> None:
    """Lays patches on a (H, W, 3) BGR picture, in place and in order; what reaches beyond its border is cut off."""
    height, width = image.shape[:2]
    for patch in patches:
        part = patch.inside(width, height)
        if part is not None:
            region = image[part.y : part.y + part.height, part.x : part.x + part.width]
            clear = cv2.cvtColor(cv2.extractChannel(part.sheet, 3), cv2.COLOR_GRAY2BGR)
            cv2.multiply(region, clear, region, 1 / 255)
            cv2.add(region, cv2.cvtColor(part.sheet, cv2.COLOR_BGRA2BGR), region)


def rect_of(patch: Patch | None) -> Rect | None:
    """The place of a patch."""
    return None if patch is None else Rect(patch.x, patch.y, patch.width, patch.height)
