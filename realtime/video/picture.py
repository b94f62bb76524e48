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

from realtime.types import Image
from realtime.video.colour import BLACK, WHITE, full_range

FORMAT = "yuv420p"


@dataclass
class Picture:
    """One upright frame in planes.

    Attributes:
        frame: the decoder's own frame, 4:2:0 with 8 bits.
    """

    frame: av.VideoFrame = field(repr=False)

    @property
    def width(self) -> int:
        """In pixels."""
        return self.frame.width

    @property
    def height(self) -> int:
        """In pixels."""
        return self.frame.height

    @cached_property
    def gray(self) -> Image:
        """(H, W) gray, 0 black and 255 white."""
        luma = planes(self.frame)[0]
        if full_range(self.frame):
            return luma
        above_black = cv2.subtract(luma, np.full(1, BLACK, np.float64))
        return np.asarray(cv2.convertScaleAbs(above_black, alpha=255 / (WHITE - BLACK)), np.uint8)

    @cached_property
    def bgr(self) -> Image:
        """(H, W, 3) BGR of the whole frame."""
        return self.scaled(self.width, self.height)

    def scaled(self, width: int, height: int) -> Image:
        """(height, width, 3) BGR of the whole frame in another size, by the decoder's scaler."""
        small = self.frame.reformat(width, height, "bgr24", threads=1)
        return cast(Image, small.to_ndarray())


def planes(frame: av.VideoFrame) -> tuple[Image, Image, Image]:
    """Luma (H, W) and both chroma planes (⌈H/2⌉, ⌈W/2⌉) of a 4:2:0 frame, as views of its memory."""
    width, height = frame.width, frame.height
    half = ((width + 1) // 2, (height + 1) // 2)
    sizes = ((width, height), half, half)
    y, u, v = (_view(plane, *size) for plane, size in zip(frame.planes, sizes, strict=True))
    return y, u, v


def blank(width: int, height: int, like: av.VideoFrame) -> av.VideoFrame:
    """A new 4:2:0 frame of another size with the time and colour space of a frame."""
    frame = av.VideoFrame(width, height, FORMAT)
    frame.pts, frame.time_base, frame.duration = like.pts, like.time_base, like.duration
    frame.color_range, frame.colorspace = like.color_range, like.colorspace
    frame.color_primaries, frame.color_trc = like.color_primaries, like.color_trc
    return frame


def _view(plane: av.video.plane.VideoPlane, width: int, height: int) -> Image:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    view: Image = rows[:height, :width]
    return view
