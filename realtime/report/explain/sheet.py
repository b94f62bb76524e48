"""A sheet of paper measured in inches from its upper left corner, so that panels line up exactly.

0 ──── x
│  ┌────────┐
y  │ panel  │ height
   └────────┘
     width
"""

from __future__ import annotations

import io
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from ...system.atomic import atomic_write
from ..letters import spell

DPI, POINTS_PER_INCH = 160, 72
INK, SOFT, FAINT = "#20242c", "#667080", "#d5d9e0"
TITLE_PT, HEAD_PT, TEXT_PT, SMALL_PT = 14.0, 10.5, 8.5, 6.5
STEADY: Any = {"svg.hashsalt": "emoscope", "svg.fonttype": "path", "pdf.fonttype": 42}
"""The same figure gives the same file."""
QUICK: dict[str, dict[str, Any]] = {"png": {"pil_kwargs": {"compress_level": 4}}}
"""What an image library is told: at its own level a PNG takes twice as long to be packed and is 7 % smaller."""
DATES: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
TOLD_AS = {"svg": "Description", "pdf": "Subject", "png": "Description"}
"""The field of a file's metadata that says how a figure was made."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A rectangle of the sheet, in inches from its upper left corner.

    Attributes:
        x: left edge.
        y: upper edge.
        width: in inches.
        height: likewise.
    """

    x: float
    y: float
    width: float
    height: float


class Sheet:
    """An empty white sheet of a size in inches.

    Args:
        width: in inches.
        height: in inches.
        told: how it was made, for the file's metadata.
    """

    def __init__(self, width: float, height: float, told: str = "") -> None:
        self.width, self.height, self.told = width, height, told
        self._figure = Figure((width, height), DPI, facecolor="white")
        FigureCanvasAgg(self._figure)

    def axes(self, slot: Slot) -> Axes:
        """Axes that fill a slot, without frame and ticks."""
        bottom = self.height - slot.y - slot.height
        place = (slot.x / self.width, bottom / self.height, slot.width / self.width, slot.height / self.height)
        axes = self._figure.add_axes(place, xticks=[], yticks=[])  # those of an axis that is off are made all the same
        axes.set_axis_off()
        return axes

    def text(self, x: float, y: float, text: str, size: float = TEXT_PT, **style: Any) -> None:
        """A line of text whose top stands at y.

        Args:
            x: of its left edge, in inches from the sheet's left.
            y: of its top, in inches from the sheet's top.
            text: one line.
            size: of the letters, in points.
            style: what else matplotlib is told.
        """
        style = {"parse_math": False, "color": INK, "va": "top", "ha": "left", **style}
        self._figure.text(x / self.width, 1 - y / self.height, text, fontsize=size, **style)

    def save(self, path: Path) -> None:
        """Writes the sheet in the format that the file's ending names; it appears only when it is whole.

        Raises:
            ResultError: the file cannot be written.
        """
        atomic_write(path, self.encoded(path.suffix.removeprefix(".")), "choose another folder with -o")

    def encoded(self, kind: str) -> bytes:
        """The sheet as a PNG, SVG or PDF file."""
        file = io.BytesIO()
        self.write(file, kind, metadata=self.told_to(kind))
        return file.getvalue()

    def told_to(self, kind: str) -> dict[str, Any]:
        """How it was made, as the metadata of a kind of file."""
        return {**DATES[kind], **({TOLD_AS[kind]: self.told} if self.told else {})}

    def write(self, file: Any, kind: str, **style: Any) -> None:
        """Draws the sheet into a file of a kind, or onto the next page of a PDF.

        Args:
            file: open for writing.
            kind: "png", "svg" or "pdf".
            style: what else matplotlib is told.
        """
        with mpl.rc_context(STEADY):
            spell(self._figure).savefig(file, format=kind, **QUICK.get(kind, {}), **style)


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a sheet, not yet drawn.

    Attributes:
        height: inches that it needs.
        draw: draws it into a slot.
        gap: inches to what stands below it.
    """

    height: float
    draw: Callable[[Sheet, Slot], None]
    gap: float


def bound(sheets: Sequence[Sheet]) -> bytes:
    """Sheets as the pages of one PDF file."""
    file = io.BytesIO()
    with mpl.rc_context(STEADY), PdfPages(file, metadata=sheets[0].told_to("pdf")) as pages:
        for sheet in sheets:
            sheet.write(pages, "pdf")
    return file.getvalue()


def fitting(text: str, size: float, width: float) -> str:
    """The text, its middle left out where it is wider than `width` inches; measured in bold, which is wider."""
    if width_of(text, size) <= width:
        return text
    kept = bisect_left(range(2, len(text)), True, key=lambda count: width_of(_shortened(text, count), size) > width)
    return _shortened(text, kept + 1)


def first_fitting(texts: Sequence[str], size: float, width: float) -> str:
    """The first of some texts that is no wider than `width` inches, else the last, its middle left out."""
    return next((text for text in texts if width_of(text, size) <= width), fitting(texts[-1], size, width))


def wrapped(text: str, size: float, width: float) -> list[str]:
    """The text as lines no wider than `width` inches, broken between words."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, size) > width * BOLDER:
            lines.append(word)
        else:
            lines[-1] = longer
    return [fitting(line, size, width * BOLDER) for line in lines]


BOLDER = 1.08
"""Widths are measured in bold letters, which are so much wider than the plain ones that lines are set in."""


def _shortened(text: str, kept: int) -> str:
    return f"{text[: (kept + 1) // 2]}…{text[len(text) - kept // 2 :]}"


@lru_cache(maxsize=4096)
def width_of(text: str, size: float) -> float:
    """Inches that a text takes in bold letters."""
    if not text.strip():
        return 0.0
    path = TextPath((0, 0), text.replace("$", "S"), prop=FontProperties(weight="bold", size=size))
    # The curves of a font reach no further than their points, and `get_extents` takes eleven times as long to say so.
    x = path.vertices[path.codes != TextPath.CLOSEPOLY, 0]
    return float(np.ptp(x)) / POINTS_PER_INCH
