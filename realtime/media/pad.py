"""Makes both edges of a picture even, which 4:2:0 encoders need: an odd one grows by a copy of its last line."""

from __future__ import annotations

import av

from .planes import blank, planes


def even(frame: av.VideoFrame) -> av.VideoFrame:
    """The frame with even width and height; the same one where nothing is missing."""
    width, height = frame.width, frame.height
    if width % 2 == 0 and height % 2 == 0:
        return frame
    padded = blank(width + width % 2, height + height % 2, like=frame)
    for target, source in zip(planes(padded), planes(frame), strict=True):
        rows, columns = source.shape
        target[:rows, :columns] = source
        target[rows:, :columns] = source[-1:]
        target[:, columns:] = target[:, columns - 1 : columns]
    return padded
