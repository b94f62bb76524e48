"""A layer's feature maps as an aligned grid, most active first, each under its channel's number, on one scale.

 12    7    3   40
┌──┐ ┌──┐ ┌──┐ ┌──┐   ▐ peak
└──┘ └──┘ └──┘ └──┘   ▐
 …                    ▐ 0
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from ...draw.maps import order
from .beside import at_the_border
from .colours import activation_colours
from .panels import colour_bar
from .sheet import HEAD_PT, INK, POINTS_PER_INCH, SMALL_PT, SOFT, TEXT_PT, Sheet, Slot, first_fitting, fitting
from .study import LayerMaps

NUMBER_SHARE, NUMBER_IN = 0.17, 0.105
"""Room for the channel's number above a cell, as a part of the cell's edge, but never less than so many inches."""
DIGIT_EM, SPACE_EM = 0.64, 0.2
"""Width of a digit, and of the space that keeps two numbers apart, as parts of the size of the letters."""
GAP_SHARE = 0.06
BAR_IN, BAR_GAP_IN, TICKS_IN = 0.09, 0.08, 0.36
KINDS = {"conv": "convolution", "activation": "activation", "pool": "pooling", "norm": "normalisation"}


BORDER_IN = 0.14
"""Room under the maps for a word about padding."""
FLAT = 4
"""Columns of a grid that has no more than two rows."""
HEAD_IN = 0.44
"""Room for a layer's name and the line under it."""


def maps_panel(sheet: Sheet, slot: Slot, layer: LayerMaps, most: int) -> None:
    """The most active maps of a layer, at most `most` of them, with the layer's colour bar.

    Args:
        sheet: that is drawn on.
        slot: where.
        layer: the maps.
        most: how many are shown at most.
    """
    sheet.text(slot.x, slot.y, fitting(layer.spec.name, HEAD_PT, slot.width), HEAD_PT, weight="bold")
    sheet.text(slot.x, slot.y + 0.19, first_fitting(shown_lines(layer, most), TEXT_PT, slot.width), TEXT_PT, color=SOFT)
    channels, columns = shown_channels(layer, most), columns_of(most)
    unit = cell_edge(slot.width, most)
    number, size = number_share(unit), number_size(unit, layer.spec.channels)
    step_x, step_y = 1 + GAP_SHARE, 1 + GAP_SHARE + number
    wide, high = columns * step_x - GAP_SHARE, math.ceil(len(channels) / columns) * step_y - GAP_SHARE
    top = slot.y + HEAD_IN
    axes = sheet.axes(Slot(slot.x, top, unit * wide, unit * high))
    colours, scale = activation_colours(layer.maps)
    for place, channel in enumerate(channels):
        x, y = place % columns * step_x, place // columns * step_y + number
        cell = (x, x + 1, y + 1, y)
        axes.imshow(layer.maps[:, :, channel], colours, scale, extent=cell, interpolation="nearest")
        axes.text(x + 0.5, y - 0.02, str(channel), ha="center", va="bottom", fontsize=size, color=INK)
    axes.set(xlim=(0, wide), ylim=(high, 0), aspect="auto")
    if border := border_lines(layer, most):
        line = first_fitting(border, SMALL_PT, slot.width)
        sheet.text(slot.x, slot.y + slot.height - BORDER_IN, line, SMALL_PT, color=SOFT)
    drop = unit * number
    bar = Slot(slot.x + unit * wide + BAR_GAP_IN, top + drop, BAR_IN, unit * high - drop)
    colour_bar(sheet, bar, colours, scale)


def shown_channels(layer: LayerMaps, most: int) -> list[int]:
    """The channels that are shown, the one that answers most first."""
    return [int(channel) for channel in order(layer.maps, most_active_first=True)[:most]]


def border_lines(layer: LayerMaps, most: int) -> tuple[str, ...]:
    """A warning where maps answer most at their border, longest first: there filters see padding beside the face."""
    count = at_the_border(layer.maps, shown_channels(layer, most))
    if not count:
        return ()
    return (f"{count} of them strongest at the border: padding", f"{count} at the border: padding")


def columns_of(most: int) -> int:
    """Columns of a grid of so many cells: four for a few, else about as many as rows."""
    return min(most, FLAT) if most <= 2 * FLAT else math.ceil(math.sqrt(most))


def cell_edge(width: float, most: int) -> float:
    """Inches along the edge of one map in a panel of a width."""
    return (width - BAR_IN - BAR_GAP_IN - TICKS_IN) / (columns_of(most) * (1 + GAP_SHARE) - GAP_SHARE)


def number_share(unit: float) -> float:
    """Room above a cell of so many inches for its channel's number, as a part of the cell's edge."""
    return max(NUMBER_SHARE, NUMBER_IN / unit)


def number_size(unit: float, channels: int) -> float:
    """Points of the letters with which the highest channel's number is no wider than a cell."""
    return min(SMALL_PT, unit * POINTS_PER_INCH / (len(str(channels - 1)) * DIGIT_EM + SPACE_EM))


def panel_height(width: float, layers: Iterable[LayerMaps], most: int) -> float:
    """Inches that the highest panel of some layers needs, its heading included."""
    maps = min(most, max(layer.spec.channels for layer in layers))
    rows, unit = math.ceil(maps / columns_of(most)), cell_edge(width, most)
    return HEAD_IN + unit * (rows * (1 + GAP_SHARE + number_share(unit)) - GAP_SHARE) + BORDER_IN + 0.04


def title(layer: LayerMaps) -> str:
    """The layer's name and kind."""
    return f"{layer.spec.name} · {kind_name(layer)}"


def kind_name(layer: LayerMaps) -> str:
    """The layer's kind in a word."""
    return KINDS.get(layer.spec.kind, layer.spec.kind)


def shown_lines(layer: LayerMaps, most: int) -> tuple[str, ...]:
    """Its kind, how many of its maps are shown, and their size, longest first."""
    spec = layer.spec
    count = f"{spec.channels}" if spec.channels <= most else f"{most} of {spec.channels}"
    edge = f"{spec.width}×{spec.height}"
    return (f"{kind_name(layer)}, {count} maps of {edge}", f"{count} maps, {edge}", f"{count}, {edge}")
