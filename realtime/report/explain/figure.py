"""The figure of one face.

┌ photo ──────┐ ┌ crop ──────┐ ┌ probabilities ┐
└─────────────┘ └────────────┘ └───────────────┘   three panels a row, or one where the figure is narrow
┌ layer ──────┐ ┌ layer ─────┐ ┌ layer ────────┐
└─────────────┘ └────────────┘ └───────────────┘
┌ inside a filter: a row a layer ──────────────┐
└──────────────────────────────────────────────┘
┌ heat: a row a question, a column a method ───┐
└──────────────────────────────────────────────┘

Letters are never scaled: the figure is laid out anew for its width, so that it is read in print as it is on a screen.
For a screen it is one sheet of any length; for a journal as many sheets as are needed, none longer than its page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, count, takewhile
from pathlib import Path

from ...errors import ResultError
from ...system.atomic import atomic_write
from . import grids
from .beside import Beside
from .heats import heat_panels
from .panels import HEAD_IN, bars_panel, crop_panel, photo_panel
from .sheet import SOFT, TEXT_PT, TITLE_PT, Panel, Sheet, Slot, bound, fitting, wrapped
from .study import Study
from .units import unit_panels

FORMATS = ("png", "svg", "pdf")
MM = 1 / 25.4
WIDTHS = {"screen": 12.0, "one": 84 * MM, "two": 174 * MM}
"""Inches: for a screen, and for one and for two columns of a journal's page."""
LENGTHS = {"screen": math.inf, "one": 234 * MM, "two": 234 * MM}
"""Inches that a sheet is long at most, unless a single panel is longer."""
GUTTER_IN, ROW_GAP_IN = 0.4, 0.36
NARROW_IN, SMALL_MARGIN_IN, SMALL_GUTTER_IN, SMALL_ROW_GAP_IN = 7.0, 0.12, 0.25, 0.28
"""Inches up to which a figure is narrow, and what stands there for margin and gaps."""
MARGIN_IN, TITLE_IN, LINE_IN, TOP_ROW_IN = 0.4, 0.45, 0.17, 3.1
BAR_IN, SMALL_BAR_IN = 0.3, 0.2
NARROWEST_COLUMN_IN = 1.75
MAPS, FEW_MAPS = 16, 8
"""Feature maps shown of a layer, and in a figure that is one column wide."""


def draw_figure(
    path: Path, study: Study, model: str, most: int = MAPS, known: Beside | None = None, width: str = "screen"
) -> list[Path]:
    """Writes the figure of one face as PNG, SVG or PDF, as the file's ending says; see `figure`.

    Sheets after the first become pages of a PDF, else files of their own: NAME.png, NAME-2.png, … Those that an earlier
    figure of this name had beyond are removed.

    Args:
        path: whose ending is .png, .svg or .pdf; the file appears only when it is whole.
        study: of the face.
        model: the network's name.
        most: maps of a layer that are shown at most.
        known: what is known of the model beside its answers.
        width: of the figure, one of WIDTHS.

    Returns:
        The files that were written.

    Raises:
        ResultError: a file cannot be written.
    """
    sheets, kind = figure(study, model, most, known, width), path.suffix.removeprefix(".")
    if kind == "pdf":
        atomic_write(path, bound(sheets), "choose another folder with -o")
        return [path]
    paths = [_numbered(path, number) for number in range(1, len(sheets) + 1)]
    for one, sheet in zip(paths, sheets, strict=True):
        sheet.save(one)
    for beyond in takewhile(Path.is_file, (_numbered(path, number) for number in count(len(paths) + 1))):
        _remove(beyond)
    return paths


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise ResultError(f"{path} is of an earlier figure and cannot be removed: {error.strerror}") from None


def _numbered(path: Path, number: int) -> Path:
    return path if number == 1 else path.with_stem(f"{path.stem}-{number}")


def figure(
    study: Study, model: str, most: int = MAPS, known: Beside | None = None, width: str = "screen"
) -> list[Sheet]:
    """The figure of one face: one sheet for a screen, else as many as its page asks for.

    Args:
        study: the face.
        model: the network's name.
        most: how many feature maps of a layer are shown at most.
        known: what is known of the model beside its answers.
        width: one of WIDTHS.
    """
    known, wide = known or Beside(), WIDTHS[width]
    narrow = wide < NARROW_IN
    margin, gutter = (SMALL_MARGIN_IN, SMALL_GUTTER_IN) if narrow else (MARGIN_IN, GUTTER_IN)
    inner, gap = wide - 2 * margin, SMALL_ROW_GAP_IN if narrow else ROW_GAP_IN
    columns = max(1, min(3, int((inner + gutter) / (NARROWEST_COLUMN_IN + gutter))))
    column, half = ((inner - (parts - 1) * gutter) / parts for parts in (columns, 2))
    if columns == 1:  # a figure that is one column wide is long enough with what is most telling
        photo, crop, bars = _first_row(study, half, SMALL_BAR_IN, gap)
        rows, most = [_Row([photo, crop], half), _Row([bars], inner)], min(most, FEW_MAPS)
    else:
        rows = _rows(_first_row(study, column, BAR_IN, gap), columns, column)
    rows += _rows(_layers(study, column, most, gap), columns, column)
    for broad in (unit_panels(inner, study, known), heat_panels(inner, study, known)):
        rows += [_Row([panel], inner) for panel in (*broad[:-1], *(replace(last, gap=gap) for last in broad[-1:]))]
    told = _title_lines(study, model, inner)
    top = margin + TITLE_IN + len(told) * LINE_IN
    pages = _pages(rows, LENGTHS[width] - top - margin)
    made = known.description if known.name else ""
    sheets = []
    for number, page in enumerate(pages, start=1):
        sheet = Sheet(wide, top + _length(page) + margin, made)
        _title(sheet, margin, inner, study, told, f"{number} of {len(pages)}" if len(pages) > 1 else "")
        for row, y in zip(page, accumulate((row.height + row.gap for row in page), initial=top), strict=False):
            for place, panel in enumerate(row.panels):
                panel.draw(sheet, Slot(margin + place * (row.column + gutter), y, row.column, row.height))
        sheets.append(sheet)
    return sheets


@dataclass(frozen=True, slots=True)
class _Row:
    """Panels side by side, each in a column of so many inches."""

    panels: list[Panel]
    column: float

    @property
    def height(self) -> float:
        """Inches of the highest."""
        return max(panel.height for panel in self.panels)

    @property
    def gap(self) -> float:
        """Inches to the next row."""
        return max(panel.gap for panel in self.panels)


def _rows(panels: list[Panel], columns: int, column: float) -> list[_Row]:
    return [_Row(panels[first : first + columns], column) for first in range(0, len(panels), columns)]


def _pages(rows: Iterable[_Row], length: float) -> list[list[_Row]]:
    """Rows in their order, as many on a page as its length in inches holds, but at least one."""
    pages: list[list[_Row]] = [[]]
    for row in rows:
        if pages[-1] and _length([*pages[-1], row]) > length:
            pages.append([])
        pages[-1].append(row)
    return pages


def _length(rows: list[_Row]) -> float:
    return sum(row.height + row.gap for row in rows) - rows[-1].gap


def _first_row(study: Study, column: float, bar: float, gap: float) -> list[Panel]:
    high = min(TOP_ROW_IN, column + HEAD_IN)
    bars = HEAD_IN + bar * len(study.prediction.labels)
    height, width = study.photo.shape[:2]
    photo = min(high, HEAD_IN + column * height / width)
    return [
        Panel(photo, lambda sheet, slot: photo_panel(sheet, slot, study), gap),
        Panel(high, lambda sheet, slot: crop_panel(sheet, slot, study), gap),
        Panel(min(high, bars), lambda sheet, slot: bars_panel(sheet, slot, study.prediction), gap),
    ]


def _layers(study: Study, column: float, most: int, gap: float) -> list[Panel]:
    most = min(most, max((layer.spec.channels for layer in study.layers), default=most))
    return [
        Panel(grids.panel_height(column, [layer], most), partial(grids.maps_panel, layer=layer, most=most), gap)
        for layer in study.layers
    ]


def _title_lines(study: Study, model: str, inner: float) -> list[str]:
    quality = "" if study.prediction.quality is None else f" · quality {100 * study.prediction.quality:.0f} %"
    further = "".join(f" · {said}" for said in study.prediction.further)
    name = fitting(study.name, TEXT_PT, inner)
    return wrapped(f"{name} · network {model}{quality}{further}", TEXT_PT, inner)


def _title(sheet: Sheet, margin: float, inner: float, study: Study, told: list[str], page: str) -> None:
    words = study.prediction.words
    sheet.text(margin, margin - 0.06, fitting(words, TITLE_PT, inner - 0.5), TITLE_PT, weight="bold")
    sheet.text(margin + inner, margin, page, TEXT_PT, color=SOFT, ha="right")
    for number, line in enumerate(told):
        sheet.text(margin, margin + 0.22 + number * LINE_IN, line, TEXT_PT, color=SOFT)
