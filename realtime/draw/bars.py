"""The chosen face's panel: a row a class, named and measured, always in the model's order.

    ┌──────────────────────────┐
    │ face 1                   │   header
    │ 1 angry    ▬▬         12 │   the number that explains the class, its name, bar and percent
    │ 2 fear     ▬▬▬▬▬▬▬    67 │   bold: what the label says;  ▶ the class that heat speaks for
    │   valence          −0.20 │   what else the network says
    │ smoothed over 0.3 s      │   footer
    └──────────────────────────┘

Where there is no room the panel gives up its bars, then header and footer, then the least probable rows, never words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil, nan
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from ..types import UNREADABLE, Floats, number_text
from . import text as letters
from .canvas import Canvas, Colour
from .layout import Rect, bounds
from .patch import Since
from .percent import finite, percents
from .style import DIM, PANEL, PANEL_OPACITY, SOFT, TRACK, WHITE, Sizes, colour_of

LONGEST, SHORTEST = 6.0, 1.8
"""Length of a full bar, in font sizes."""
EXPLAINED = "▶"
KEPT = 4
"""Panels that are kept while their words stand."""


@dataclass(frozen=True, slots=True)
class Form:
    """How much a panel shows.

    Attributes:
        length: of a full bar in pixels, 0 for none.
        rows: how many classes, the most probable ones where not all.
        header: whether it names its face.
        footer: whether it says how the numbers are smoothed.
        keys: whether classes have their numbers.
        numbers: names of what else the network says, each with a row of its own behind the classes.
    """

    length: int
    rows: int
    header: bool
    footer: bool
    keys: bool
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caption:
    """What a panel says beside the probabilities.

    Attributes:
        label: the class that is said of the face, or "unsure".
        name: of the face.
        note: the footer.
        explained: the class that heat speaks for, "" for none.
    """

    label: str
    name: str = ""
    note: str = ""
    explained: str = ""


@dataclass(frozen=True, slots=True)
class _Columns:
    """The panel's measures in pixels: where its columns begin and how wide they are."""

    key: int
    names: int
    numbers: int
    row: int
    small: int

    @classmethod
    def of(cls, labels: tuple[str, ...], form: Form, sizes: Sizes) -> _Columns:
        small = max(10, round(sizes.text * 0.8))
        key = letters.advance("9", small) + sizes.gap if form.keys else 0
        names = max(letters.advance(label, sizes.text, letters.SEMIBOLD) for label in (*labels, *form.numbers))
        numbers = letters.advance("−0.00" if form.numbers else "100", sizes.text, letters.SEMIBOLD)
        return cls(key, names, numbers, round(sizes.text * 1.55), small)

    def width(self, form: Form, gap: int) -> int:
        bar = form.length + gap if form.length else 0
        return self.key + self.names + bar + self.numbers + 3 * gap

    def height(self, form: Form, sizes: Sizes) -> int:
        lines = letters.line_height(self.small) + sizes.gap // 2
        loose = self.row - letters.line_height(sizes.text)
        return self.row * (form.rows + len(form.numbers)) - loose + 2 * sizes.gap + lines * (form.header + form.footer)


@lru_cache(maxsize=64)
def form_for(
    labels: tuple[str, ...], sizes: Sizes, room: tuple[int, int], keys: bool, numbers: tuple[str, ...] = ()
) -> Form:
    """The fullest form that fits into a room (width, height); at the least the names and numbers of one class.

    Args:
        labels: class names, in the model's order.
        sizes: of text.
        room: width and height that the panel may have, in pixels.
        keys: whether the digits that explain a class may stand beside it.
        numbers: names of what else the network says.
    """
    longest, shortest = round(LONGEST * sizes.text), round(SHORTEST * sizes.text)
    many = len(labels)
    full = Form(longest, many, True, True, keys, numbers)
    forms = [replace(full, length=length) for length in range(longest, shortest - 1, -max(1, sizes.text // 2))]
    forms += [replace(full, length=length, header=False, footer=False) for length in (longest, shortest)]
    forms += [replace(full, length=0, header=False, footer=False, keys=False)]
    forms += [replace(full, length=length, header=False, footer=False, numbers=()) for length in (longest, shortest)]
    forms += [Form(0, many, False, False, False)]
    forms += [Form(0, rows, False, False, False) for rows in range(many - 1, 0, -1)]
    return next((form for form in forms if _fits(labels, form, sizes, room)), forms[-1])


def _fits(labels: tuple[str, ...], form: Form, sizes: Sizes, room: tuple[int, int]) -> bool:
    width, height = bars_size(labels, form, sizes)
    return width <= room[0] and height <= room[1]


@lru_cache(maxsize=64)
def bars_size(labels: tuple[str, ...], form: Form, sizes: Sizes) -> tuple[int, int]:
    """Width and height of a panel in pixels."""
    columns = _Columns.of(labels, form, sizes)
    return columns.width(form, sizes.gap), columns.height(form, sizes)


def bars(
    labels: tuple[str, ...],
    probabilities: Floats,
    said: Caption,
    form: Form,
    sizes: Sizes,
    numbers: Mapping[str, float] = MappingProxyType({}),
) -> Canvas:
    """The panel; the class that is said of the face in bold, none where it is unsure.

    Of a face that cannot be read the bars are pale: they mean nothing.

    Args:
        labels: class names, in the model's order.
        probabilities: (K,), in the same order.
        said: what stands beside them.
        form: what fits; see `form_for`.
        sizes: of text.
        numbers: what else the network says, by name; those of the form are shown.
    """
    shown, whole = _shown(probabilities, form), percents(probabilities)
    shares = finite(probabilities).clip(0, 1).tolist()
    rows = [_Row(max(1.0, form.length * shares[number]), str(whole[number])) for number in shown]
    rows += [_Row(0.0, number_text(numbers.get(name, nan))) for name in form.numbers]
    return _panel(labels, shown, said, form, sizes).drawn(tuple(rows))


class _Row(NamedTuple):
    """What changes in a row: the length of its bar in pixels, and its number."""

    long: float
    number: str


class _Panel:
    """A panel whose words stay; remembers what was drawn last, and draws only rows that have changed since."""

    def __init__(
        self, labels: tuple[str, ...], shown: tuple[int, ...], said: Caption, form: Form, sizes: Sizes
    ) -> None:
        self._empty = _empty(labels, shown, said, form, sizes)
        columns = _Columns.of(labels, form, sizes)
        self._left, self._right = sizes.gap + columns.key + columns.names + sizes.gap, self._empty.width - sizes.gap
        self._top, self._step, self._sizes, self._bars = _top(form, columns, sizes), columns.row, sizes, form.length > 0
        pale = said.label == UNREADABLE
        self._looks = [(DIM if pale else colour_of(labels[n], n), *_emphasis(labels[n] == said.label)) for n in shown]
        self._looks += [(DIM, SOFT, letters.REGULAR)] * len(form.numbers)
        self._last: tuple[Canvas, tuple[_Row, ...]] = self._empty, ()

    def drawn(self, rows: tuple[_Row, ...]) -> Canvas:
        """The panel with these rows; nobody may write to it."""
        last, before = self._last
        if rows == before:
            return last
        board, changed = last.copy(), []
        for place, row in enumerate(rows):
            if not before or row != before[place]:
                changed.append(self._redrawn(board, place, row, before[place] if before else None))
        board.sheet.flags.writeable = False
        board.since = Since(last.sheet, bounds(changed)) if before else None
        self._last = board, rows
        return board

    def _redrawn(self, board: Canvas, place: int, row: _Row, before: _Row | None) -> Rect:
        """Draws a row anew; where it has changed."""
        y = self._top + place * self._step
        tint, colour, weight = self._looks[place]
        high, right = letters.line_height(self._sizes.text), self._right
        if before is not None and row.number == before.number:
            right = min(right, self._left + ceil(max(row.long, before.long)))
        part = slice(y, y + high), slice(self._left, right)
        board.sheet[part] = self._empty.sheet[part]
        if self._bars and row.long:
            board.box(self._left, _bar_top(y, self._sizes), row.long, _thickness(self._sizes), tint)
        if right == self._right:
            _right(board, y, row.number, self._sizes, colour, weight)
        return Rect(self._left, y, right - self._left, high)


def _right(board: Canvas, y: int, text: str, sizes: Sizes, colour: Colour, weight: int) -> None:
    board.text(board.width - sizes.gap - letters.advance(text, sizes.text, weight), y, text, sizes.text, colour, weight)


def class_at(
    x: float, y: float, place: Rect, labels: tuple[str, ...], probabilities: Floats, form: Form, sizes: Sizes
) -> int | None:
    """The class whose row a point of the board lies in, or None.

    Args:
        x: of the board, in pixels.
        y: likewise.
        place: of the panel on the board.
        labels: class names, in the model's order.
        probabilities: (K,) that the panel shows: where there is no room for all classes, they decide which have a row.
        form: of the panel.
        sizes: of text.

    Returns:
        The class's number.
    """
    if not place.holds(x, y):
        return None
    columns, shown = _Columns.of(labels, form, sizes), _shown(probabilities, form)
    row = int((y - place.y - _top(form, columns, sizes) + columns.row / 6) // columns.row)
    return shown[row] if 0 <= row < len(shown) else None


def _shown(probabilities: Floats, form: Form) -> tuple[int, ...]:
    """The classes that have a row, in the model's order."""
    if form.rows >= len(probabilities):
        return tuple(range(len(probabilities)))
    best = np.argsort(-np.asarray(probabilities), kind="stable")[: form.rows]
    return tuple(sorted(int(number) for number in best))


@lru_cache(maxsize=KEPT)
def _panel(labels: tuple[str, ...], shown: tuple[int, ...], said: Caption, form: Form, sizes: Sizes) -> _Panel:
    return _Panel(labels, shown, said, form, sizes)


def _empty(labels: tuple[str, ...], shown: tuple[int, ...], said: Caption, form: Form, sizes: Sizes) -> Canvas:
    """The panel with what stays the same from frame to frame: words and tracks."""
    columns, gap = _Columns.of(labels, form, sizes), sizes.gap
    board = Canvas(*bars_size(labels, form, sizes))
    board.panel(PANEL, PANEL_OPACITY, sizes.radius)
    inner = board.width - 2 * gap
    if form.header:
        board.text(gap, gap // 2 + 1, letters.fit(said.name, inner, columns.small), columns.small, SOFT)
    if form.footer:
        y = board.height - letters.line_height(columns.small) - gap // 2
        board.text(gap, y, letters.fit(said.note, inner, columns.small), columns.small, DIM)
    for place, number in enumerate(shown):
        label, y = labels[number], _top(form, columns, sizes) + place * columns.row
        colour, weight = _emphasis(label == said.label)
        if form.keys:
            _key(board, number, label == said.explained, y, columns, sizes)
        board.text(gap + columns.key, y, label, sizes.text, colour, weight)
        if form.length:
            x = gap + columns.key + columns.names + gap
            board.box(x, _bar_top(y, sizes), form.length, _thickness(sizes), TRACK)
    for place, name in enumerate(form.numbers, len(shown)):
        y = _top(form, columns, sizes) + place * columns.row
        board.text(gap + columns.key, y, name, sizes.text, SOFT)
    return board


def _key(board: Canvas, number: int, explained: bool, y: int, columns: _Columns, sizes: Sizes) -> None:
    """The digit that explains a class; the class that is explained stands out."""
    drop = round((sizes.text - columns.small) * letters.ASCENT)
    colour, weight = (WHITE, letters.BOLD) if explained else (DIM, letters.REGULAR)
    sign = str(number + 1) if number < 9 else "·"
    board.text(sizes.gap, y + drop, EXPLAINED if explained else sign, columns.small, colour, weight)


def _top(form: Form, columns: _Columns, sizes: Sizes) -> int:
    """Where the first row begins."""
    return sizes.gap + (letters.line_height(columns.small) + sizes.gap // 2 if form.header else 0)


def _emphasis(said: bool) -> tuple[Colour, int]:
    return (WHITE, letters.SEMIBOLD) if said else (SOFT, letters.REGULAR)


def _thickness(sizes: Sizes) -> int:
    return max(2, round(sizes.text * 0.7))


def _bar_top(y: int, sizes: Sizes) -> int:
    """Where a bar begins in a row at y, so that its middle is the middle of the small letters."""
    return y + round(sizes.text * (letters.ASCENT / 2 + 0.08)) - _thickness(sizes) // 2
