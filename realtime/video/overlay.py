"""Lays drawing on the planes of a frame, and touches nothing but what lies under the drawing.

A patch says  picture ← picture · c + ink,  with c from 0 to 1. In planes, where luma is Y = M·bgr + o, this is

    Y ← Y · c + (M·ink + o · (1 − c))

and the same for both colours with the mean of c and ink over two by two pixels. So only patches are converted,
never the picture.
"""

from __future__ import annotations

from collections.abc import Iterable

import av
import cv2
import numpy as np

from realtime.draw.patch import Patch
from realtime.types import Image
from realtime.video.colour import Matrix, to_planes
from realtime.video.picture import planes


def draw_on(frame: av.VideoFrame, patches: Iterable[Patch]) -> None:
    """Lays patches on a 4:2:0 frame, in place and in order; what reaches beyond its border is cut off.

    The frame gets memory of its own first where the decoder still needs it.
    """
    frame.make_writable()
    y, u, v = planes(frame)
    matrix = _with_clear(to_planes(frame))
    for patch in patches:
        part = patch.inside(frame.width, frame.height)
        if part is not None:
            part = _even(part)
            drawing = _merged(part)
            _lay(y, drawing, matrix[:1], part.x, part.y)
            half = np.asarray(cv2.resize(drawing, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
            for plane, row in ((u, matrix[1:2]), (v, matrix[2:])):
                _lay(plane, half, row, part.x // 2, part.y // 2)


def _lay(plane: Image, drawing: Image, row: Matrix, x: int, y: int) -> None:
    """Lays (h, w, 4) ink and clearness on one plane, in place."""
    region = plane[y : y + drawing.shape[0], x : x + drawing.shape[1]]
    rows, columns = region.shape
    ink, clear = cv2.transform(drawing, row), cv2.extractChannel(drawing, 3)
    cv2.multiply(region, clear[:rows, :columns], region, 1 / 255)
    cv2.add(region, ink[:rows, :columns], region)


def _merged(patch: Patch) -> Image:
    """Ink and clearness, which is the same for all colours, in one array, (h, w, 4)."""
    return np.asarray(cv2.merge([patch.ink, cv2.extractChannel(patch.clear, 0)]), np.uint8)


def _even(patch: Patch) -> Patch:
    """The patch on whole pairs of pixels, grown by lines through which the picture shines unchanged."""
    left, top = patch.x % 2, patch.y % 2
    right, bottom = (patch.x + patch.width) % 2, (patch.y + patch.height) % 2
    if not (left or top or right or bottom):
        return patch
    border = (top, bottom, left, right, cv2.BORDER_CONSTANT)
    ink = cv2.copyMakeBorder(patch.ink, *border, value=(0, 0, 0))
    clear = cv2.copyMakeBorder(patch.clear, *border, value=(255, 255, 255))
    return Patch(patch.x - left, patch.y - top, np.asarray(ink, np.uint8), np.asarray(clear, np.uint8))


def _with_clear(to_planes: Matrix) -> Matrix:
    """(3, 5): from (blue, green, red, clear, 1), all 0–255, to what is added to Y, U and V."""
    offset = to_planes[:, 3:]
    return np.hstack([to_planes[:, :3], -offset / 255, offset])
