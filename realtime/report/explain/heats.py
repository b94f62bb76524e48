"""Heat over the face: a row a question, a column a method.

               method, method, …        each method's measured score under its name
why this class?
┌──┐ ┌──┐ ┌──┐
└──┘ └──┘ └──┘
why the runner-up?  why this and not that?  …
"""

from __future__ import annotations

import math
from functools import partial

import cv2
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from ...draw.maps import enlarge
from ...draw.shades import grey_bgr
from ...network.network import NOTHING
from ...view.state import METHOD_NAMES
from .beside import Beside, strength, whom_to_believe
from .colours import emotion_colour, heat_colours
from .panels import colour_bar, note_height, noted
from .sheet import SMALL_PT, SOFT, TEXT_PT, Panel, Sheet, Slot, fitting, width_of, wrapped
from .study import Heat, Study

BAR_ROOM_IN, ROW_NAME_IN, COLUMN_HEAD_IN = 0.5, 0.2, 0.36
GAP_IN, BLOCK_GAP_IN = 0.08, 0.2
SMALLEST_CELL_IN, LARGEST_CELL_IN = 0.98, 1.9
NARROW_IN, SMALL_BAR_ROOM_IN, SMALL_CELL_IN = 7.0, 0.34, 0.8
"""Width of a figure for a page, and the room beside and for its cells."""
NOTE = "each map divided by its own maximum; numbers: measured faithfulness, 0 is chance"
MID_GRAY = "#808080"
"""Stands for the face under the colour bar."""
FINE = 384
"""Pixels along the edge of a drawn heatmap."""


def heat_panels(width: float, study: Study, known: Beside) -> list[Panel]:
    """All heatmaps of a study on one colour scale, a panel for each line of methods; none where there are none.

    Args:
        width: of the panels, in inches.
        study: of the face.
        known: what methods were measured to be worth.
    """
    if not study.heats:
        return []
    methods, columns, lines = len(study.of(*study.questions[0])), columns_of(width, study), _lines(study, known, width)
    cell = cell_edge(width, columns)
    row = ROW_NAME_IN + cell + GAP_IN
    height = COLUMN_HEAD_IN + len(study.questions) * row - GAP_IN

    def drawn(first: int, sheet: Sheet, slot: Slot) -> None:
        room = slot if first else noted(sheet, slot, "Where it looks", lines)
        _names(sheet, room, study, known, range(first, min(first + columns, methods)), cell)
        for number in range(len(study.questions)):
            place = Slot(room.x, room.y + COLUMN_HEAD_IN + number * row, room.width, row)
            _row(sheet, place, study, number, range(first, min(first + columns, methods)), cell)
        top = COLUMN_HEAD_IN + ROW_NAME_IN
        bar = Slot(room.x + columns * (cell + GAP_IN), room.y + top, 0.09, height - top)
        colour_bar(sheet, bar, heat_colours(), Normalize(0, 1), MID_GRAY)

    return [
        Panel(height + (0 if first else note_height(lines)), partial(drawn, first), BLOCK_GAP_IN)
        for first in range(0, methods, columns)
    ]


def _lines(study: Study, known: Beside, width: float) -> list[str]:
    """What stands above the heatmaps."""
    note = f"Taken at {study.heat_layer}; {NOTE}. {whom_to_believe(study, known)}"
    return wrapped(note, TEXT_PT, width)


def heat_title(heat: Heat, usual: str) -> str:
    """The method's name, and the layer where it is not the usual one."""
    name = METHOD_NAMES.get(heat.method, heat.method)
    return name if heat.layer == usual else f"{name} ({heat.layer})"


def columns_of(width: float, study: Study) -> int:
    """Methods side by side: as many as stay large enough to be read, evenly shared among the lines they need."""
    methods = len(study.of(*study.questions[0]))
    least = SMALL_CELL_IN if width < NARROW_IN else SMALLEST_CELL_IN
    room = max(1, int((width - _bar_room(width) + GAP_IN) / (least + GAP_IN)))
    return math.ceil(methods / math.ceil(methods / room))


def cell_edge(width: float, methods: int) -> float:
    """Inches along the edge of one heatmap."""
    return min(LARGEST_CELL_IN, (width - _bar_room(width)) / methods - GAP_IN)


def _bar_room(width: float) -> float:
    return SMALL_BAR_ROOM_IN if width < NARROW_IN else BAR_ROOM_IN


def _names(sheet: Sheet, slot: Slot, study: Study, known: Beside, methods: range, cell: float) -> None:
    """Over each column the method's name, in two lines where it is long, and under it layer and score."""
    for column, heat in enumerate(study.of(*study.questions[0])[methods.start : methods.stop]):
        middle, room = slot.x + column * (cell + GAP_IN) + cell / 2, cell + GAP_IN / 2
        name = METHOD_NAMES.get(heat.method, heat.method)
        large = fitting(name, TEXT_PT, room) == name
        names = [name] if large else wrapped(name, SMALL_PT, room)[:2]
        for number, line in enumerate(names):
            size, y = (TEXT_PT, 0.04) if large else (SMALL_PT, 0.11 * number)
            sheet.text(middle, slot.y + y, line, size, ha="center")
        where = "" if heat.layer == study.heat_layer else heat.layer
        under = "  ".join(part for part in (where, known.score(heat)) if part)
        sheet.text(middle, slot.y + 0.23, fitting(under, SMALL_PT, cell), SMALL_PT, color=SOFT, ha="center")


def _row(sheet: Sheet, slot: Slot, study: Study, number: int, methods: range, cell: float) -> None:
    """The heatmaps that answer one question, under a line that says which."""
    target, against = study.questions[number]
    label, share = study.prediction.labels[target], float(study.prediction.probabilities[target])
    chip = sheet.axes(Slot(slot.x, slot.y + 0.01, 0.07, 0.14))
    chip.add_patch(Rectangle((0, 0), 1, 1, facecolor=emotion_colour(label, target), clip_on=False))
    name = fitting(label, TEXT_PT, slot.width / 2)
    sheet.text(slot.x + 0.13, slot.y, name, TEXT_PT, weight="bold")
    if against != NOTHING:
        told = f"rather than {study.prediction.labels[against]}"
    else:
        told = f"{100 * share:.1f} %, {('predicted', 'runner-up')[number]}"
        told += "" if strength(share) == 1 else "; faint: hardly a reason"
    x = slot.x + 0.13 + width_of(name, TEXT_PT) + 0.08
    room = slot.x + slot.width - x
    size = TEXT_PT if fitting(told, TEXT_PT, room) == told else SMALL_PT
    sheet.text(x, slot.y + (0 if size == TEXT_PT else 0.015), fitting(told, size, room), size, color=SOFT)
    for column, heat in enumerate(study.of(target, against)[methods.start : methods.stop]):
        _cell(sheet, Slot(slot.x + column * (cell + GAP_IN), slot.y + ROW_NAME_IN, cell, cell), study, heat)


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
