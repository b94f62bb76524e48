"""Lays drawing on the planes of a frame, and touches nothing but what lies under the drawing.

A patch says  picture ← picture · c + ink,  with c from 0 to 1. In planes, where luma is Y = M·bgr + o, this is

    Y ← Y · c + (M·ink + o · (1 − c))

and the same for both colours with the mean of c and ink over two by two pixels. So only patches are converted,
never the picture; small ones that come again, corners and labels, and those that nobody may write to only once; of one
that was made from one of these only what has changed since; and of those with a table only the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import av
import cv2
import numpy as np
from cv2.typing import MatLike

from ..media.colour import Matrix, to_planes
from ..media.light import INK
from ..media.planes import planes
from ..types import Image
from .patch import Patch, Table

SMALL_BYTES, KEPT_BYTES = 1 << 16, 3 << 20
"""Of a sheet that is kept as it was converted, and of all of them: the four corners of each of many faces come again
where they stand on another pixel of two, and grow and shrink."""
EACH_BYTES = 1 << 12
"""That a kept sheet takes beside its own, however small it is: six arrays and their places in tables."""
KEPT_LARGE = 3
"""How many larger ones are kept, of those that nobody may write to."""
KEPT_TABLES = 16
NUMBERS: Image = np.arange(256, dtype=np.uint8)
HALF, HALF_CLEAR = ((NUMBERS.astype(np.uint16) + beyond + 1 >> 1).astype(np.uint8) for beyond in (0, 255))
"""Of each value the mean with nothing, and with what is all clear."""
LINE = 64
"""Bytes of a line of the processor's cache."""


class _Inked(NamedTuple):
    """A sheet on one plane: what is added, and how clear it is, (h, w) each."""

    ink: Image
    clear: Image


class _Dyes(NamedTuple):
    """The colours of a table on the three planes: what each adds, and how clear it is, (256,) each.

    Luma of shades is that of the first and the last, and in a line between: `line` is its slope and its beginning.
    All of them have the same colours then, none: `gray`.
    """

    ink: tuple[Image, Image, Image]
    clear: Image
    opaque: bool
    line: tuple[float, float] | None
    gray: bool


Key = tuple[object, ...]
_Kept = tuple[Image, tuple[_Inked, ...]]


class Inks:
    """Sheets and tables as they are laid on the three planes, those that come again kept."""

    def __init__(self) -> None:
        self._small: dict[Key, _Kept] = {}
        self._large: dict[Key, _Kept] = {}
        self._tables: dict[Key, tuple[Table, _Dyes]] = {}
        self._bytes = 0

    def of(self, patch: Patch, weights: Matrix) -> tuple[_Inked, ...]:
        """A patch for luma and both colours.

        Args:
            patch: its place tells which pixels share a colour.
            weights: (3, 5) from ink, clearness and 1 to the planes.
        """
        small = patch.sheet.nbytes <= SMALL_BYTES
        if not small and patch.sheet.flags.writeable:
            return _inked(_even(patch), weights)
        keeper = self._small if small else self._large
        place = patch.x % 2, patch.y % 2, weights.tobytes()
        key = (id(patch.sheet), *place)
        kept = self._taken(keeper, key)  # with the sheet, whose number is no other's as long as it is kept
        if kept is None:
            before = self._taken(keeper, (id(patch.since.sheet), *place)) if patch.since else None
            inked = _inked(_even(patch), weights) if before is None else _renewed(before[1], patch, weights)
            kept = patch.sheet, inked
        keeper[key] = kept
        self._bytes += kept[0].nbytes + EACH_BYTES if small else 0
        while self._bytes > KEPT_BYTES or len(self._large) > KEPT_LARGE:
            crowded = self._small if self._bytes > KEPT_BYTES else self._large
            self._taken(crowded, next(iter(crowded)))
        return kept[1]

    def _taken(self, keeper: dict[Key, _Kept], key: Key) -> _Kept | None:
        """What is kept, kept no longer."""
        kept = keeper.pop(key, None)
        if kept is not None and keeper is self._small:
            self._bytes -= kept[0].nbytes + EACH_BYTES
        return kept

    def dyes(self, table: Table, weights: Matrix) -> _Dyes:
        """A table for luma and both colours.

        Args:
            table: the colours of a patch.
            weights: (3, 5) from ink, clearness and 1 to the planes.
        """
        key = (id(table), weights.tobytes())
        kept = self._tables.pop(key, None)
        self._tables[key] = kept = kept or (table, _dyed(table, weights))
        if len(self._tables) > KEPT_TABLES:
            del self._tables[next(iter(self._tables))]
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
    inks, weights = inks or Inks(), _weights(to_planes(frame).tobytes(), frame.color_trc)
    y, *colours = planes(frame)
    height, width = y.shape
    for patch in patches:
        part = _scaled(patch, scale).inside(width, height)
        if part is None:
            continue
        if part.table is not None:
            _lay_dyed((y, *colours), part, inks.dyes(part.table, weights))
            continue
        luma, *halves = inks.of(part, weights)
        _lay(y, luma, part.x - part.x % 2, part.y - part.y % 2)
        for plane, half in zip(colours, halves, strict=True):
            _lay(plane, half, part.x // 2, part.y // 2)


def _dyed(table: Table, weights: Matrix) -> _Dyes:
    colours = table.view(np.uint8).reshape(256, 4)
    added = np.column_stack([colours, np.ones(256)]) @ weights.T
    y, u, v = (np.ascontiguousarray(one) for one in np.clip(np.rint(added), 0, 255).astype(np.uint8).T)
    clear = np.ascontiguousarray(colours[:, 3])
    opaque = not clear.any()
    line = (int(y[255]) - int(y[0])) / 255, float(y[0])
    straight = np.array_equal(np.ravel(cv2.convertScaleAbs(NUMBERS, alpha=line[0], beta=line[1])), y)
    gray = opaque and not np.ptp(u) and not np.ptp(v)
    return _Dyes((y, u, v), clear, opaque, line if straight else None, gray)


def _lay_dyed(planes: Sequence[Image], patch: Patch, dyes: _Dyes) -> None:
    """Lays a patch with a table on the planes; a pixel of their colours has that of the mean of its four numbers."""
    numbers, (luma, *colours) = patch.sheet, dyes.ink
    region = planes[0][patch.y : patch.y + patch.height, patch.x : patch.x + patch.width]
    if dyes.opaque and dyes.line is not None:  # in a quarter of the time of looking it up
        cv2.convertScaleAbs(numbers, region, *dyes.line)
    elif dyes.opaque:
        cv2.LUT(numbers, luma, region)
    else:
        cv2.multiply(region, cv2.LUT(numbers, dyes.clear), region, 1 / 255)
        cv2.add(region, cv2.LUT(numbers, luma), region)
    border = top, bottom, left, right = _beyond(patch)
    x, y = patch.x // 2, patch.y // 2
    if dyes.gray:
        shape = (patch.height + top + bottom) // 2, (patch.width + left + right) // 2
        clear = _halved(np.zeros(shape, np.uint8), border, HALF_CLEAR)
        for plane, dye in zip(planes[1:], colours, strict=True):
            _lay(plane, _Inked(_halved(np.full(shape, dye[0], np.uint8), border, HALF), clear), x, y)
        return
    if any(border):
        numbers = np.asarray(cv2.copyMakeBorder(numbers, *border, cv2.BORDER_REPLICATE), np.uint8)
    half = cv2.resize(numbers, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    clear = _halved(np.asarray(cv2.LUT(half, dyes.clear), np.uint8), border, HALF_CLEAR)
    for plane, dye in zip(planes[1:], colours, strict=True):
        _lay(plane, _Inked(_halved(np.asarray(cv2.LUT(half, dye), np.uint8), border, HALF), clear), x, y)


def _halved(values: Image, border: Sequence[int], half: Image) -> Image:
    """The lines of which half lies beyond the patch, with the mean of what is there and what is beyond; in place."""
    top, bottom, left, right = border
    lines = [values[:1]] * top + [values[-1:]] * bottom + [values[:, :1]] * left + [values[:, -1:]] * right
    for line in lines:
        line[...] = half.take(line)
    return values


def _inked(patch: Patch, weights: Matrix) -> tuple[_Inked, ...]:
    """A patch on whole pairs of pixels, for each plane."""
    luma, *colours = weights.tolist()
    whole = _split(patch.sheet)
    half = _split(cv2.resize(patch.sheet, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    return (
        _Inked(_weighted(whole, luma), whole[3]),
        *(_Inked(_weighted(half, weight), half[3]) for weight in colours),
    )


def _renewed(inked: tuple[_Inked, ...], patch: Patch, weights: Matrix) -> tuple[_Inked, ...]:
    """What was made of the sheet before, with what has changed since; in place."""
    assert patch.since is not None
    changed, (high, wide) = patch.since.changed, patch.sheet.shape[:2]
    x0, x1 = changed.x - (patch.x + changed.x) % 2, changed.right + (patch.x + changed.right) % 2
    y0, y1 = changed.y - (patch.y + changed.y) % 2, changed.bottom + (patch.y + changed.bottom) % 2
    x0, x1, y0, y1 = max(0, x0), min(wide, x1), max(0, y0), min(high, y1)
    part = _even(Patch(patch.x + x0, patch.y + y0, patch.sheet[y0:y1, x0:x1]))
    left, top = part.x - patch.x + patch.x % 2, part.y - patch.y + patch.y % 2
    for old, new, step in zip(inked, _inked(part, weights), (1, 2, 2), strict=True):
        rows, columns = new.ink.shape
        place = slice(top // step, top // step + rows), slice(left // step, left // step + columns)
        old.ink[place], old.clear[place] = new.ink, new.clear
    return inked


def _scaled(patch: Patch, scale: tuple[float, float]) -> Patch:
    """A patch in pixels of the frame; both edges of it go to whole ones."""
    if scale == (1, 1):
        return patch
    x0, x1 = round(patch.x * scale[0]), round((patch.x + patch.width) * scale[0])
    y0, y1 = round(patch.y * scale[1]), round((patch.y + patch.height) * scale[1])
    size = max(1, x1 - x0), max(1, y1 - y0)
    return Patch(x0, y0, np.asarray(cv2.resize(patch.pixels, size, interpolation=cv2.INTER_AREA), np.uint8))


def _split(sheet: MatLike) -> list[Image]:
    """Blue, green, red and clearness, (h, w) each.

    Each begins elsewhere in a line of the processor's cache: where all begin alike, OpenCV writes them past the cache,
    which takes eight times as long.
    """
    pixels = sheet.shape[0] * sheet.shape[1]
    step = (pixels + LINE - 1) // LINE * LINE + LINE // 4
    room = np.empty(4 * step, np.uint8)
    channels = [room[k * step : k * step + pixels].reshape(sheet.shape[:2]) for k in range(4)]
    return [np.asarray(channel, np.uint8) for channel in cv2.split(sheet, channels)]


def _lay(plane: Image, inked: _Inked, x: int, y: int) -> None:
    """Lays ink and clearness on one plane, in place."""
    ink, clear = inked
    region = plane[y : y + ink.shape[0], x : x + ink.shape[1]]
    if region.shape != ink.shape:  # the frame ends within the last pair of pixels
        rows, columns = region.shape
        ink, clear = ink[:rows, :columns], clear[:rows, :columns]
    cv2.multiply(region, clear, region, 1 / 255)
    cv2.add(region, ink, region)


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
    border = top, _, left, _ = _beyond(patch)
    if not any(border):
        return patch
    sheet = cv2.copyMakeBorder(patch.sheet, *border, cv2.BORDER_CONSTANT, value=(0, 0, 0, 255))
    return Patch(patch.x - left, patch.y - top, np.asarray(sheet, np.uint8))


def _beyond(patch: Patch) -> tuple[int, int, int, int]:
    """Lines that a patch lacks to stand on whole pairs of pixels: above, below, left and right."""
    return patch.y % 2, (patch.y + patch.height) % 2, patch.x % 2, (patch.x + patch.width) % 2


@lru_cache(maxsize=16)
def _weights(to_planes: bytes, transfer: int) -> Matrix:
    """(3, 5): from (blue, green, red, clear, 1), all 0–255, to what is added to Y, U and V.

    Ink is no brighter than white paper, where the film's white would be a lamp.

    Args:
        to_planes: (3, 4) float32, as `to_planes` gives it.
        transfer: FFmpeg's number of the film's transfer function.
    """
    matrix = np.frombuffer(to_planes, np.float32).reshape(3, 4)
    colours, offset = matrix[:, :3] * np.float32(INK.get(transfer, 1)), matrix[:, 3:]
    return np.hstack([colours, -offset / 255, offset])
