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
        """(H, W, 3) BGR of the whole frame, in its own colours."""
        return cast(Image, self.frame.reformat(format="bgr24", threads=1).to_ndarray())

    def forget(self) -> None:
        """Lets go of the gray and the BGR picture, which are made anew when they are asked for again."""
        for made in ("gray", "bgr"):
            self.__dict__.pop(made, None)

    def copy(self, longest: int) -> Image:
        """(h, w, 3) BGR with both edges even, the longer one at most `longest`: a quick copy to find faces in.

        Each plane is shrunk for itself, which takes a quarter of the time of shrinking colours, and the colours are
        taken for those of BT.601.
        """
        scale = min(1.0, longest / max(self.width, self.height))
        width, height = (max(2, round(edge * scale / 2) * 2) for edge in (self.width, self.height))
        whole = np.empty((height * 3 // 2, width), np.uint8)
        half = whole[height:].reshape(2, height // 2, width // 2)
        for source, target in zip(planes(self.frame), (whole[:height], half[0], half[1]), strict=True):
            _shrink(source, target)
        return np.asarray(cv2.cvtColor(whole, cv2.COLOR_YUV2BGR_I420), np.uint8)


def _shrink(source: Image, target: Image) -> None:
    """Fills `target` with all of `source`; averages where the factor is whole, which is quick, else samples."""
    rows, columns = target.shape
    whole = source.shape[0] % rows == 0 and source.shape[1] % columns == 0
    cv2.resize(source, (columns, rows), target, interpolation=cv2.INTER_AREA if whole else cv2.INTER_LINEAR)


def planes(frame: av.VideoFrame) -> tuple[Image, Image, Image]:
    """Luma (H, W) and both chroma planes (⌈H/2⌉, ⌈W/2⌉) of a 4:2:0 frame, as views of its memory."""
    width, height = frame.width, frame.height
    half = ((width + 1) // 2, (height + 1) // 2)
    sizes = ((width, height), half, half)
    y, u, v = (_view(plane, *size) for plane, size in zip(frame.planes, sizes, strict=True))
    return y, u, v


def blank(width: int, height: int, like: av.VideoFrame) -> av.VideoFrame:
    """A new 4:2:0 frame of another size with time, duration and colours of a frame."""
    frame = av.VideoFrame(width, height, FORMAT)
    frame.pts, frame.duration = like.pts, like.duration
    frame.color_range, frame.colorspace = like.color_range, like.colorspace
    frame.color_primaries, frame.color_trc = like.color_primaries, like.color_trc
    return frame


def _view(plane: av.video.plane.VideoPlane, width: int, height: int) -> Image:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    view: Image = rows[:height, :width]
    return view
