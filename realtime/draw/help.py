"""The table of keys over the picture, in as many columns and at the size that fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from realtime.draw import text as letters
from realtime.draw.canvas import Canvas
from realtime.draw.style import DIM, PANEL, SOFT, WHITE

Line = tuple[str, str]
"""A key and what it does; ("", title) heads a group."""


@dataclass(frozen=True, slots=True)
class _Form:
    """One way of setting the table: font size and number of columns."""

    size: int
    columns: int

    @property
    def row(self) -> int:
        return round(self.size * 1.5)


def help_panel(groups: Sequence[tuple[str, Sequence[Line]]], width: int, height: int) -> Canvas:
    """All keys, set as large as a picture of this size allows (18 pixels at most, 7 at least)."""
    lines = [line for title, rows in groups for line in [("", title), *rows]]
    form = _best_form(lines, width, height)
    keys, words = _column(lines, form)
    depth = -(-len(lines) // form.columns)
    step = keys + words + 3 * form.size
    board = Canvas(min(width, step * form.columns + form.size), min(height, depth * form.row + 2 * form.size))
    board.panel(PANEL, 0.92, form.size // 2)
    for number, (key, words_) in enumerate(lines):
        x = form.size + number // depth * step
        y = form.size + number % depth * form.row
        _line(board, x, y, keys, key, words_, form.size)
    return board


def _line(board: Canvas, x: int, y: int, keys: int, key: str, words: str, size: int) -> None:
    if not key:
        board.text(x, y, words, size, DIM, letters.SEMIBOLD)
        return
    board.text(x, y, key, size, WHITE, letters.SEMIBOLD)
    board.text(x + keys + size, y, words, size, SOFT)


def _best_form(lines: Sequence[Line], width: int, height: int) -> _Form:
    forms = [_Form(size, columns) for size in range(18, 6, -1) for columns in (1, 2, 3, 4)]
    return next((form for form in forms if _fits(lines, form, width, height)), _Form(7, 4))


def _fits(lines: Sequence[Line], form: _Form, width: int, height: int) -> bool:
    keys, words = _column(lines, form)
    depth = -(-len(lines) // form.columns)
    wide = (keys + words + 3 * form.size) * form.columns + form.size
    return wide <= width and depth * form.row + 2 * form.size <= height


def _column(lines: Sequence[Line], form: _Form) -> tuple[int, int]:
    keys = max(letters.advance(key, form.size, letters.SEMIBOLD) for key, _ in lines)
    words = max(letters.advance(words, form.size, letters.REGULAR) for _, words in lines)
    return keys, words
