"""Lays drawing on the planes of a frame, and touches nothing but what lies under the drawing.

A patch says  picture ← picture · c + ink,  with c from 0 to 1. In planes, where luma is Y = M·bgr + o, this is

    Y ← Y · c + (M·ink + o · (1 − c))

and the same for both colours with the mean of c and ink over two by two pixels. So only patches are converted,
never the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import av
import cv2
import numpy as np
from cv2.typing import MatLike

from ..media.colour import Matrix, to_planes
from ..media.planes import planes
from ..types import Image
from .patch import Patch


def draw_on(frame: av.VideoFrame, patches: Iterable[Patch]) -> None:
    """Lays patches on a 4:2:0 frame, in place and in order; what reaches beyond its border is cut off.

    The frame gets memory of its own first where the decoder still needs it.
    """
    frame.make_writable()
    y, u, v = planes(frame)
    luma, *colours = _with_clear(to_planes(frame)).tolist()
    for patch in patches:
        part = patch.inside(frame.width, frame.height)
        if part is not None:
            part = _even(part)
            _lay(y, _split(part.sheet), luma, part.x, part.y)
            half = _split(cv2.resize(part.sheet, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
            for plane, weights in zip((u, v), colours, strict=True):
                _lay(plane, half, weights, part.x // 2, part.y // 2)


def _split(sheet: MatLike) -> list[Image]:
    """Blue, green, red and clearness, (h, w) each."""
    return [np.asarray(channel, np.uint8) for channel in cv2.split(sheet)]


def _lay(plane: Image, channels: Sequence[Image], weights: Sequence[float], x: int, y: int) -> None:
    """Lays ink and clearness on one plane, in place."""
    region = plane[y : y + channels[0].shape[0], x : x + channels[0].shape[1]]
    rows, columns = region.shape
    ink, clear = _weighted(channels, weights), channels[3]
    cv2.multiply(region, clear[:rows, :columns], region, 1 / 255)
    cv2.add(region, ink[:rows, :columns], region)


def _weighted(channels: Sequence[Image], weights: Sequence[float]) -> MatLike:
    """Σ wₖ · channelₖ + w₄, 0–255.

    Each sum of two is rounded and kept within 0–255. What is added comes first and what is taken away last, so that no
    sum on the way is cut off; in a third of the time that `cv2.transform` takes.
    """
    *factors, offset = weights
    first, *rest = sorted(range(len(channels)), key=lambda k: -factors[k])
    total: MatLike = cv2.convertScaleAbs(channels[first], alpha=factors[first], beta=offset)
    for k in rest:
        total = cv2.addWeighted(total, 1, channels[k], factors[k], 0)
    return total


def _even(patch: Patch) -> Patch:
    """The patch on whole pairs of pixels, grown by lines through which the picture shines unchanged."""
    left, top = patch.x % 2, patch.y % 2
    right, bottom = (patch.x + patch.width) % 2, (patch.y + patch.height) % 2
    if not (left or top or right or bottom):
        return patch
    border = (top, bottom, left, right, cv2.BORDER_CONSTANT)
    sheet = cv2.copyMakeBorder(patch.sheet, *border, value=(0, 0, 0, 255))
    return Patch(patch.x - left, patch.y - top, np.asarray(sheet, np.uint8))


def _with_clear(to_planes: Matrix) -> Matrix:
    """(3, 5): from (blue, green, red, clear, 1), all 0–255, to what is added to Y, U and V."""
    offset = to_planes[:, 3:]
    return np.hstack([to_planes[:, :3], -offset / 255, offset])
