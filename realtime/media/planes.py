"""A decoded frame as it comes: three planes, brightness at full size and two colours at half size.

A full picture never has to become BGR and back, which is where the time of a transcode with drawing goes:
the luma plane is the grey picture that a network wants, a detector gets a small colour picture from the
decoder's own scaler, and drawing is laid on the planes themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import av
import cv2
import numpy as np

from ..types import Image, Rectangle, Size
from .colour import BLACK, CHROMA_ZERO, WHITE, full_range
from .raster import clipped, cut, points, resized

FORMAT = "yuv420p"


@dataclass
class Picture:
    """One upright frame in planes.

    Attributes:
        frame: as the new film stores it, 4:2:0 with 8 bits; the decoder's own where it can be.
        seen: as it is looked at, with square pixels, whole lines and ordinary light: the same frame where it is so.
    """

    frame: av.VideoFrame = field(repr=False)
    seen: av.VideoFrame = field(default=None, repr=False)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.seen = self.seen or self.frame

    @property
    def width(self) -> int:
        """In square pixels."""
        return self.seen.width

    @property
    def height(self) -> int:
        """In square pixels."""
        return self.seen.height

    @property
    def scale(self) -> tuple[float, float]:
        """Stored pixels for each square one, across and down."""
        return self.frame.width / self.seen.width, self.frame.height / self.seen.height

    @property
    def luma(self) -> Image:
        """(H, W) brightness as it is stored, a view of the frame's memory: 16–235 but where the frame is full range."""
        return self._planes[0]

    @cached_property
    def _planes(self) -> tuple[Image, Image, Image]:
        """Those of `seen`: made once, for a frame is looked at a dozen times; see `forget`."""
        return planes(self.seen)

    @cached_property
    def _full(self) -> bool:
        return full_range(self.seen)

    @cached_property
    def bgr(self) -> Image:
        """(H, W, 3) BGR of the whole frame, in its own colours."""
        return cast(Image, self.seen.reformat(format="bgr24", threads=1).to_ndarray())

    def forget(self) -> None:
        """Looks at the frame anew from now on: to be called once it was drawn on, which may give it other memory."""
        for made in ("bgr", "_planes"):
            self.__dict__.pop(made, None)

    def pixels(self, rectangle: Rectangle, gray: bool) -> Image:
        """See `Raster.pixels`; gray needs no colours to be made first."""
        x0, y0, x1, y1 = rectangle
        if not gray:
            return self.bgr[y0:y1, x0:x1]
        inner = self.luma[y0:y1, x0:x1]
        return inner if self._full else _lit(inner)

    def part(self, rectangle: Rectangle, size: Size) -> Image:
        """A rectangle at another size, (h, w, 3) BGR, black beyond the picture.

        Each plane is shrunk for itself, which takes a quarter of the time of shrinking colours, and the colours are
        taken for those of BT.601.
        """
        (x0, y0, x1, y1), (width, height) = rectangle, size
        # Colours come in pairs of pixels: an odd size grows by one, which is cut off again.
        wide, high = width + width % 2, height + height % 2
        x1, y1 = x1 + (wide - width) * round((x1 - x0) / width), y1 + (high - height) * round((y1 - y0) / height)
        y, u, v = self._planes
        whole = np.empty((high * 3 // 2, wide), np.uint8)
        half = whole[high:].reshape(2, high // 2, wide // 2)
        resized(cut(y, (x0, y0, x1, y1), BLACK), (wide, high), whole[:high])
        for plane, target in zip((u, v), half, strict=True):
            quarter = cut(plane, (x0 // 2, y0 // 2, -(-x1 // 2), -(-y1 // 2)), CHROMA_ZERO)
            resized(quarter, (wide // 2, high // 2), target)
        return np.asarray(cv2.cvtColor(whole, cv2.COLOR_YUV2BGR_I420)[:height, :width], np.uint8)

    def points(self, columns: int, rows: int, within: Rectangle | None = None) -> Image:
        """(rows, columns) luma, read at points spread evenly over the picture, or a rectangle inside it.

        Args:
            columns: how many points side by side.
            rows: how many below one another.
            within: the rectangle; None for the whole picture.
        """
        return points(clipped(self.luma, within), columns, rows)


def planes(frame: av.VideoFrame) -> tuple[Image, Image, Image]:
    """Luma (H, W) and both chroma planes (⌈H/2⌉, ⌈W/2⌉) of a 4:2:0 frame, as views of its memory."""
    width, height = frame.width, frame.height
    half = ((width + 1) // 2, (height + 1) // 2)
    sizes = ((width, height), half, half)
    y, u, v = (_view(plane, *size) for plane, size in zip(frame.planes, sizes, strict=True))
    return y, u, v


def blank(width: int, height: int, like: av.VideoFrame) -> av.VideoFrame:
    """A new 4:2:0 frame of another size with time, duration and colours of a frame.

    Args:
        width: of the new frame, in pixels.
        height: likewise.
        like: whose time, duration and colours it gets.
    """
    frame = av.VideoFrame(width, height, FORMAT)
    frame.pts, frame.duration = like.pts, like.duration
    frame.color_range, frame.colorspace = like.color_range, like.colorspace
    frame.color_primaries, frame.color_trc = like.color_primaries, like.color_trc
    return frame


def _lit(studio: Image) -> Image:
    """What luma from 16 to 235 means, 0–255: in one pass of whole registers, a quarter of the time of looking it up."""
    gain = 255 / (WHITE - BLACK)
    return np.asarray(cv2.addWeighted(studio, gain, studio, 0, -gain * BLACK), np.uint8)


def _view(plane: av.video.plane.VideoPlane, width: int, height: int) -> Image:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    view: Image = rows[:height, :width]
    return view
