"""A layer's feature maps as an aligned grid, most active first, each under its channel's number, on one scale.

 12    7    3   40
┌──┐ ┌──┐ ┌──┐ ┌──┐   ▐ peak
└──┘ └──┘ └──┘ └──┘   ▐
 …                    ▐ 0
"""

from __future__ import annotations

import math

from realtime.draw.maps import order
from realtime.report.explain.colours import activation_colours
from realtime.report.explain.panels import colour_bar, heading
from realtime.report.explain.sheet import INK, SMALL_PT, Sheet, Slot
from realtime.report.explain.study import LayerMaps

NUMBER_SHARE = 0.17
"""Room for the channel's number above a cell, as a part of the cell's edge."""
GAP_SHARE = 0.06
BAR_IN, BAR_GAP_IN, TICKS_IN = 0.09, 0.08, 0.36
KINDS = {"conv": "convolution", "activation": "activation", "pool": "pooling", "norm": "normalisation"}


def maps_panel(sheet: Sheet, slot: Slot, layer: LayerMaps, most: int) -> None:
    """The most active maps of a layer, at most `most` of them, with the layer's colour bar."""
    room = heading(sheet, slot, title(layer), shown_line(layer, most))
    channels = order(layer.maps, most_active_first=True)[:most]
    columns = columns_of(most)
    width = room.width - BAR_IN - BAR_GAP_IN - TICKS_IN
    step_x, step_y = 1 + GAP_SHARE, 1 + GAP_SHARE + NUMBER_SHARE
    rows = math.ceil(most / columns)
    unit = width / (columns * step_x - GAP_SHARE)
    high = unit * (rows * step_y - GAP_SHARE)
    axes = sheet.axes(Slot(room.x, room.y, width, high))
    colours, scale = activation_colours(layer.maps)
    for place, channel in enumerate(channels):
        x, y = place % columns * step_x, place // columns * step_y + NUMBER_SHARE
        cell = (x, x + 1, y + 1, y)
        axes.imshow(layer.maps[:, :, channel], colours, scale, extent=cell, interpolation="nearest")
        axes.text(x + 0.5, y - 0.02, str(channel), ha="center", va="bottom", fontsize=SMALL_PT, color=INK)
    axes.set(xlim=(0, columns * step_x - GAP_SHARE), ylim=(rows * step_y - GAP_SHARE, 0), aspect="auto")
    drop = unit * NUMBER_SHARE
    used = unit * (math.ceil(len(channels) / columns) * step_y - GAP_SHARE) - drop
    colour_bar(sheet, Slot(room.x + width + BAR_GAP_IN, room.y + drop, BAR_IN, used), colours, scale)


def columns_of(most: int) -> int:
    """Columns of a grid of so many cells, about as many as rows."""
    return max(1, math.ceil(math.sqrt(most)))


def panel_height(width: float, most: int, head: float) -> float:
    """Inches that a panel of a width needs for so many maps, heading included."""
    columns = columns_of(most)
    unit = (width - BAR_IN - BAR_GAP_IN - TICKS_IN) / (columns * (1 + GAP_SHARE) - GAP_SHARE)
    return head + unit * (math.ceil(most / columns) * (1 + GAP_SHARE + NUMBER_SHARE) - GAP_SHARE)


def title(layer: LayerMaps) -> str:
    """The layer's name and kind."""
    kind = KINDS.get(layer.spec.kind, layer.spec.kind)
    return f"{layer.spec.name} · {kind}"


def shown_line(layer: LayerMaps, most: int) -> str:
    """How many of its maps are shown, and their size."""
    spec = layer.spec
    count = f"{spec.channels} maps" if spec.channels <= most else f"{most} of {spec.channels} maps"
    return f"{count} of {spec.width}×{spec.height}"
