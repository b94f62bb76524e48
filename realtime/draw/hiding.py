"""Makes faces unrecognisable in a picture that is to be published.

The face and what is about it is averaged down to a few cells, and these are enlarged again, softly. Unlike a mere blur
this cannot be undone: of every plane no more numbers are left than there are cells.
"""

from __future__ import annotations

from collections.abc import Iterable

import av
import cv2
import numpy as np

from ..media.planes import planes
from ..media.shape import in_pixels
from ..types import Box, Image

CELLS = 5
"""Along each edge of the hidden square."""
MARGIN = 0.2
"""How far the hidden part reaches beyond the face's box on each side, in edges of the box."""


def hide_in_frame(frame: av.VideoFrame, boxes: Iterable[Box], scale: tuple[float, float] = (1, 1)) -> None:
    """Hides faces on the planes of a 4:2:0 frame, in place; colours in half as many pixels along each edge.

    Args:
        frame: of the new film.
        boxes: of faces, in pixels of the picture.
        scale: pixels of the frame for each of the picture, across and down.
    """
    frame.make_writable()
    y, u, v = planes(frame)
    for box in (in_pixels(box, scale) for box in boxes):
        hide(y, box)
        for plane in (u, v):
            hide(plane, box, 0.5)


def hide(picture: Image, box: Box, factor: float = 1.0) -> None:
    """Hides a face in a (H, W) or (H, W, 3) picture, in place.

    Args:
        box: of the face, in pixels of the frame.
        factor: pixels of the picture per pixel of the frame.
    """
    x0, y0, x1, y1 = (factor * edge for edge in _grown(box))
    height, width = picture.shape[:2]
    left, top = max(int(x0), 0), max(int(y0), 0)
    right, bottom = min(int(np.ceil(x1)), width), min(int(np.ceil(y1)), height)
    if left >= right or top >= bottom:
        return
    part = picture[top:bottom, left:right]
    few = cv2.resize(part, (min(CELLS, right - left), min(CELLS, bottom - top)), interpolation=cv2.INTER_AREA)
    part[...] = cv2.resize(few, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)


def _grown(box: Box) -> Box:
    x0, y0, x1, y1 = box
    across, down = MARGIN * (x1 - x0), MARGIN * (y1 - y0)
    return x0 - across, y0 - down, x1 + across, y1 + down
