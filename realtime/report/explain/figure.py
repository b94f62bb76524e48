"""The figure of one face.

┌ photo ──────┐ ┌ crop ──────┐ ┌ probabilities ┐
└─────────────┘ └────────────┘ └───────────────┘
┌ layer ──────┐ ┌ layer ─────┐ ┌ layer ────────┐   three layers a row
└─────────────┘ └────────────┘ └───────────────┘
┌ heat: a row a class, a column a method ──────┐
└──────────────────────────────────────────────┘
"""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

from . import grids, heats
from .panels import HEAD_IN, bars_panel, crop_panel, photo_panel
from .sheet import SOFT, TEXT_PT, TITLE_PT, Sheet, Slot, fitting
from .study import Study

FORMATS = ("png", "svg", "pdf")
WIDTH_IN, MARGIN_IN = 12.0, 0.4
COLUMNS, GUTTER_IN, ROW_GAP_IN = 3, 0.4, 0.36
TITLE_IN, TOP_ROW_IN = 0.62, 3.1
INNER_IN = WIDTH_IN - 2 * MARGIN_IN
COLUMN_IN = (INNER_IN - (COLUMNS - 1) * GUTTER_IN) / COLUMNS
MAPS = 16
"""Feature maps shown of a layer."""


def draw_figure(path: Path, study: Study, model: str, most: int = MAPS) -> None:
    """Writes the figure of one face as PNG, SVG or PDF, as the file's ending says; see `figure`.

    Raises:
        ResultError: the file cannot be written.
    """
    figure(study, model, most).save(path)


def figure(study: Study, model: str, most: int = MAPS) -> Sheet:
    """The figure of one face.

    Args:
        study: the face.
        model: the network's name.
        most: how many feature maps of a layer are shown at most.
    """
    rows = [study.layers[first : first + COLUMNS] for first in range(0, len(study.layers), COLUMNS)]
    most = min(most, max((layer.spec.channels for layer in study.layers), default=most))
    layer_ins = [grids.panel_height(COLUMN_IN, row, most) for row in rows]
    heat_in = heats.panel_height(INNER_IN, len(study.heats) // 2, HEAD_IN) if study.heats else 0.0
    parts = [TOP_ROW_IN, *layer_ins, *([heat_in] if study.heats else [])]
    tops = list(accumulate(parts, lambda top, part: top + part + ROW_GAP_IN, initial=MARGIN_IN + TITLE_IN))
    sheet = Sheet(WIDTH_IN, tops[-1] - ROW_GAP_IN + MARGIN_IN)
    _top_row(sheet, tops[0], study, model)
    for row, top, high in zip(rows, tops[1:], layer_ins, strict=False):
        for place, layer in enumerate(row):
            grids.maps_panel(sheet, _slot(place, top, high), layer, most)
    if study.heats:
        heats.heats_panel(sheet, Slot(MARGIN_IN, tops[-2], INNER_IN, heat_in), study)
    return sheet


def _top_row(sheet: Sheet, y: float, study: Study, model: str) -> None:
    said = study.prediction
    sheet.text(MARGIN_IN, MARGIN_IN - 0.06, said.words, TITLE_PT, weight="bold")
    quality = "" if said.quality is None else f" · quality {100 * said.quality:.0f} %"
    line = fitting(f"{study.name} · network {model}{quality}", TEXT_PT, INNER_IN)
    sheet.text(MARGIN_IN, MARGIN_IN + 0.22, line, TEXT_PT, color=SOFT)
    photo_panel(sheet, _slot(0, y, TOP_ROW_IN), study)
    crop_panel(sheet, _slot(1, y, TOP_ROW_IN), study)
    bars_panel(sheet, _slot(2, y, TOP_ROW_IN), said)


def _slot(place: int, y: float, height: float) -> Slot:
    """A column's part of the sheet."""
    return Slot(MARGIN_IN + place * (COLUMN_IN + GUTTER_IN), y, COLUMN_IN, height)
