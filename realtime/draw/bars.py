"""Probability bars: a panel with one row a class, always in the model's order, and a small form for crowds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ..types import UNREADABLE, Floats
from . import text as letters
from .canvas import Canvas, Colour
from .style import DIM, PANEL, PANEL_OPACITY, SOFT, TRACK, WHITE, Sizes, colour_of


@dataclass(frozen=True, slots=True)
class _Columns:
    """The panel's measures in pixels: widths of its three columns and height of a row."""

    names: int
    length: int
    numbers: int
    row: int

    @classmethod
    def of(cls, labels: tuple[str, ...], sizes: Sizes) -> _Columns:
        names = max(letters.advance(label, sizes.text, letters.SEMIBOLD) for label in labels)
        numbers = letters.advance("100", sizes.text, letters.SEMIBOLD)
        return cls(names, round(sizes.text * 6), numbers, round(sizes.text * 1.7))


def bars(labels: tuple[str, ...], probabilities: Floats, said: str, sizes: Sizes) -> Canvas:
    """A row a class: name, bar, percent; the class that is said of the face in bold, none where it is unsure.

    Of a face that cannot be read the bars are pale: they mean nothing.
    """
    columns = _Columns.of(labels, sizes)
    board = _empty(labels, said, sizes).copy()
    x, thick = columns.names + 2 * sizes.gap, _thickness(sizes)
    for number, (label, probability) in enumerate(zip(labels, probabilities, strict=True)):
        y = sizes.gap + number * columns.row
        colour, weight = _emphasis(label == said)
        long = max(1.0, columns.length * float(probability))
        board.box(x, _bar_top(y, sizes), long, thick, DIM if said == UNREADABLE else colour_of(label, number))
        percent = f"{100 * probability:.0f}"
        right = x + columns.length + sizes.gap + columns.numbers - letters.advance(percent, sizes.text, weight)
        board.text(right, y, percent, sizes.text, colour, weight)
    return board


def small_bars(labels: tuple[str, ...], probabilities: Floats, width: int, height: int) -> Canvas:
    """Upright bars without words, a colour a class, for faces that have no room for more."""
    board = Canvas(width, height)
    board.panel(PANEL, PANEL_OPACITY)
    step = width / len(labels)
    for number, (label, probability) in enumerate(zip(labels, probabilities, strict=True)):
        high = max(1.0, float(probability) * height)
        board.box(
            round(number * step) + 1, height - round(high), max(1, round(step) - 2), high, colour_of(label, number)
        )
    return board


@lru_cache(maxsize=64)
def _empty(labels: tuple[str, ...], said: str, sizes: Sizes) -> Canvas:
    """The panel with names and tracks, which stay the same from frame to frame."""
    columns, gap = _Columns.of(labels, sizes), sizes.gap
    width = columns.names + columns.length + columns.numbers + 4 * gap
    board = Canvas(width, columns.row * len(labels) + 2 * gap - (columns.row - sizes.text) // 2)
    board.panel(PANEL, PANEL_OPACITY, sizes.radius)
    for number, label in enumerate(labels):
        y = gap + number * columns.row
        colour, weight = _emphasis(label == said)
        board.text(gap, y, label, sizes.text, colour, weight)
        board.box(columns.names + 2 * gap, _bar_top(y, sizes), columns.length, _thickness(sizes), TRACK)
    return board


def _emphasis(said: bool) -> tuple[Colour, int]:
    return (WHITE, letters.SEMIBOLD) if said else (SOFT, letters.REGULAR)


def _thickness(sizes: Sizes) -> int:
    return max(2, round(sizes.text * 0.8))


def _bar_top(y: int, sizes: Sizes) -> int:
    """Where a bar begins in a row at y, so that its middle is the middle of the small letters."""
    return y + round(sizes.text * (letters.ASCENT / 2 + 0.08)) - _thickness(sizes) // 2
