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
            _lay_luma(y, part, matrix)
            _lay_chroma(u, v, _even(part), matrix)


def _lay_luma(y: Image, patch: Patch, matrix: Matrix) -> None:
    region = y[patch.y : patch.y + patch.height, patch.x : patch.x + patch.width]
    ink = cv2.transform(_merged(patch), matrix[:1])
    cv2.multiply(region, _clear(patch), region, 1 / 255)
    cv2.add(region, ink, region)


def _lay_chroma(u: Image, v: Image, patch: Patch, matrix: Matrix) -> None:
    half = cv2.resize(_merged(patch), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    x, y = patch.x // 2, patch.y // 2
    clear = half[..., 3]
    for plane, ink in zip((u, v), cv2.split(cv2.transform(half, matrix[1:])), strict=True):
        region = plane[y : y + half.shape[0], x : x + half.shape[1]]
        rows, columns = region.shape
        cv2.multiply(region, clear[:rows, :columns], region, 1 / 255)
        cv2.add(region, ink[:rows, :columns], region)


def _merged(patch: Patch) -> Image:
    """Ink and clearness in one array, (h, w, 4)."""
    return np.asarray(cv2.merge([patch.ink, _clear(patch)]), np.uint8)


def _clear(patch: Patch) -> Image:
    return np.ascontiguousarray(patch.clear[..., 0])


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
