"""The figure of one face.

┌ photo ──────┐ ┌ crop ──────┐ ┌ probabilities ┐
└─────────────┘ └────────────┘ └───────────────┘
┌ layer ──────┐ ┌ layer ─────┐ ┌ layer ────────┐   three layers a row
└─────────────┘ └────────────┘ └───────────────┘
┌ heat: a row a class, a column a method ──────┐
└──────────────────────────────────────────────┘
"""

from __future__ import annotations

import math
from pathlib import Path

from realtime.report.explain import grids, heats
from realtime.report.explain.panels import HEAD_IN, bars_panel, crop_panel, photo_panel
from realtime.report.explain.sheet import SOFT, TEXT_PT, TITLE_PT, Sheet, Slot
from realtime.report.explain.study import Study

FORMATS = ("png", "svg", "pdf")
WIDTH_IN, MARGIN_IN = 12.0, 0.4
COLUMNS, GUTTER_IN, ROW_GAP_IN = 3, 0.4, 0.36
TITLE_IN, TOP_ROW_IN = 0.62, 3.1
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
    inner = WIDTH_IN - 2 * MARGIN_IN
    column = (inner - (COLUMNS - 1) * GUTTER_IN) / COLUMNS
    most = min(most, max((layer.spec.channels for layer in study.layers), default=most))
    layers_in = grids.panel_height(column, most, HEAD_IN)
    rows = math.ceil(len(study.layers) / COLUMNS)
    methods = len(study.heats) // 2
    heat_in = heats.panel_height(inner, methods, HEAD_IN) if methods else 0.0
    height = MARGIN_IN + TITLE_IN + TOP_ROW_IN + rows * (ROW_GAP_IN + layers_in)
    sheet = Sheet(WIDTH_IN, height + (ROW_GAP_IN + heat_in if methods else 0.0) + MARGIN_IN)
    _title(sheet, study, model)
    y = MARGIN_IN + TITLE_IN
    photo, crop, bars = (_slot(place, y, column, TOP_ROW_IN) for place in range(COLUMNS))
    photo_panel(sheet, photo, study)
    crop_panel(sheet, crop, study)
    bars_panel(sheet, bars, study.prediction)
    y += TOP_ROW_IN + ROW_GAP_IN
    for number, layer in enumerate(study.layers):
        top = y + number // COLUMNS * (layers_in + ROW_GAP_IN)
        grids.maps_panel(sheet, _slot(number % COLUMNS, top, column, layers_in), layer, most)
    if methods:
        heats.heats_panel(sheet, Slot(MARGIN_IN, y + rows * (layers_in + ROW_GAP_IN), inner, heat_in), study)
    return sheet


def _slot(place: int, y: float, width: float, height: float) -> Slot:
    return Slot(MARGIN_IN + place * (width + GUTTER_IN), y, width, height)


def _title(sheet: Sheet, study: Study, model: str) -> None:
    said = study.prediction
    sheet.text(MARGIN_IN, MARGIN_IN - 0.06, f"{said.emotion}, {100 * said.confidence:.0f} %", TITLE_PT, weight="bold")
    sheet.text(MARGIN_IN, MARGIN_IN + 0.22, f"{study.name} · network {model}", TEXT_PT, color=SOFT)
