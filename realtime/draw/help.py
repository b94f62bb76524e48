"""The table of keys over the picture, in as many columns and at the size that fit; groups are never torn apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import text as letters
from .canvas import Canvas
from .style import DIM, PANEL, SOFT, WHITE

Line = tuple[str, str]
"""A key and what it does; ("", title) heads a group, ("", "") parts two groups."""
Group = tuple[str, Sequence[Line]]
Column = list[Line]

LARGEST, SMALL, SMALLEST = 18, 10, 6
"""Font sizes in pixels; the small ones are set closer rather than smaller still."""
LOOSE, CLOSE = 1.5, 1.15
"""Height of a row, in font sizes."""
MOST_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class _Table:
    """The table set in one way."""

    size: int
    spacing: float
    columns: list[Column]

    @property
    def row(self) -> int:
        return round(self.size * self.spacing)

    @property
    def keys(self) -> int:
        return max(letters.advance(key, self.size, letters.SEMIBOLD) for column in self.columns for key, _ in column)

    @property
    def step(self) -> int:
        words = max(letters.advance(words, self.size) for column in self.columns for _, words in column)
        return self.keys + words + 3 * self.size

    @property
    def width(self) -> int:
        return self.step * len(self.columns) + self.size

    @property
    def height(self) -> int:
        return max(map(len, self.columns)) * self.row + 2 * self.size


def help_panel(groups: Sequence[Group], width: int, height: int) -> Canvas:
    """All keys, set as large as a picture of this size allows."""
    table = _largest(groups, width, height)
    board = Canvas(min(width, table.width), min(height, table.height))
    board.panel(PANEL, 0.95, table.size // 2)
    for number, column in enumerate(table.columns):
        for place, (key, words) in enumerate(column):
            x, y = table.size + number * table.step, table.size + place * table.row
            colour, weight = (SOFT, letters.REGULAR) if key else (DIM, letters.SEMIBOLD)
            board.text(x, y, key, table.size, WHITE, letters.SEMIBOLD)
            board.text(x + table.keys + table.size if key else x, y, words, table.size, colour, weight)
    return board


def _largest(groups: Sequence[Group], width: int, height: int) -> _Table:
    settings = [(size, LOOSE, True) for size in range(LARGEST, SMALL, -1)]
    for size in range(SMALL, SMALLEST - 1, -1):
        settings += [(size, LOOSE, True), (size, CLOSE, True), (size, CLOSE, False)]
    tables = (
        _Table(size, spacing, _columns(groups, count, parted))
        for size, spacing, parted in settings
        for count in range(1, MOST_COLUMNS + 1)
    )
    for table in tables:
        if table.width <= width and table.height <= height:
            break
    return table


def _columns(groups: Sequence[Group], count: int, parted: bool) -> list[Column]:
    """The groups in at most `count` columns, the longest as short as possible; with empty lines between if `parted`."""
    blocks = [[("", title), *rows] for title, rows in groups]
    depth = max(len(block) for block in blocks)
    while len(columns := _filled(blocks, depth, parted)) > count:
        depth += 1
    return columns


def _filled(blocks: Sequence[Column], depth: int, parted: bool) -> list[Column]:
    columns: list[Column] = [[]]
    for block in blocks:
        apart: Column = [("", "")] if columns[-1] and parted else []
        if columns[-1] and len(columns[-1]) + len(apart) + len(block) > depth:
            columns.append(list(block))
        else:
            columns[-1] += [*apart, *block]
    return columns
