"""A picture of which any rectangle can be had at any size, whatever form its pixels are stored in.

A detector never reads a frame whole and sharp: it reads 128×128 pixels about a known face, or the frame shrunk.
A raster makes just that, so a decoded frame in three planes need not become a colour picture first:

    Bgr       (H, W, 3) as a camera or a picture file gives it
    Picture   a decoder's planes (emoscope.media.planes)
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from ..types import Image, Raster, Rectangle, Size


def raster_of(picture: Image | Raster) -> Raster:
    """A picture that is an array, (H, W, 3) BGR or (H, W) gray, as a raster; a raster as it is."""
    if not isinstance(picture, np.ndarray):
        return picture
    return Bgr(np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8) if picture.ndim == 2 else picture)


@dataclass(frozen=True, slots=True)
class Bgr:
    """A colour picture as a raster.

    Attributes:
        bgr: (H, W, 3) BGR.
    """

    bgr: Image = field(repr=False)

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.bgr.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.bgr.shape[0])

    def pixels(self, rectangle: Rectangle, gray: bool) -> Image:
        """See `Raster.pixels`."""
        x0, y0, x1, y1 = rectangle
        inner = self.bgr[y0:y1, x0:x1]
        return np.asarray(cv2.cvtColor(inner, cv2.COLOR_BGR2GRAY), np.uint8) if gray else inner

    def part(self, rectangle: Rectangle, size: Size) -> Image:
        """See `Raster.part`."""
        return resized(cut(self.bgr, rectangle), size)

    def points(self, columns: int, rows: int, within: Rectangle | None = None) -> Image:
        """See `Raster.points`."""
        return np.asarray(cv2.cvtColor(points(clipped(self.bgr, within), columns, rows), cv2.COLOR_BGR2GRAY), np.uint8)


def cut(plane: Image, rectangle: Rectangle, black: int = 0) -> Image:
    """A rectangle of a picture or a plane, filled up with `black` beyond its border.

    Args:
        plane: (H, W) or (H, W, 3).
        rectangle: left, top, right, bottom in its pixels; may reach beyond it.
        black: value beyond the border.
    """
    x0, y0, x1, y1 = rectangle
    height, width = plane.shape[:2]
    # At least one row and column of the picture stays inside, so that there is something to resize.
    inner = plane[min(max(y0, 0), height - 1) : max(y1, 1), min(max(x0, 0), width - 1) : max(x1, 1)]
    if x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height:
        return inner
    beyond = (max(-y0, 0), max(y1 - height, 0), max(-x0, 0), max(x1 - width, 0))
    return np.asarray(cv2.copyMakeBorder(inner, *beyond, cv2.BORDER_CONSTANT, value=[black] * 4), np.uint8)


def resized(part: Image, size: Size, target: Image | None = None) -> Image:
    """A part at the size in which it is shown, averaged where it shrinks much.

    Args:
        part: (h, w) or (h, w, 3). What it costs depends on the size that is shown, not on the part's.
        size: width and height to show it in, in pixels.
        target: an array of that size to write into; None for a new one.
    """
    if part.shape[1] > 2 * size[0]:
        part = np.asarray(cv2.resize(part, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_LINEAR), np.uint8)
        return np.asarray(cv2.resize(part, size, target, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(part, size, target, interpolation=cv2.INTER_LINEAR), np.uint8)


def clipped(plane: Image, rectangle: Rectangle | None) -> Image:
    """A rectangle that lies inside a picture or a plane, as a view; all of it for None."""
    if rectangle is None:
        return plane
    x0, y0, x1, y1 = rectangle
    return plane[y0:y1, x0:x1]


def points(plane: Image, columns: int, rows: int) -> Image:
    """The pixels nearest to points spread evenly over a picture or a plane.

    Args:
        plane: (H, W) or (H, W, 3).
        columns: how many points side by side.
        rows: how many below one another.
    """
    return np.asarray(cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_NEAREST_EXACT), np.uint8)
