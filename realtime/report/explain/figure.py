"""The figure of one face.

┌ photo ──────┐ ┌ crop ──────┐ ┌ probabilities ┐
└─────────────┘ └────────────┘ └───────────────┘   three panels a row; two or one where the figure is narrow
┌ layer ──────┐ ┌ layer ─────┐ ┌ layer ────────┐
└─────────────┘ └────────────┘ └───────────────┘
┌ inside a filter: a row a layer ──────────────┐
└──────────────────────────────────────────────┘
┌ heat: a row a question, a column a method ───┐
└──────────────────────────────────────────────┘

Letters are never scaled: the figure is laid out anew for its width, so that it is read in print as it is on a screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path

from . import grids, heats, units
from .beside import Beside
from .panels import HEAD_IN, bars_panel, crop_panel, photo_panel
from .sheet import SOFT, TEXT_PT, TITLE_PT, Sheet, Slot, fitting
from .study import Study

FORMATS = ("png", "svg", "pdf")
MM = 1 / 25.4
WIDTHS = {"screen": 12.0, "one": 84 * MM, "two": 174 * MM}
"""Inches: for a screen, and for one and for two columns of a journal's page."""
GUTTER_IN, ROW_GAP_IN = 0.4, 0.36
TITLE_IN, TOP_ROW_IN = 0.62, 3.1
NARROWEST_COLUMN_IN = 2.6
MAPS, FEW_MAPS = 16, 8
"""Feature maps shown of a layer, and in a figure that is one column wide."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the figure: inches that it needs of a width, and what draws it into a slot."""

    height: float
    draw: Callable[[Sheet, Slot], None]


def draw_figure(
    path: Path, study: Study, model: str, most: int = MAPS, known: Beside | None = None, width: str = "screen"
) -> None:
    """Writes the figure of one face as PNG, SVG or PDF, as the file's ending says; see `figure`.

    Args:
        path: whose ending is .png, .svg or .pdf; the file appears only when it is whole.
        study: of the face.
        model: the network's name.
        most: maps of a layer that are shown at most.
        known: what is known of the model beside its answers.
        width: of the figure, one of WIDTHS.

    Raises:
        ResultError: the file cannot be written.
    """
    figure(study, model, most, known, width).save(path)


def figure(study: Study, model: str, most: int = MAPS, known: Beside | None = None, width: str = "screen") -> Sheet:
    """The figure of one face.

    Args:
        study: the face.
        model: the network's name.
        most: how many feature maps of a layer are shown at most.
        known: what is known of the model beside its answers.
        width: one of WIDTHS.
    """
    known, wide = known or Beside(), WIDTHS[width]
    margin = 0.4 if wide > 6 else 0.12
    inner = wide - 2 * margin
    columns = max(1, min(3, int((inner + GUTTER_IN) / (NARROWEST_COLUMN_IN + GUTTER_IN))))
    column, half = ((inner - (count - 1) * GUTTER_IN) / count for count in (columns, 2))
    if columns == 1:  # a figure that is one column wide is long enough with what is most telling
        photo, crop, bars = _first_row(study, half)
        rows, most = [[photo, crop], [bars]], min(most, FEW_MAPS)
    else:
        rows = _in_columns(_first_row(study, column), columns)
    rows += _in_columns(_layers(study, column, most), columns)
    rows += [[panel] for panel in _broad(study, known, inner)]
    heights = [max(panel.height for panel in row) for row in rows]
    tops = list(accumulate(heights, lambda top, part: top + part + ROW_GAP_IN, initial=margin + TITLE_IN))
    sheet = Sheet(wide, tops[-1] - ROW_GAP_IN + margin, known.description if known.name else "")
    _title(sheet, margin, inner, study, model)
    for row, top, high in zip(rows, tops, heights, strict=False):
        room = half if columns == 1 and len(row) == 2 else column
        for place, panel in enumerate(row):
            panel.draw(sheet, Slot(margin + place * (room + GUTTER_IN), top, room, high))
    return sheet


def _in_columns(panels: list[Panel], columns: int) -> list[list[Panel]]:
    return [panels[first : first + columns] for first in range(0, len(panels), columns)]


def _first_row(study: Study, column: float) -> list[Panel]:
    high = min(TOP_ROW_IN, column + HEAD_IN)
    bars = min(high, HEAD_IN + 0.3 * len(study.prediction.labels))
    height, width = study.photo.shape[:2]
    photo = min(high, HEAD_IN + column * height / width)
    return [
        Panel(photo, lambda sheet, slot: photo_panel(sheet, slot, study)),
        Panel(high, lambda sheet, slot: crop_panel(sheet, slot, study)),
        Panel(bars, lambda sheet, slot: bars_panel(sheet, slot, study.prediction)),
    ]


def _layers(study: Study, column: float, most: int) -> list[Panel]:
    most = min(most, max((layer.spec.channels for layer in study.layers), default=most))
    return [
        Panel(grids.panel_height(column, [layer], most), partial(grids.maps_panel, layer=layer, most=most))
        for layer in study.layers
    ]


def _broad(study: Study, known: Beside, inner: float) -> list[Panel]:
    """The panels as wide as the sheet."""
    wanted = [(units.units_panel, units.panel_height)] if units.shown(study) else []
    wanted += [(heats.heats_panel, heats.panel_height)] if study.heats else []

    def drawn(draw: Drawing, sheet: Sheet, slot: Slot) -> None:
        draw(sheet, Slot(slot.x, slot.y, inner, slot.height), study, known)

    return [Panel(height(inner, study, known, HEAD_IN), partial(drawn, draw)) for draw, height in wanted]


Drawing = Callable[[Sheet, Slot, Study, Beside], None]


def _title(sheet: Sheet, margin: float, inner: float, study: Study, model: str) -> None:
    said = study.prediction
    sheet.text(margin, margin - 0.06, fitting(said.words, TITLE_PT, inner), TITLE_PT, weight="bold")
    quality = "" if said.quality is None else f" · quality {100 * said.quality:.0f} %"
    line = fitting(f"{study.name} · network {model}{quality}", TEXT_PT, inner)
    sheet.text(margin, margin + 0.22, line, TEXT_PT, color=SOFT)
