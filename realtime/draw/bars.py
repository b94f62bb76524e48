"""Probability bars: a panel with one row a class, always in the model's order, and a small form for crowds."""

from __future__ import annotations

from realtime.draw import text as letters
from realtime.draw.canvas import Canvas
from realtime.draw.style import PANEL, PANEL_OPACITY, SOFT, TRACK, WHITE, Sizes, colour_of
from realtime.types import Floats


def bars(labels: tuple[str, ...], probabilities: Floats, sizes: Sizes) -> Canvas:
    """A row a class: name, bar, percent; the largest in bold."""
    row, gap = round(sizes.text * 1.7), sizes.gap
    names = max(letters.advance(label, sizes.text, letters.SEMIBOLD) for label in labels)
    numbers = letters.advance("100", sizes.text, letters.SEMIBOLD)
    length = round(sizes.text * 6)
    board = Canvas(names + length + numbers + 4 * gap, row * len(labels) + 2 * gap - (row - sizes.text) // 2)
    board.panel(PANEL, PANEL_OPACITY, sizes.radius)
    best = int(probabilities.argmax())
    for number, (label, probability) in enumerate(zip(labels, probabilities, strict=True)):
        _row(board, gap + number * row, (names, length, numbers), (label, float(probability)), number, best, sizes)
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


def _row(
    board: Canvas,
    y: int,
    columns: tuple[int, int, int],
    value: tuple[str, float],
    number: int,
    best: int,
    sizes: Sizes,
) -> None:
    names, length, numbers = columns
    label, probability = value
    bold = number == best
    colour, weight = (WHITE, letters.SEMIBOLD) if bold else (SOFT, letters.REGULAR)
    board.text(sizes.gap, y, label, sizes.text, colour, weight)
    x, thick = names + 2 * sizes.gap, max(2, round(sizes.text * 0.8))
    top = y + round(sizes.text * letters.ASCENT / 2 + sizes.text * 0.08) - thick // 2
    board.box(x, top, length, thick, TRACK)
    board.box(x, top, max(1.0, length * probability), thick, colour_of(label, number))
    percent = f"{100 * probability:.0f}"
    right = x + length + sizes.gap + numbers - letters.advance(percent, sizes.text, weight)
    board.text(right, y, percent, sizes.text, colour, weight)
