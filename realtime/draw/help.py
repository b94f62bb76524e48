"""The table of keys over the picture, in as many columns and at the size that fit; groups are never torn apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from realtime.draw import text as letters
from realtime.draw.canvas import Canvas
from realtime.draw.style import DIM, PANEL, SOFT, WHITE

Line = tuple[str, str]
"""A key and what it does; ("", title) heads a group, ("", "") parts two groups."""
Group = tuple[str, Sequence[Line]]
Column = list[Line]

LARGEST, SMALLEST = 18, 7
"""Font sizes in pixels."""
MOST_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class _Table:
    """The table set in one way."""

    size: int
    columns: list[Column]

    @property
    def row(self) -> int:
        return round(self.size * 1.5)

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
    tables = [
        _Table(size, _columns(groups, count))
        for size in range(LARGEST, SMALLEST - 1, -1)
        for count in range(1, MOST_COLUMNS + 1)
    ]
    return next((table for table in tables if table.width <= width and table.height <= height), tables[-1])


def _columns(groups: Sequence[Group], count: int) -> list[Column]:
    """The groups in at most `count` columns, the longest as short as possible."""
    blocks = [[("", title), *rows] for title, rows in groups]
    depth = max(len(block) for block in blocks)
    while len(columns := _filled(blocks, depth)) > count:
        depth += 1
    return columns


def _filled(blocks: Sequence[Column], depth: int) -> list[Column]:
    columns: list[Column] = [[]]
    for block in blocks:
        apart: Column = [("", "")] if columns[-1] else []
        if columns[-1] and len(columns[-1]) + len(apart) + len(block) > depth:
            columns.append(list(block))
        else:
            columns[-1] += [*apart, *block]
    return columns
