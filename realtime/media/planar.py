"""Brings whatever a decoder gives to one form: 4:2:0, 8 bits, the size of the first frame."""

from __future__ import annotations

import av

from .colour import FULL_RANGE
from .planes import FORMAT

AS_IT_IS = frozenset({FORMAT, "yuvj420p"})
"""Formats whose planes already have the form; the second is the first with full range."""
RGB_PREFIXES = ("rgb", "bgr", "gbr", "pal", "argb", "abgr", "0rgb", "0bgr")
BT601 = 5


class Planar:
    """Converts frames of one recording; frames that have the form already pass untouched.

    Args:
        first: the recording's first frame; a later one of another size is scaled to it.
    """

    def __init__(self, first: av.VideoFrame) -> None:
        self.width, self.height = first.width, first.height

    def __call__(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The frame in 4:2:0 with 8 bits, with its time."""
        same_size = (frame.width, frame.height) == (self.width, self.height)
        if same_size and frame.format.name in AS_IT_IS:
            return frame
        if frame.format.name.startswith(RGB_PREFIXES):
            return self._from_rgb(frame)
        levels = frame.color_range or None
        if "yuvj" in frame.format.name:
            levels = FULL_RANGE
        planar = frame.reformat(
            self.width, self.height, FORMAT, src_color_range=levels, dst_color_range=levels, threads=1
        )
        planar.color_range = levels or 0
        return planar

    def _from_rgb(self, frame: av.VideoFrame) -> av.VideoFrame:
        planar = frame.reformat(self.width, self.height, FORMAT, dst_colorspace=BT601, dst_color_range=1, threads=1)
        planar.colorspace, planar.color_range = BT601, 1
        return planar
