"""The strip for the mouse: a seek bar and a row of buttons, each of which stands for a key.

───────●──────────────────────────
pause  « 5 s  5 s »  view  layer …
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import isnan

from ..view.state import ViewState
from . import text as letters
from .canvas import Canvas
from .layout import Rect
from .style import PANEL, SOFT, TRACK, WHITE, Sizes

Button = tuple[str, str]
"""What is written on it, and the key that it stands for."""
SHORT, HANDLE = 0.5, 2
"""Height of the seek bar in font sizes; half the width of its handle in strokes."""


@dataclass(frozen=True, slots=True)
class Strip:
    """The strip set out in rows; places are relative to its upper left corner.

    Attributes:
        width: in pixels.
        height: in pixels.
        bar: place of the seek bar, or None where there is nothing to seek in.
        buttons: each with its place.
    """

    width: int
    height: int
    bar: Rect | None
    buttons: tuple[tuple[Button, Rect], ...]

    def key_at(self, x: float, y: float) -> str | None:
        """The key of the button under a point of the strip, or None."""
        return next((key for (_, key), place in self.buttons if place.holds(x, y)), None)

    def progress_at(self, x: float, y: float) -> float | None:
        """How far along the seek bar a point is, 0–1; None where it is not on the bar or near it."""
        if self.bar is None or not 0 <= y < self.bar.bottom + self.bar.height // 2:
            return None
        return min(1.0, max(0.0, (x - self.bar.x) / max(1, self.bar.width - 1)))


def buttons(state: ViewState, seekable: bool) -> tuple[Button, ...]:
    """What can be done by mouse alone."""
    moves: tuple[Button, ...] = (("− 5 s", "z"), ("+ 5 s", "x"), ("start", "backspace")) if seekable else ()
    return (
        ("play" if state.paused else "pause", "space"),
        *moves,
        ("view", "v"),
        ("inset size", "enter"),
        ("layer ↑", "k"),
        ("layer ↓", "j"),
        ("method", "t"),
        ("heat", "o"),
        ("next face", "tab"),
        ("snapshot", "s"),
        ("record", "r"),
        ("full screen", "f"),
        ("help", "h"),
    )


@lru_cache(maxsize=16)
def strip_of(row: tuple[Button, ...], room: int, seekable: bool, sizes: Sizes) -> Strip:
    """The buttons in as many rows as a width needs, the seek bar above them.

    Args:
        row: the buttons, from left to right.
        room: width that they may have, in pixels.
        seekable: whether the film can be gone through, so that a seek bar makes sense.
        sizes: of text.
    """
    gap, size = sizes.gap, sizes.text
    high, line = letters.line_height(size) + gap, max(6, round(SHORT * size))
    bar_height = line + gap if seekable else 0
    x, y, widest = gap, gap + bar_height, 0
    places: list[tuple[Button, Rect]] = []
    for button in row:
        wide = letters.advance(button[0], size) + 2 * gap
        if x + wide + gap > room and x > gap:
            x, y = gap, y + high + gap // 2
        places.append((button, Rect(x, y, wide, high)))
        x += wide + gap // 2
        widest = max(widest, x + gap // 2)
    width = min(room, widest)
    bar = Rect(gap, gap, width - 2 * gap, line) if seekable else None
    return Strip(width, y + high + gap, bar, tuple(places))


def strip_board(strip: Strip, progress: float, pointer: tuple[float, float], sizes: Sizes) -> Canvas:
    """The drawn strip.

    Args:
        strip: where its buttons are.
        progress: how far the film has come, 0–1, or NaN.
        pointer: where the mouse is, relative to the strip.
        sizes: of text.
    """
    board = _empty(strip, sizes).copy()
    for (words, _), place in strip.buttons:
        under = place.holds(*pointer)
        if under:
            board.box(place.x, place.y, place.width, place.height, TRACK)
        board.text(place.x + sizes.gap, place.y + sizes.gap // 2, words, sizes.text, WHITE if under else SOFT)
    if strip.bar is not None and not isnan(progress):
        bar, half = strip.bar, HANDLE * sizes.stroke
        board.box(bar.x, bar.y, max(1.0, bar.width * progress), bar.height, SOFT)
        x = bar.x + round((bar.width - 1) * progress)
        board.box(max(0, x - half // 2), bar.y - half // 2, half, bar.height + half, WHITE)
    return board


@lru_cache(maxsize=4)
def _empty(strip: Strip, sizes: Sizes) -> Canvas:
    board = Canvas(strip.width, strip.height)
    board.panel(PANEL, 0.9, sizes.radius)
    if strip.bar is not None:
        bar = strip.bar
        board.box(bar.x, bar.y, bar.width, bar.height, TRACK)
    return board
