"""Brings whatever a decoder gives to one form, 4:2:0 with 8 bits; and a picture of another size into a frame."""

from __future__ import annotations

import av
import cv2

from .colour import BLACK, BT601, CHROMA_ZERO, FULL_RANGE, full_range
from .planes import FORMAT, blank, planes

AS_IT_IS = frozenset({FORMAT, "yuvj420p"})
"""Formats whose planes already have the form; the second is the first with full range."""
RGB_PREFIXES = ("rgb", "bgr", "gbr", "pal", "argb", "abgr", "0rgb", "0bgr")


def planar(frame: av.VideoFrame) -> av.VideoFrame:
    """The frame in 4:2:0 with 8 bits, with its time; one that has this form already is passed untouched."""
    if frame.format.name in AS_IT_IS:
        return frame
    if frame.format.name.startswith(RGB_PREFIXES):
        return _from_rgb(frame)
    return resized(frame, frame.width, frame.height)


def resized(frame: av.VideoFrame, width: int, height: int) -> av.VideoFrame:
    """A frame of luma and colours at another size, 4:2:0 with 8 bits, in its own levels.

    Args:
        frame: of any format and size.
        width: of the new one, in pixels.
        height: likewise.
    """
    levels = FULL_RANGE if "yuvj" in frame.format.name else frame.color_range or None
    other = frame.reformat(width, height, FORMAT, src_color_range=levels, dst_color_range=levels, threads=1)
    other.color_range = levels or 0
    return other


def framed(
    frame: av.VideoFrame, place: tuple[int, int, int, int], width: int, height: int, bars: bool = True
) -> av.VideoFrame:
    """A 4:2:0 frame at a place in a larger one.

    Args:
        frame: of any size.
        place: x, y, width and height, x and y even.
        width: of the larger one, in pixels.
        height: of the larger one, in pixels.
        bars: whether black bars stand about it; else its border is repeated, as it is about a picture's own.
    """
    x, y, across, down = place
    inner = resized(frame, across, down)
    if (across, down) == (width, height):
        return inner
    larger = blank(width, height, like=inner)
    blacks = (0 if full_range(inner) else BLACK), CHROMA_ZERO, CHROMA_ZERO
    for plane, source, black, step in zip(planes(larger), planes(inner), blacks, (1, 2, 2), strict=True):
        left, top = x // step, y // step
        right, bottom = plane.shape[1] - left - source.shape[1], plane.shape[0] - top - source.shape[0]
        border = cv2.BORDER_CONSTANT if bars else cv2.BORDER_REPLICATE
        plane[...] = cv2.copyMakeBorder(source, top, bottom, left, right, border, value=black)
    return larger


def _from_rgb(frame: av.VideoFrame) -> av.VideoFrame:
    made = frame.reformat(format=FORMAT, dst_colorspace=BT601, dst_color_range=1, threads=1)
    made.colorspace, made.color_range = BT601, 1
    return made
