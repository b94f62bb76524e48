"""A piece of drawing with its own transparency, and the one operation that lays it on a picture.

    picture ← picture × clear / 255 + ink

`ink` is premultiplied: colour × opacity. Patches are all that the drawing code makes, so the window lays
them on BGR pictures and the video writer on the planes of a decoded frame, with the same result.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2

from realtime.types import Image


@dataclass(frozen=True, slots=True)
class Patch:
    """A rectangle of drawing.

    Attributes:
        x: left edge in the picture, in pixels.
        y: upper edge in the picture, in pixels.
        ink: (h, w, 3) BGR, premultiplied by its opacity.
        clear: (h, w, 3), 255 where the picture shines through unchanged, 0 where the ink hides it.
    """

    x: int
    y: int
    ink: Image
    clear: Image

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.ink.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.ink.shape[0])

    def inside(self, width: int, height: int) -> Patch | None:
        """The part of the patch that lies in a picture of this size, or None."""
        x0, y0 = max(self.x, 0), max(self.y, 0)
        x1, y1 = min(self.x + self.width, width), min(self.y + self.height, height)
        if x0 >= x1 or y0 >= y1:
            return None
        part = (slice(y0 - self.y, y1 - self.y), slice(x0 - self.x, x1 - self.x))
        return Patch(x0, y0, self.ink[part], self.clear[part])


def lay(image: Image, patches: Iterable[Patch]) -> None:
    """Lays patches on a (H, W, 3) BGR picture, in place and in order; what reaches beyond its border is cut off."""
    height, width = image.shape[:2]
    for patch in patches:
        part = patch.inside(width, height)
        if part is not None:
            region = image[part.y : part.y + part.height, part.x : part.x + part.width]
            cv2.multiply(region, part.clear, region, 1 / 255)
            cv2.add(region, part.ink, region)
