"""Lays drawing on the planes of a frame, and touches nothing but what lies under the drawing.

A patch says  picture ← picture · c + ink,  with c from 0 to 1. In planes, where luma is Y = M·bgr + o, this is

    Y ← Y · c + (M·ink + o · (1 − c))

and the same for both colours with the mean of c and ink over two by two pixels. So only patches are converted,
never the picture; and small ones that come again, corners and labels, only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import av
import cv2
import numpy as np
from cv2.typing import MatLike

from ..media.colour import Matrix, to_planes
from ..media.light import INK
from ..media.planes import planes
from ..types import Image
from .patch import Patch

SMALL_BYTES, KEPT = 1 << 16, 64
"""Of a sheet that is kept as it was converted, and how many are."""


class _Inked(NamedTuple):
    """A sheet on one plane: what is added, and how clear it is, (h, w) each."""

    ink: Image
    clear: Image


class Inks:
    """Sheets as they are laid on the three planes, the small ones that were used last kept."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], tuple[Image, tuple[_Inked, ...]]] = {}

    def of(self, patch: Patch, weights: Matrix) -> tuple[_Inked, ...]:
        """A patch for luma and both colours.

        Args:
            patch: its place tells which pixels share a colour.
            weights: (3, 5) from ink, clearness and 1 to the planes.
        """
        if patch.sheet.nbytes > SMALL_BYTES:
            return _inked(_even(patch), weights)
        key = (id(patch.sheet), patch.x % 2, patch.y % 2, weights.tobytes())
        kept = self._kept.pop(key, None)  # with the sheet, whose number is no other's as long as it is kept
        self._kept[key] = kept = kept or (patch.sheet, _inked(_even(patch), weights))
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return kept[1]


def draw_on(
    frame: av.VideoFrame, patches: Iterable[Patch], scale: tuple[float, float] = (1, 1), inks: Inks | None = None
) -> None:
    """Lays patches on a 4:2:0 frame, in place and in order; what reaches beyond its border is cut off.

    The frame gets memory of its own first where the decoder still needs it.

    Args:
        frame: of the new film.
        patches: in pixels of the picture; their sheets stay as they are.
        scale: pixels of the frame for each of the picture, across and down.
        inks: remembers sheets from frame to frame.
    """
    frame.make_writable()
    inks, weights = inks or Inks(), _with_clear(_dimmed(to_planes(frame), frame.color_trc))
    y, *colours = planes(frame)
    for patch in patches:
        part = _scaled(patch, scale).inside(frame.width, frame.height)
        if part is not None:
            luma, *halves = inks.of(part, weights)
            _lay(y, luma, part.x - part.x % 2, part.y - part.y % 2)
            for plane, half in zip(colours, halves, strict=True):
                _lay(plane, half, part.x // 2, part.y // 2)


def _inked(patch: Patch, weights: Matrix) -> tuple[_Inked, ...]:
    """A patch on whole pairs of pixels, for each plane."""
    luma, *colours = weights.tolist()
    whole = _split(patch.sheet)
    half = _split(cv2.resize(patch.sheet, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    return (
        _Inked(_weighted(whole, luma), whole[3]),
        *(_Inked(_weighted(half, weight), half[3]) for weight in colours),
    )


def _scaled(patch: Patch, scale: tuple[float, float]) -> Patch:
    """A patch in pixels of the frame; both edges of it go to whole ones."""
    if scale == (1, 1):
        return patch
    x0, x1 = round(patch.x * scale[0]), round((patch.x + patch.width) * scale[0])
    y0, y1 = round(patch.y * scale[1]), round((patch.y + patch.height) * scale[1])
    size = max(1, x1 - x0), max(1, y1 - y0)
    return Patch(x0, y0, np.asarray(cv2.resize(patch.sheet, size, interpolation=cv2.INTER_AREA), np.uint8))


def _dimmed(to_planes: Matrix, transfer: int) -> Matrix:
    """The matrix for ink that is no brighter than white paper, where the film's white would be a lamp."""
    dimmed: Matrix = to_planes.copy()
    dimmed[:, :3] *= INK.get(transfer, 1)
    return dimmed


def _split(sheet: MatLike) -> list[Image]:
    """Blue, green, red and clearness, (h, w) each."""
    return [np.asarray(channel, np.uint8) for channel in cv2.split(sheet)]


def _lay(plane: Image, inked: _Inked, x: int, y: int) -> None:
    """Lays ink and clearness on one plane, in place."""
    region = plane[y : y + inked.ink.shape[0], x : x + inked.ink.shape[1]]
    rows, columns = region.shape
    cv2.multiply(region, inked.clear[:rows, :columns], region, 1 / 255)
    cv2.add(region, inked.ink[:rows, :columns], region)


def _weighted(channels: Sequence[Image], weights: Sequence[float]) -> Image:
    """Σ wₖ · channelₖ + w₄, 0–255.

    Each sum of two is rounded and kept within 0–255. What is added comes first and what is taken away last, so that no
    sum on the way is cut off; in a third of the time that `cv2.transform` takes.
    """
    *factors, offset = weights
    first, *rest = sorted(range(len(channels)), key=lambda k: -factors[k])
    total: MatLike = cv2.convertScaleAbs(channels[first], alpha=factors[first], beta=offset)
    for k in rest:
        total = cv2.addWeighted(total, 1, channels[k], factors[k], 0)
    return np.asarray(total, np.uint8)


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
