"""Inside a filter: one channel of each layer, and the pixels that drive it in this very face.

    layer, number │ its map │ gradient │ gradient × input │ guided │ deconvolution │ field │ atlas │ classes

The atlas shows what the filter likes best, and its bars what it says for and against classes, where there is one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from matplotlib.patches import Rectangle

from ...draw.shades import grey_bgr
from ...network.atlas import Atlas
from ...types import Image
from .beside import Beside
from .colours import activation_colours, emotion_colour, signed_colours
from .panels import note_height, noted, rgb
from .sheet import FAINT, INK, SMALL_PT, SOFT, TEXT_PT, Panel, Sheet, Slot, first_fitting, fitting, wrapped
from .study import LayerMaps, Study, Unit

RULE_CAPTIONS = {
    "gradient": "gradient",
    "gradientxinput": "gradient × input",
    "guided": "guided",
    "deconvolution": "deconvolution",
    "field": "strongest cell",
}
SHORT = {"gradient × input": "grad. × input", "deconvolution": "deconv."}
"""Captions where there is little room."""
NOTE = (
    "Red: brighter pixels here raise the filter’s answer; blue: they lower it. Each picture is on its own scale. "
    "Guided backpropagation and deconvolution draw clean edges, but may ignore later weights: they are no gradient."
)
ATLAS_NOTE = "“Likes best” is a made-up input; bars are the filter’s share of what its layer says for (right) a class."
GAP_IN, COLUMN_HEAD_IN, ROW_NAME_IN = 0.08, 0.24, 0.26
SMALLEST_CELL_IN, LARGEST_CELL_IN = 0.98, 1.35
NARROW_IN, SMALL_CELL_IN = 7.0, 0.66
"""Width of a figure for a page, in which cells may be smaller."""


@dataclass(frozen=True, slots=True)
class Column:
    """One kind of picture of a unit: its name, and what draws it into a slot."""

    name: str
    draw: Callable[[Sheet, Slot, Unit], None]


def columns_for(study: Study, known: Beside) -> list[Column]:
    """The columns that there is something for."""
    rules = [rule for rule in RULE_CAPTIONS if any(rule in unit.pixels for unit in study.units)]
    maps = {layer.spec.name: layer for layer in study.layers}
    columns = [Column("map", lambda sheet, slot, unit: _map(sheet, slot, unit, maps[unit.spec.name]))]
    columns += [Column(RULE_CAPTIONS[rule], _pixels_of(rule, study.chip)) for rule in rules]
    if atlas := _atlas_of(study, known):
        columns.append(Column("likes best", lambda sheet, slot, unit: _sprite(sheet, slot, unit, known)))
        if atlas.pictures:
            columns.append(Column("says for", lambda sheet, slot, unit: _shares(sheet, slot, unit, known)))
    return columns


def _atlas_of(study: Study, known: Beside) -> Atlas | None:
    """The atlas, where it shows a layer of these units."""
    atlas = known.atlas
    return atlas if atlas is not None and any(atlas.layer(unit.spec.name) for unit in study.units) else None


def unit_panels(width: float, study: Study, known: Beside) -> list[Panel]:
    """A panel a unit, the heading above the first; none where the model cannot follow a channel back.

    Args:
        width: of the panels, in inches.
        study: of the face.
        known: what the model's atlas shows of each unit.
    """
    if not any(unit.pixels for unit in study.units):
        return []
    columns, lines = columns_for(study, known), _lines(study, known, width)
    cell, most = cell_edge(width, len(columns))
    row = ROW_NAME_IN + math.ceil(len(columns) / most) * (cell + COLUMN_HEAD_IN)

    def drawn(number: int, sheet: Sheet, slot: Slot) -> None:
        room = slot if number else noted(sheet, slot, "Inside a filter", lines)
        _row(sheet, room, study.units[number], columns, cell, most)

    return [
        Panel(row + (0 if number else note_height(lines)), partial(drawn, number), GAP_IN)
        for number in range(len(study.units))
    ]


def _row(sheet: Sheet, slot: Slot, unit: Unit, columns: Sequence[Column], cell: float, most: int) -> None:
    name = f"{unit.spec.name}, map {unit.channel}, peak {float(unit.map.max()):.2f}"
    sheet.text(slot.x, slot.y, fitting(name, TEXT_PT, slot.width), TEXT_PT, weight="bold")
    for place, column in enumerate(columns):
        x, y = slot.x + place % most * (cell + GAP_IN), slot.y + ROW_NAME_IN + place // most * (cell + COLUMN_HEAD_IN)
        caption = first_fitting((column.name, SHORT.get(column.name, column.name)), SMALL_PT, cell + GAP_IN)
        sheet.text(x + cell / 2, y, caption, SMALL_PT, color=SOFT, ha="center")
        column.draw(sheet, Slot(x, y + 0.14, cell, cell), unit)


def cell_edge(width: float, columns: int) -> tuple[float, int]:
    """Inches along the edge of a picture, and how many stand side by side."""
    least = SMALL_CELL_IN if width < NARROW_IN else SMALLEST_CELL_IN
    most = max(1, min(columns, int((width + GAP_IN) / (least + GAP_IN))))
    most = math.ceil(columns / math.ceil(columns / most))
    return min(LARGEST_CELL_IN, (width + GAP_IN) / most - GAP_IN), most


def _lines(study: Study, known: Beside, width: float) -> list[str]:
    return wrapped(NOTE + (f" {ATLAS_NOTE}" if _atlas_of(study, known) else ""), TEXT_PT, width)


def _map(sheet: Sheet, slot: Slot, unit: Unit, layer: LayerMaps) -> None:
    colours, scale = activation_colours(unit.map if unit.map.any() else layer.maps)
    sheet.axes(slot).imshow(unit.map, colours, scale, interpolation="nearest")


def _pixels_of(rule: str, chip: Image) -> Callable[[Sheet, Slot, Unit], None]:
    def draw(sheet: Sheet, slot: Slot, unit: Unit) -> None:
        axes = sheet.axes(slot)
        pixels = unit.pixels.get(rule)
        if pixels is None:
            return
        height, width = pixels.shape
        ground = cv2.resize(grey_bgr(chip, max(height, width) * 4), (width * 4, height * 4))
        axes.imshow(rgb(np.asarray(ground, np.uint8)), extent=(0, width, height, 0), alpha=0.25)
        colours, scale = signed_colours(pixels)
        strong = np.clip(np.abs(pixels) / (np.quantile(np.abs(pixels), 0.98) or 1), 0, 1)
        axes.imshow(
            pixels, colours, scale, extent=(0, width, height, 0), interpolation="nearest", alpha=0.15 + 0.85 * strong
        )
        if not pixels.any():
            axes.text(width / 2, height / 2, "silent", ha="center", va="center", fontsize=SMALL_PT, color=INK)

    return draw


def _sprite(sheet: Sheet, slot: Slot, unit: Unit, known: Beside) -> None:
    layer = known.atlas and known.atlas.layer(unit.spec.name)
    axes = sheet.axes(slot)
    if layer:
        axes.imshow(rgb(layer.sprite(unit.channel)), interpolation="nearest", vmin=0, vmax=255)
        if layer.excited[unit.channel] <= 0:
            edge, told = layer.tile / 2 - 0.5, layer.caption(unit.channel)
            axes.text(edge, edge, told, ha="center", va="center", fontsize=SMALL_PT, color="white")
    else:
        axes.text(0.5, 0.5, "not in the atlas", ha="center", va="center", fontsize=SMALL_PT, color=SOFT)


def _shares(sheet: Sheet, slot: Slot, unit: Unit, known: Beside) -> None:
    axes, atlas = sheet.axes(slot), known.atlas
    layer = atlas and atlas.layer(unit.spec.name)
    if not atlas or not layer or layer.shares is None:
        return
    shares, most = layer.shares[unit.channel], float(np.abs(layer.shares).max()) or 1.0
    axes.add_patch(Rectangle((-0.004, -0.5), 0.008, len(shares), facecolor=FAINT))
    for number, (label, share) in enumerate(zip(atlas.labels, shares, strict=True)):
        axes.barh(number, float(share) / most, color=emotion_colour(label, number), height=0.7)
        beside = "left" if share < 0 else "right"
        axes.text(0.03 if share < 0 else -0.03, number, label, va="center", fontsize=5.2, color=INK, ha=beside)
    axes.set(xlim=(-1.05, 1.05), ylim=(len(shares) - 0.4, -0.6))
