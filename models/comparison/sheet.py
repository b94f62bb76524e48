"""The comparison as one picture.

accuracy │ size │ ms per face        a bar a network
confusion matrices                   on one scale
heat                                 a row a network, a column a face
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.colors import Normalize

from emoscope.draw.maps import enlarge
from emoscope.draw.shades import grey_bgr
from emoscope.report.explain.colours import heat_colours
from emoscope.report.explain.panels import colour_bar, heading
from emoscope.report.explain.sheet import FAINT, INK, SMALL_PT, SOFT, TEXT_PT, TITLE_PT, Sheet, Slot, fitting
from emoscope.view.state import METHOD_NAMES

from ..evaluation.judge import Verdict
from .contestants import Contestant
from .faces import ComparedFace

WIDTH_IN, MARGIN_IN, GAP_IN, HEAD_IN = 12.0, 0.4, 0.36, 0.3
NAMES_IN, BAR_IN, ROOM_IN = 1.5, 0.28, 0.5
LABELS_IN, NAME_IN, UNDER_IN = 0.55, 0.22, 0.7
"""Beside, above and under a confusion matrix."""
WORDS_IN = 0.4
"""Under a face."""
MATRICES_A_ROW, FINE = 4, 256
BLUE, RIGHT, WRONG = "#2f6db5", "#1c7c3c", "#b3362a"
INNER_IN = WIDTH_IN - 2 * MARGIN_IN


def draw_comparison(
    path: Path, title: str, rows: Sequence[tuple[Contestant, Verdict, Sequence[ComparedFace]]], truth: Sequence[str]
) -> None:
    """Writes the picture.

    Args:
        path: PNG, SVG or PDF by its ending.
        title: what they were judged on.
        rows: each network, its verdict, and what it makes of the faces.
        truth: the faces' own labels.

    Raises:
        ResultError: the file cannot be written.
    """
    count = len(rows)
    matrix_in = (INNER_IN - (min(count, MATRICES_A_ROW) - 1) * GAP_IN - ROOM_IN) / max(3, min(count, MATRICES_A_ROW))
    lines = -(-count // MATRICES_A_ROW)
    cell_in = min(1.5, (INNER_IN - NAMES_IN - ROOM_IN) / max(1, len(truth)) - 0.1)
    heights = (
        0.7,
        HEAD_IN + count * BAR_IN,
        HEAD_IN + lines * (matrix_in - LABELS_IN + NAME_IN + UNDER_IN),
        HEAD_IN + count * (cell_in + WORDS_IN),
    )
    sheet = Sheet(WIDTH_IN, 2 * MARGIN_IN + sum(heights) + 2 * GAP_IN)
    sheet.text(MARGIN_IN, MARGIN_IN, title, TITLE_PT, weight="bold")
    y = MARGIN_IN + heights[0]
    _figures(sheet, y, rows)
    y += heights[1] + GAP_IN
    _matrices(sheet, y, matrix_in, [(contestant, verdict) for contestant, verdict, _ in rows])
    y += heights[2] + GAP_IN
    _heats(sheet, y, cell_in, [(contestant, looks) for contestant, _, looks in rows], truth)
    sheet.save(path)


def _figures(sheet: Sheet, y: float, rows: Sequence[tuple[Contestant, Verdict, Sequence[ComparedFace]]]) -> None:
    columns = (
        ("Accuracy", "percent", [100 * verdict.figures.accuracy for _, verdict, _ in rows], "{:.1f}"),
        ("Size", "MB", [contestant.size / 1e6 for contestant, _, _ in rows], "{:.1f}"),
        ("Time", "ms per face, one thread", [verdict.ms_per_face for _, verdict, _ in rows], "{:.2f}"),
    )
    width = (INNER_IN - NAMES_IN - 2 * GAP_IN) / len(columns)
    for row, (contestant, _, _) in enumerate(rows):
        sheet.text(
            MARGIN_IN,
            y + HEAD_IN + row * BAR_IN + 0.05,
            fitting(contestant.name, TEXT_PT, NAMES_IN - 0.1),
            TEXT_PT,
            weight="bold",
        )
    for column, (name, unit, values, form) in enumerate(columns):
        slot = Slot(MARGIN_IN + NAMES_IN + column * (width + GAP_IN), y, width, HEAD_IN + len(rows) * BAR_IN)
        room = heading(sheet, slot, name, unit)
        axes = sheet.axes(Slot(room.x, y + HEAD_IN, room.width - 0.55, len(rows) * BAR_IN))
        most = 100.0 if name == "Accuracy" else max(values)
        axes.barh(range(len(values)), most, height=0.62, color=FAINT, alpha=0.45)
        axes.barh(range(len(values)), values, height=0.62, color=BLUE)
        for row, value in enumerate(values):
            axes.text(most * 1.03, row, form.format(value), va="center", fontsize=TEXT_PT, color=INK)
        axes.set(xlim=(0, most), ylim=(len(values) - 0.5, -0.5))


def _matrices(sheet: Sheet, y: float, edge: float, rows: Sequence[tuple[Contestant, Verdict]]) -> None:
    sheet.text(MARGIN_IN, y, "Confusion", 10.5, weight="bold")
    sheet.text(WIDTH_IN - MARGIN_IN, y + 0.03, "rows: labelled, columns: called, in percent of the row",
               TEXT_PT, color=SOFT, ha="right")  # fmt: skip
    for number, (contestant, verdict) in enumerate(rows):
        line, column = divmod(number, MATRICES_A_ROW)
        x = MARGIN_IN + LABELS_IN + column * (edge + GAP_IN)
        top = y + HEAD_IN + line * (edge - LABELS_IN + NAME_IN + UNDER_IN)
        sheet.text(x, top, fitting(contestant.name, TEXT_PT, edge - LABELS_IN), TEXT_PT, weight="bold")
        _matrix(sheet, Slot(x, top + NAME_IN, edge - LABELS_IN, edge - LABELS_IN), verdict, rows[0][1].labels)


def _matrix(sheet: Sheet, slot: Slot, verdict: Verdict, order: Sequence[str]) -> None:
    """One network's confusion, its classes in the first network's order where they are the same."""
    labels = order if set(order) == set(verdict.labels) else verdict.labels
    places = [verdict.labels.index(label) for label in labels]
    counts = np.array(verdict.figures.confusion)[np.ix_(places, places)]
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes = sheet.axes(slot)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    for (row, column), share in np.ndenumerate(shares):
        colour = "white" if share > 55 else INK
        axes.text(column, row, f"{share:.0f}", ha="center", va="center", fontsize=SMALL_PT, color=colour)
    for number, label in enumerate(labels):
        axes.text(-0.65, number, label, ha="right", va="center", fontsize=SMALL_PT)
        axes.text(number, len(labels) - 0.4, label, ha="right", va="top", rotation=45, fontsize=SMALL_PT,
                  rotation_mode="anchor")  # fmt: skip


def _heats(
    sheet: Sheet, y: float, cell: float, rows: Sequence[tuple[Contestant, Sequence[ComparedFace]]], truth: Sequence[str]
) -> None:
    sheet.text(MARGIN_IN, y, "Where they look", 10.5, weight="bold")
    sheet.text(WIDTH_IN - MARGIN_IN, y + 0.03, "each network's own method and layer, for the class it names",
               TEXT_PT, color=SOFT, ha="right")  # fmt: skip
    for row, (contestant, looks) in enumerate(rows):
        top = y + HEAD_IN + row * (cell + WORDS_IN)
        contract = contestant.network.contract
        sheet.text(MARGIN_IN, top, fitting(contestant.name, TEXT_PT, NAMES_IN - 0.1), TEXT_PT, weight="bold")
        method = METHOD_NAMES.get(contract.default_method, contract.default_method)
        sheet.text(MARGIN_IN, top + 0.18, method, TEXT_PT, color=SOFT)
        sheet.text(
            MARGIN_IN, top + 0.34, fitting(f"at {contract.default_layer}", TEXT_PT, NAMES_IN - 0.1), TEXT_PT, color=SOFT
        )
        for column, (look, label) in enumerate(zip(looks, truth, strict=True)):
            x = MARGIN_IN + NAMES_IN + column * (cell + 0.1)
            _face(sheet, Slot(x, top, cell, cell), look)
            said = look.prediction
            colour = RIGHT if said.emotion == label else WRONG
            words = (
                f"{said.emotion} {100 * said.confidence:.0f} %",
                "" if said.emotion == label else f"labelled {label}",
            )
            for line, text in enumerate(words):
                below = top + cell + 0.03 + 0.12 * line
                sheet.text(x, below, fitting(text, SMALL_PT, cell), SMALL_PT, color=colour)
    right = MARGIN_IN + NAMES_IN + len(truth) * (cell + 0.1)
    height = len(rows) * (cell + WORDS_IN) - WORDS_IN
    colour_bar(sheet, Slot(right, y + HEAD_IN, 0.1, height), heat_colours(), Normalize(0, 1), "#808080")


def _face(sheet: Sheet, slot: Slot, look: ComparedFace) -> None:
    axes = sheet.axes(slot)
    axes.imshow(grey_bgr(look.face, FINE)[:, :, 0], cmap=mpl.colormaps["gray"], vmin=0, vmax=255)
    if look.heat is not None:
        axes.imshow(enlarge(look.heat, FINE, FINE), heat_colours(), vmin=0, vmax=1)
