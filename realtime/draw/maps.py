"""Numbers as colours: heatmaps, one feature map, and a grid of many.

Maps of one layer share one scale, so that a brighter cell always is a more active one. Where a layer also
gives negative values, zero is black, positive values go to amber and negative ones to blue.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ..types import Floats, Image
from .layout import Rect
from .patch import Patch, Table, lay

POSITIVE = cv2.applyColorMap(np.arange(256, dtype=np.uint8), cv2.COLORMAP_VIRIDIS)
LEVELS = 256
"""Of brightness in a map's picture."""
FULL_COLOUR, SAMPLE = 0.99, 10_000
"""Part of a layer's active cells that a grid shows in their proper brightness, judged by so many of them."""
MOST_COLUMNS = 16
"""Of a grid."""
LEAST_CELL = 44
"""Edge of a cell in pixels, below which it says too little."""
NUMBERED = 26
"""Edge of a cell in pixels from which on it has room for its number."""
MOST_OPAQUE = 0.92
"""Of heat, so that the face always shows through."""
COLOUR_MAPS = {
    "inferno": cv2.COLORMAP_INFERNO,
    "viridis": cv2.COLORMAP_VIRIDIS,
    "turbo": cv2.COLORMAP_TURBO,
    "bone": cv2.COLORMAP_BONE,
}
TABLES = {name: cv2.applyColorMap(np.arange(256, dtype=np.uint8), code) for name, code in COLOUR_MAPS.items()}
"""The 256 colours of each map: OpenCV works them out anew for every picture, which takes longer than the picture."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A layer's maps side by side.

    Attributes:
        columns: of cells.
        rows: of cells.
        cell: width and height of one, in pixels.
        line: between two, in pixels.
    """

    columns: int
    rows: int
    cell: int
    line: int

    @classmethod
    def of(cls, channels: int, edge: int, wide: int = 0) -> Grid:
        """The grid of a square of `edge` pixels, or one `wide` and `edge` high: as many cells as can still be read."""
        if wide > edge:
            return cls._wide(channels, edge, wide)
        columns = int(np.clip(np.ceil(np.sqrt(channels)), 1, max(2, min(MOST_COLUMNS, edge // LEAST_CELL))))
        rows = min(columns, -(-channels // columns))
        line = max(1, edge // 160)
        return cls(columns, rows, (edge - line * (columns - 1)) // columns, line)

    @classmethod
    def _wide(cls, channels: int, edge: int, wide: int) -> Grid:
        """All maps as large as can be; where they would be too small, as many as are just large enough."""
        line = max(1, edge // 160)
        most_columns, most_rows = max(2, wide // LEAST_CELL), max(2, edge // LEAST_CELL)

        def cell(columns: int) -> int:
            rows = min(most_rows, -(-channels // columns))
            return min((wide - line * (columns - 1)) // columns, (edge - line * (rows - 1)) // rows)

        enough = [columns for columns in range(1, most_columns + 1) if -(-channels // columns) <= most_rows]
        columns = max(enough, key=cell, default=most_columns)
        return cls(columns, min(most_rows, -(-channels // columns)), cell(columns), line)

    @property
    def shown(self) -> int:
        """How many maps there is room for."""
        return self.columns * self.rows

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        step = self.cell + self.line
        return self.columns * step - self.line, self.rows * step - self.line

    def corner(self, place: int) -> tuple[int, int]:
        """x, y of a cell's upper left corner."""
        step = self.cell + self.line
        return place % self.columns * step, place // self.columns * step

    def place_at(self, x: float, y: float) -> int | None:
        """The cell under a point, or None beside the grid."""
        step = self.cell + self.line
        column, row = int(x // step), int(y // step)
        return row * self.columns + column if 0 <= column < self.columns and 0 <= row < self.rows else None


def order(maps: Floats, most_active_first: bool) -> NDArray[np.intp]:
    """Channel numbers in the order they are shown, (channels,), by mean positive answer or as they are.

    What lies below zero is no answer: the Relu behind it makes nothing of it.
    """
    activity = np.maximum(maps, 0).mean(axis=(0, 1))
    return np.argsort(-activity, kind="stable") if most_active_first else np.arange(maps.shape[2])


def warmed(picture: Image, heat: Floats, name: str, opacity: float) -> Image:
    """A picture with a heatmap over it, the more opaque the hotter, up to `MOST_OPAQUE`.

    Args:
        picture: (H, W, 3) BGR; left as it is.
        heat: (h, w), 0–1, stretched over all of the picture.
        name: of the colour map.
        opacity: of the hottest, 0–1.

    Returns:
        (H, W, 3) BGR.
    """
    warm: Image = np.array(picture)
    whole = Rect(0, 0, picture.shape[1], picture.shape[0])
    lay(warm, [Patch(0, 0, heat_levels(heat, whole, whole), heat_table(name, opacity))])
    return warm


def heat_levels(heat: Floats, place: Rect, part: Rect) -> Image:
    """A heatmap that fills a place, as the sheet of a patch with `heat_table`.

    Args:
        heat: (h, w), 0–1.
        place: where the whole of it lies.
        part: of the place, that is wanted.

    Returns:
        (part.height, part.width), 0–255.
    """
    heat = np.clip(heat, 0, 1)
    large = enlarge(heat, place.width, place.height) if part == place else enlarged_part(heat, place, part)
    return np.asarray(cv2.convertScaleAbs(large, alpha=255), np.uint8)


@lru_cache(maxsize=16)
def heat_table(name: str, opacity: float) -> Table:
    """The colours of heat, from none, which hides nothing, to the hottest.

    Args:
        name: of the colour map.
        opacity: of the hottest, 0–1.
    """
    cover = np.clip(np.arange(256) * opacity, 0, MOST_OPAQUE * 255)[:, None]
    sheets = np.hstack([TABLES[name].reshape(256, 3) * (cover / 255), 255 - cover])
    return np.asarray(np.rint(sheets).astype(np.uint8).view(np.uint32)[:, 0])


def enlarge(values: Floats, width: int, height: int) -> Floats:
    """A map at another size, cell centres kept in place, bilinear as the methods' papers do."""
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def enlarged_part(values: Floats, place: Rect, part: Rect) -> Floats:
    """A part of the map that `enlarge` would make for a place, without the rest: rows × values × columns."""
    rows = _bilinear(values.shape[0], place.height, part.y - place.y, part.height)
    columns = _bilinear(values.shape[1], place.width, part.x - place.x, part.width)
    return np.asarray(rows @ values @ columns.T, np.float32)


def _bilinear(cells: int, length: int, start: int, count: int) -> Floats:
    """(count, cells): how much of each cell there is in pixels of a line that is `length` pixels long."""
    places = (np.arange(start, start + count) + 0.5) * (cells / length) - 0.5
    distances = np.abs(np.clip(places, 0, cells - 1)[:, None] - np.arange(cells))
    return np.asarray(np.maximum(0, 1 - distances), np.float32)


def colour_map(values: Floats, edge: int, peak: float, signed: bool) -> Image:
    """One feature map as a picture; its cells stay squares when they are enlarged.

    Args:
        values: (h, w).
        edge: width and height of the picture, in pixels.
        peak: the value of full colour, above 0; 0 where all is zero.
        signed: whether there is a colour for what lies below zero.

    Returns:
        (edge, edge, 3) BGR.
    """
    return np.asarray(cv2.cvtColor(map_sheet(values, edge, peak, signed), cv2.COLOR_BGRA2BGR), np.uint8)


def map_sheet(values: Floats, edge: int, peak: float, signed: bool, bright: float = 1.0) -> Image:
    """The same as the sheet of a patch that hides what is below it.

    Args:
        values: (h, w).
        edge: width and height of the picture, in pixels.
        peak: the value of full colour, above 0; 0 where all is zero.
        signed: whether there is a colour for what lies below zero.
        bright: of all colours, 0–1.

    Returns:
        (edge, edge, 4).
    """
    scaled = values / peak if peak > 0 else np.zeros_like(values)
    levels = np.asarray(cv2.convertScaleAbs(scaled, alpha=LEVELS - 1), np.uint8)
    numbers = levels + np.uint16(LEVELS) * (values < 0) if signed else levels
    coloured = _pixels(signed, bright).take(numbers).view(np.uint8).reshape(*values.shape, 4)
    # Cells are the truth of a feature map: they stay squares when they are enlarged.
    enlarging = edge >= max(values.shape)
    method = cv2.INTER_NEAREST if enlarging else cv2.INTER_AREA
    return np.asarray(cv2.resize(coloured, (edge, edge), interpolation=method), np.uint8)


@lru_cache(maxsize=8)
def _pixels(signed: bool, bright: float) -> NDArray[np.uint32]:
    """Of each level of a map its four bytes of a sheet in one number: 256, and as many more below zero if `signed`."""
    steps = np.linspace(0, 1, LEVELS, dtype=np.float32)[None]
    colours = np.hstack([signed_colours(steps), signed_colours(-steps)]) if signed else np.asarray(POSITIVE, np.uint8)
    sheet = cv2.cvtColor(cv2.convertScaleAbs(colours, alpha=bright), cv2.COLOR_BGR2BGRA)
    sheet[..., 3] = 0
    return np.asarray(sheet, np.uint8).view(np.uint32).ravel()


def colour_grid(maps: Floats, channels: NDArray[np.intp], grid: Grid, background: int = 0) -> Image:
    """Some maps of a layer as one picture, on a common scale in which they are easy to see.

    Args:
        maps: (h, w, c) activations.
        channels: numbers of those that are shown, in order.
        grid: where they stand.
        background: gray level between them, 0–255.
    """
    wide, high = grid.size
    sheet = np.full((high, wide, 4), background, np.uint8)
    peak, signed = _common_peak(maps), scale(maps)[1]
    for place, channel in enumerate(channels[: grid.shown]):
        x, y = grid.corner(place)
        sheet[y : y + grid.cell, x : x + grid.cell] = map_sheet(maps[:, :, channel], grid.cell, peak, signed)
    return np.asarray(cv2.cvtColor(sheet, cv2.COLOR_BGRA2BGR), np.uint8)


def scale(maps: Floats) -> tuple[float, bool]:
    """The largest absolute value of a layer, and whether it gives negative values at all."""
    low, high = float(maps.min(initial=0.0)), float(maps.max(initial=0.0))
    return max(high, -low), low < 0


def map_scale(maps: Floats) -> tuple[Image, str]:
    """The (256, 3) colours in which maps are drawn, from the least to the most, and what the least is called."""
    if scale(maps)[1]:
        return signed_colours(np.linspace(-1, 1, 256, dtype=np.float32)[None])[0], "below zero"
    return np.asarray(POSITIVE, np.uint8).reshape(256, 3), "0"


def _common_peak(maps: Floats) -> float:
    """The activity that few cells exceed: a corner that stands out would leave all the others in the dark."""
    step = maps.size // SAMPLE | 1  # odd, so that it meets every channel
    active = np.abs(maps.reshape(-1)[::step])
    active = active[active > 0]
    rank = round(FULL_COLOUR * (active.size - 1))
    return float(np.partition(active, rank)[rank]) if active.size else scale(maps)[0]


def _bytes(values: Floats) -> Image:
    return np.asarray(np.clip(values, 0, 1) * 255 + 0.5, np.uint8)


def signed_colours(scaled: Floats) -> Image:
    """Amber above zero, blue below, black at zero."""
    warm, cold = _bytes(scaled), _bytes(-scaled)
    channels = [
        cv2.convertScaleAbs(cold, alpha=0.95),
        cv2.addWeighted(warm, 0.72, cold, 0.62, 0),
        cv2.addWeighted(warm, 1.0, cold, 0.2, 0),
    ]
    return np.asarray(cv2.merge(channels), np.uint8)
