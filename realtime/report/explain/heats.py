"""Heat over the face: a row a question, a column a method.

why this class?            ┌──┐ ┌──┐ ┌──┐
why the runner-up?         └──┘ └──┘ └──┘     each method's measured score beside its name
why this and not that?
"""

from __future__ import annotations

import math

import cv2
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from ...draw.inset import grey_bgr
from ...draw.maps import enlarge
from ...network.network import NOTHING
from ...view.state import METHOD_NAMES
from .beside import Beside, strength, whom_to_believe
from .colours import emotion_colour, heat_colours
from .panels import colour_bar, heading
from .sheet import INK, SMALL_PT, SOFT, TEXT_PT, Sheet, Slot, fitting, wrapped
from .study import Heat, Study

ROW_NAME_IN, BAR_ROOM_IN = 1.15, 0.5
NARROW_IN, SMALL_ROW_NAME_IN, SMALL_BAR_ROOM_IN, SMALL_CELL_IN = 4.0, 0.92, 0.3, 0.8
"""Width of a figure for one column, and what stands there for the other three."""
GAP_IN, COLUMN_HEAD_IN, BLOCK_GAP_IN = 0.08, 0.36, 0.2
SMALLEST_CELL_IN, LARGEST_CELL_IN = 0.98, 1.9
LINE_IN = 0.165
NOTE = "each map divided by its own maximum; numbers: measured faithfulness, 0 is chance"
MID_GRAY = "#808080"
"""Stands for the face under the colour bar."""
FINE = 384
"""Pixels along the edge of a drawn heatmap."""


def heats_panel(sheet: Sheet, slot: Slot, study: Study, known: Beside) -> None:
    """All heatmaps of a study on one colour scale.

    Args:
        sheet: that is drawn on.
        slot: where.
        study: of the face.
        known: what methods were measured to be worth.
    """
    room, lines = heading(sheet, slot, "Where it looks"), _lines(study, known, slot.width)
    for number, line in enumerate(lines):
        sheet.text(room.x, room.y + number * LINE_IN, line, TEXT_PT, color=SOFT)
    top = room.y + len(lines) * LINE_IN + 0.08
    methods, columns = len(study.of(*study.questions[0])), columns_of(slot.width, study)
    cell = cell_edge(slot.width, columns)
    for first in range(0, methods, columns):
        _block(sheet, Slot(room.x, top, slot.width, 0), study, known, range(first, min(first + columns, methods)), cell)
        top += _block_height(study, cell) + BLOCK_GAP_IN
    right = room.x + _row_name_in(slot.width) + columns * (cell + GAP_IN)
    first_y = room.y + len(lines) * LINE_IN + 0.08 + COLUMN_HEAD_IN
    high = len(study.questions) * (cell + GAP_IN) - GAP_IN
    colour_bar(sheet, Slot(right, first_y, 0.09, high), heat_colours(), Normalize(0, 1), MID_GRAY)


def _lines(study: Study, known: Beside, width: float) -> list[str]:
    """What stands above the heatmaps."""
    note = f"Taken at {study.heat_layer}; {NOTE}. {whom_to_believe(study, known)}"
    return wrapped(note, TEXT_PT, width)


def _block(sheet: Sheet, slot: Slot, study: Study, known: Beside, methods: range, cell: float) -> None:
    names = _row_name_in(slot.width)
    x0, y0 = slot.x + names, slot.y + COLUMN_HEAD_IN
    for column, heat in enumerate(study.of(*study.questions[0])[methods.start : methods.stop]):
        middle = x0 + column * (cell + GAP_IN) + cell / 2
        name, room = METHOD_NAMES.get(heat.method, heat.method), cell + GAP_IN / 2
        size = TEXT_PT if fitting(name, TEXT_PT, room) == name else SMALL_PT
        sheet.text(middle, slot.y + 0.02, fitting(name, size, room), size, ha="center")
        where = "" if heat.layer == study.heat_layer else heat.layer
        under = "  ".join(part for part in (where, known.score(heat)) if part)
        sheet.text(middle, slot.y + 0.19, fitting(under, SMALL_PT, cell), SMALL_PT, color=SOFT, ha="center")
    for row, (target, against) in enumerate(study.questions):
        y = y0 + row * (cell + GAP_IN)
        _row_name(sheet, Slot(slot.x, y, names, cell), study, row, target, against)
        for column, heat in enumerate(study.of(target, against)[methods.start : methods.stop]):
            _cell(sheet, Slot(x0 + column * (cell + GAP_IN), y, cell, cell), study, heat)


def heat_title(heat: Heat, usual: str) -> str:
    """The method's name, and the layer where it is not the usual one."""
    name = METHOD_NAMES.get(heat.method, heat.method)
    return name if heat.layer == usual else f"{name} ({heat.layer})"


def panel_height(width: float, study: Study, known: Beside, head: float) -> float:
    """Inches that the panel needs, heading included.

    Args:
        width: of the panel, in inches.
        study: of the face.
        known: what methods were measured to be worth.
        head: height of the heading, in inches.
    """
    columns = columns_of(width, study)
    blocks = math.ceil(len(study.of(*study.questions[0])) / columns)
    lines = len(_lines(study, known, width))
    block = _block_height(study, cell_edge(width, columns)) + BLOCK_GAP_IN
    return head + lines * LINE_IN + 0.08 + blocks * block - BLOCK_GAP_IN


def _block_height(study: Study, cell: float) -> float:
    return COLUMN_HEAD_IN + len(study.questions) * (cell + GAP_IN) - GAP_IN


def columns_of(width: float, study: Study) -> int:
    """Methods side by side: as many as stay large enough to be read, evenly shared among the lines they need."""
    methods = len(study.of(*study.questions[0]))
    least = SMALL_CELL_IN if width < NARROW_IN else SMALLEST_CELL_IN
    room = max(1, int((_cells_in(width) + GAP_IN) / (least + GAP_IN)))
    return math.ceil(methods / math.ceil(methods / room))


def cell_edge(width: float, methods: int) -> float:
    """Inches along the edge of one heatmap."""
    return min(LARGEST_CELL_IN, _cells_in(width) / methods - GAP_IN)


def _row_name_in(width: float) -> float:
    return SMALL_ROW_NAME_IN if width < NARROW_IN else ROW_NAME_IN


def _cells_in(width: float) -> float:
    """Inches that are left for the heatmaps beside the names of the rows and the colour bar."""
    return width - _row_name_in(width) - (SMALL_BAR_ROOM_IN if width < NARROW_IN else BAR_ROOM_IN)


def _row_name(sheet: Sheet, slot: Slot, study: Study, row: int, target: int, against: int) -> None:
    x, y = slot.x, slot.y
    label, share = study.prediction.labels[target], float(study.prediction.probabilities[target])
    axes = sheet.axes(Slot(x, y + 0.03, 0.07, 0.5))
    axes.add_patch(Rectangle((0, 0), 1, 1, facecolor=emotion_colour(label, target), edgecolor=INK, linewidth=0.4))
    room = slot.width - 0.2
    sheet.text(x + 0.15, y, fitting(label, TEXT_PT + 1, room), TEXT_PT + 1, weight="bold")
    if against != NOTHING:
        other = study.prediction.labels[against]
        for number, text in enumerate(("rather than", other)):
            size = TEXT_PT if fitting(text, TEXT_PT, room) == text else SMALL_PT
            sheet.text(x + 0.15, y + 0.19 + 0.17 * number, fitting(text, size, room), size, color=SOFT)
        return
    sheet.text(x + 0.15, y + 0.19, f"{100 * share:.1f} %", TEXT_PT)
    sheet.text(x + 0.15, y + 0.36, ("predicted", "runner-up")[row], TEXT_PT, color=SOFT)
    if strength(share) < 1:
        sheet.text(x + 0.15, y + 0.53, "drawn faintly:", SMALL_PT, color=SOFT)
        sheet.text(x + 0.15, y + 0.66, "hardly a reason", SMALL_PT, color=SOFT)


def _cell(sheet: Sheet, slot: Slot, study: Study, heat: Heat) -> None:
    axes = sheet.axes(slot)
    face = grey_bgr(study.chip, FINE)
    axes.imshow(cv2.cvtColor(face, cv2.COLOR_BGR2RGB))
    share = float(study.prediction.probabilities[heat.target])
    colours = heat_colours(1.0 if heat.against != NOTHING else strength(share))
    axes.imshow(enlarge(heat.heat, FINE, FINE), colours, vmin=0, vmax=1)
    if not heat.heat.any():
        axes.text(
            FINE / 2, FINE * 0.95, "all zero", ha="center", va="bottom", fontsize=SMALL_PT, color="white",
            bbox={"facecolor": "black", "alpha": 0.6, "linewidth": 0, "pad": 2},
        )  # fmt: skip
