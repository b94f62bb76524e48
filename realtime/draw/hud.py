"""The status in a line for people or a table for engineers, the line that says what is going on, and the red dot."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ..view.scene import Status
from . import text as letters
from .canvas import Canvas
from .style import DIM, PANEL, PANEL_OPACITY, RED, SOFT, WHITE, Sizes

GAP = "  •  "
MOST_LINES = 4
"""Of a notice; what is longer is shortened."""
NAMES = ("source", "model", "runs on")
"""Rows of the table that say a name, which may be shortened; a figure that lacks its end is another figure."""


def people(faces: int) -> str:
    """How many faces, in words."""
    return {0: "no face", 1: "1 face"}.get(faces, f"{faces} faces")


def status_parts(status: Status, faces: int) -> list[str]:
    """What the line says, in its order."""
    rate = f"{status.fps:.0f} frames/s" if status.fps else ""
    late = "" if status.latency_s is None else f"{1000 * status.latency_s:.0f} ms delay"
    source = f"{status.source} {status.position}".strip()
    logs = "logging" if status.logging else ""
    return [part for part in (source, people(faces), logs, rate, late, status.model) if part]


def status_table(status: Status, faces: int) -> list[tuple[str, str]]:
    """What the table says, a row a figure: its name, and it with its unit."""
    late = "–" if status.latency_s is None else f"{1000 * status.latency_s:.0f} ms"
    rows = [
        ("source", f"{status.source} {status.position}".strip()),
        ("faces", str(faces)),
        ("log", "on" if status.logging else ""),
        ("shown", f"{status.fps:.1f} frames/s" if status.fps else "–"),
        ("delay", late),
        ("dropped", f"{status.dropped} frames" if status.dropped else ""),
        ("model", status.model),
        ("runs on", status.provider),
    ]
    rows += [(name, f"{1000 * seconds:.1f} ms") for name, seconds in status.stages_s.items()]
    return [(name, value) for name, value in rows if value]


def status_line(status: Status, faces: int, sizes: Sizes, room: int) -> Canvas:
    """The line, at most `room` pixels wide: what does not fit is left out from the end, then it is shortened.

    Args:
        status: what is told.
        faces: how many are in the picture.
        sizes: of text.
        room: width that it may have, in pixels.
    """
    return _line(tuple(status_parts(status, faces)), sizes, room)


@lru_cache(maxsize=16)
def _line(parts: tuple[str, ...], sizes: Sizes, room: int) -> Canvas:
    small = max(10, round(sizes.text * 0.88))
    inner = room - 2 * sizes.gap
    count = next((n for n in range(len(parts), 1, -1) if letters.advance(GAP.join(parts[:n]), small) <= inner), 1)
    line = letters.fit(GAP.join(parts[:count]), inner, small)
    board = Canvas(letters.advance(line, small) + 2 * sizes.gap, letters.line_height(small) + sizes.gap)
    board.panel(PANEL, PANEL_OPACITY, sizes.radius)
    board.text(sizes.gap, sizes.gap // 2, line, small, SOFT)
    return board


def status_panel(status: Status, faces: int, sizes: Sizes, room: tuple[int, int], most: int = 0) -> Canvas:
    """The table, at most as large as a room (width, height); the last rows are left out first.

    Args:
        status: what is told.
        faces: how many are in the picture.
        sizes: of text.
        room: width and height that it may have, in pixels.
        most: width that it may have where figures would be cut off otherwise, in pixels; 0 for no more than the room's.
    """
    return _table(tuple(status_table(status, faces)), sizes, room, max(room[0], most))


@lru_cache(maxsize=16)
def _table(rows: tuple[tuple[str, str], ...], sizes: Sizes, room: tuple[int, int], most: int) -> Canvas:
    figures = [value for name, value in rows if name not in NAMES]
    margins = 3 * sizes.gap

    def widths(size: int) -> tuple[int, int]:
        """Of the names and of the figures."""
        names = max(letters.advance(name, size) for name, _ in rows)
        return names, max((letters.advance(figure, size) for figure in figures), default=0)

    usual = max(10, round(sizes.text * 0.88))
    small = next((size for size in range(usual, 10, -1) if sum(widths(size)) + margins <= most), 10)
    row = round(small * 1.35)
    rows = rows[: max(1, (room[1] - 2 * sizes.gap) // row)]
    names, wide = widths(small)
    inner = max(1, room[0] - margins - names, min(wide, most - margins - names))
    values = [letters.fit(value, inner, small) for _, value in rows]
    wide = max(letters.advance(value, small) for value in values)
    board = Canvas(names + wide + margins, row * len(rows) + round(1.4 * sizes.gap))
    board.panel(PANEL, PANEL_OPACITY, sizes.radius)
    for number, ((name, _), value) in enumerate(zip(rows, values, strict=True)):
        y = sizes.gap * 0.7 + number * row
        board.text(sizes.gap, y, name, small, DIM)
        board.text(2 * sizes.gap + names, y, value, small, SOFT)
    return board


def recording_dot(sizes: Sizes) -> Canvas:
    """The red dot of a running recording."""
    edge = round(sizes.title * 0.9)
    board = Canvas(edge, edge)
    board.panel(RED, 1.0, edge // 2)
    return board


@lru_cache(maxsize=16)
def notice(text: str, sizes: Sizes, room: int) -> Canvas:
    """What is going on, wrapped into lines at most `room` pixels wide."""
    lines = wrapped(text, max(1, room - 4 * sizes.gap), sizes.title, letters.SEMIBOLD)
    wide = max(letters.advance(line, sizes.title, letters.SEMIBOLD) for line in lines) + 4 * sizes.gap
    row = letters.line_height(sizes.title)
    board = Canvas(wide, row * len(lines) + 2 * sizes.gap)
    board.panel(PANEL, 0.88, sizes.radius)
    for number, line in enumerate(lines):
        board.text(2 * sizes.gap, sizes.gap + number * row, line, sizes.title, WHITE, letters.SEMIBOLD)
    return board


def wrapped(text: str, width: int, size: int, weight: int = letters.REGULAR) -> Sequence[str]:
    """A text in lines at most `width` pixels wide, broken between words, or in a word that is wider by itself.

    Args:
        text: words with spaces between.
        width: of a line, in pixels.
        size: of the letters, in pixels.
        weight: of the font.
    """
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and letters.advance(longer, size, weight) <= width:
            lines[-1] = longer
        else:
            lines += _pieces(word, width, size, weight)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], letters.fit(" ".join(lines[MOST_LINES - 1 :]), width, size, weight)]
    return lines or [""]


def _pieces(word: str, width: int, size: int, weight: int) -> list[str]:
    pieces = [""]
    for sign in word:
        if pieces[-1] and letters.advance(pieces[-1] + sign, size, weight) > width:
            pieces.append("")
        pieces[-1] += sign
    return pieces
