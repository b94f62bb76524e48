"""Heat over the face: a row for the predicted class, a row for the runner-up, a column a method."""

from __future__ import annotations

import cv2
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from ...draw.inset import METHOD_NAMES, grey_bgr
from ...draw.maps import enlarge
from .colours import emotion_colour, heat_colours
from .panels import colour_bar, heading
from .sheet import INK, SOFT, TEXT_PT, Sheet, Slot
from .study import Heat, Study

ROW_NAME_IN, BAR_ROOM_IN = 1.15, 0.55
GAP_IN, COLUMN_HEAD_IN = 0.1, 0.24
LARGEST_CELL_IN = 1.9
MID_GRAY = "#808080"
"""Stands for the face under the colour bar."""
FINE = 384
"""Pixels along the edge of a drawn heatmap."""


def heats_panel(sheet: Sheet, slot: Slot, study: Study) -> None:
    """All heatmaps of a study on one colour scale."""
    room = heading(
        sheet, slot, "Where it looks", f"heat taken at {study.heat_layer}, each map divided by its own maximum"
    )
    cell = cell_edge(slot.width, len(study.of(study.targets[0])))
    x0, y0 = room.x + ROW_NAME_IN, room.y + COLUMN_HEAD_IN
    for column, heat in enumerate(study.of(study.targets[0])):
        middle = x0 + column * (cell + GAP_IN) + cell / 2
        sheet.text(middle, room.y + 0.06, heat_title(heat, study.heat_layer), TEXT_PT, ha="center")
    for row, target in enumerate(study.targets):
        y = y0 + row * (cell + GAP_IN)
        _row_name(sheet, room.x, y, study, target, row)
        for column, heat in enumerate(study.of(target)):
            _cell(sheet, Slot(x0 + column * (cell + GAP_IN), y, cell, cell), study, heat)
    right = x0 + len(study.of(study.targets[0])) * (cell + GAP_IN)
    colour_bar(sheet, Slot(right, y0, 0.11, 2 * cell + GAP_IN), heat_colours(), Normalize(0, 1), MID_GRAY)


def heat_title(heat: Heat, usual: str) -> str:
    """The method's name, and the layer where it is not the usual one."""
    name = METHOD_NAMES.get(heat.method, heat.method)
    return name if heat.layer == usual else f"{name} ({heat.layer})"


def panel_height(width: float, methods: int, head: float) -> float:
    """Inches that the panel needs, heading included."""
    return head + COLUMN_HEAD_IN + 2 * cell_edge(width, methods) + GAP_IN


def cell_edge(width: float, methods: int) -> float:
    """Inches along the edge of one heatmap."""
    return min(LARGEST_CELL_IN, (width - ROW_NAME_IN - BAR_ROOM_IN) / methods - GAP_IN)


def _row_name(sheet: Sheet, x: float, y: float, study: Study, target: int, row: int) -> None:
    label, share = study.prediction.labels[target], float(study.prediction.probabilities[target])
    axes = sheet.axes(Slot(x, y + 0.03, 0.07, 0.5))
    axes.add_patch(Rectangle((0, 0), 1, 1, facecolor=emotion_colour(label, target), edgecolor=INK, linewidth=0.4))
    sheet.text(x + 0.15, y, label, TEXT_PT + 1, weight="bold")
    sheet.text(x + 0.15, y + 0.19, f"{100 * share:.1f} %", TEXT_PT)
    sheet.text(x + 0.15, y + 0.37, ("predicted", "runner-up")[row], TEXT_PT, color=SOFT)


def _cell(sheet: Sheet, slot: Slot, study: Study, heat: Heat) -> None:
    axes = sheet.axes(slot)
    face = grey_bgr(study.chip, FINE)
    axes.imshow(cv2.cvtColor(face, cv2.COLOR_BGR2RGB))
    axes.imshow(enlarge(heat.heat, FINE, FINE), heat_colours(), vmin=0, vmax=1)
    if not heat.heat.any():
        axes.text(
            FINE / 2, FINE * 0.95, "all zero", ha="center", va="bottom", fontsize=TEXT_PT, color="white",
            bbox={"facecolor": "black", "alpha": 0.6, "linewidth": 0, "pad": 2},
        )  # fmt: skip
