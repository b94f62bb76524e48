"""A face's frame and label: four corners that leave the face free, and a small plate that says what it shows.

┌─────────────────┐
│▌happy  67 %  1  │   emotion, percent, the face's number; a stripe at the chosen face's
│▌neutral 21      │   a second line: what heat speaks for, or the runner-up
└─────────────────┘
"""

from __future__ import annotations

from functools import lru_cache

from ..reading.smoothing import UNSURE, Shown
from ..types import UNREADABLE
from . import text as letters
from .canvas import Canvas, Colour
from .layout import Rect
from .patch import Patch
from .percent import percents
from .style import DIM, PANEL, PANEL_OPACITY, SOFT, WHITE, Sizes

SHADE: Colour = (0, 0, 0)
LEAST = 5
"""Percent from which on the runner-up is worth a line."""
LONGEST = 1024
"""Arms of a corner in pixels, at most: faces far larger than the picture must not cost more than it does."""


def corners(face: Rect, colour: Colour, sizes: Sizes) -> list[Patch]:
    """Four corner brackets with a dark rim, so that they show on light and dark skin alike."""
    stroke = _stroke(face, sizes)
    arm = min(LONGEST, max(3 * stroke, min(face.width, face.height) // 8))
    x1, y1 = face.right - arm, face.bottom - arm
    return [
        _bracket(arm, stroke, colour, flip_x, flip_y).patch(x1 if flip_x else face.x, y1 if flip_y else face.y)
        for flip_x in (False, True)
        for flip_y in (False, True)
    ]


def outline(face: Rect, film: Rect, colour: Colour, sizes: Sizes) -> list[Patch]:
    """The four sides of the chosen one among several faces, as far as they lie on the film.

    Args:
        face: its box, in pixels of the board.
        film: where the film lies on the board.
        colour: blue, green, red, 0–255.
        sizes: say how thick.
    """
    stroke = _stroke(face, sizes)
    sides = (
        Rect(face.x, face.y, face.width, stroke),
        Rect(face.x, face.bottom - stroke, face.width, stroke),
        Rect(face.x, face.y, stroke, face.height),
        Rect(face.right - stroke, face.y, stroke, face.height),
    )
    seen = [side.common(film) for side in sides]
    return [_line(side.width, side.height, colour).patch(side.x, side.y) for side in seen if side is not None]


def _stroke(face: Rect, sizes: Sizes) -> int:
    return max(1, min(sizes.stroke, face.width // 28))


@lru_cache(maxsize=64)
def _line(width: int, height: int, colour: Colour) -> Canvas:
    board = Canvas(width, height)
    board.box(0, 0, width, height, colour, 0.9)
    return board


def words_of(shown: Shown) -> str:
    """What the label says of a face: emotion and probability."""
    return f"{shown.label} {_percent(shown)}".rstrip()


def runner_up(shown: Shown) -> str:
    """The next class that a label might have named, with its percentage."""
    labels, shares = shown.reading.prediction.labels, percents(shown.probabilities)
    others = [number for number in range(len(labels)) if labels[number] != shown.label]
    best = max(others, key=shares.__getitem__, default=None)
    return "" if best is None or shares[best] < LEAST else f"{labels[best]} {shares[best]}"


def plate(shown: Shown, sizes: Sizes, second: str = "", stripe: Colour | None = None) -> Canvas:
    """The label: emotion, probability, the face's number, and whether its own neutral face is taken off.

    A second line and a stripe at its left are there if wanted.

    Args:
        shown: the face.
        sizes: of text.
        second: a line below; "" for none.
        stripe: colour of a stripe at its left; None for none.
    """
    number = str(shown.reading.face.track or "")
    return _plate(shown.label, _percent(shown), number, _own(shown), second, stripe, sizes)


def _own(shown: Shown) -> str:
    """Says that the person's own neutral face is taken off, or how much of it has been seen."""
    if shown.at_rest is None:
        return ""
    return "own" if shown.at_rest >= 1 else f"own {10 * int(10 * shown.at_rest)} %"


def _percent(shown: Shown) -> str:
    labels = shown.reading.prediction.labels
    if shown.label in (UNSURE, UNREADABLE) or shown.label not in labels:
        return ""
    return f"{percents(shown.probabilities)[labels.index(shown.label)]} %"


@lru_cache(maxsize=512)
def _plate(name: str, percent: str, number: str, own: str, second: str, stripe: Colour | None, sizes: Sizes) -> Canvas:
    small = max(10, round(sizes.title * 0.72))
    parts = [
        (name, sizes.title, WHITE, letters.SEMIBOLD),
        (percent, sizes.title, WHITE, letters.SEMIBOLD),
        (number, small, DIM, letters.REGULAR),
        (own, small, WHITE, letters.REGULAR),
    ]
    parts = [part for part in parts if part[0]]
    widths = [letters.advance(text, size, weight) for text, size, _, weight in parts]
    left = sizes.gap + (sizes.stroke if stripe else 0)
    wide = max(sum(widths) + sizes.gap * (len(widths) - 1), letters.advance(second, small))
    first, below = letters.line_height(sizes.title), letters.line_height(small) if second else 0
    board = Canvas(left + wide + sizes.gap, first + below + sizes.gap)
    board.panel(PANEL, PANEL_OPACITY, sizes.radius)
    if stripe:
        board.box(0, 0, sizes.stroke, board.height, stripe)
    x = left
    for (text, size, colour, weight), width in zip(parts, widths, strict=True):
        drop = round((sizes.title - size) * letters.ASCENT)
        board.text(x, sizes.gap // 2 + drop, text, size, colour, weight)
        x += width + sizes.gap
    board.text(left, sizes.gap // 2 + first, second, small, SOFT)
    return board


def plate_spots(face: Rect, width: int, height: int, gap: int) -> list[tuple[int, int]]:
    """Where a label may stand, relative to the face's upper left corner, the usual place first.

    Above and below the face, then beside it, then inside at its head and foot.

    Args:
        face: its box, in pixels.
        width: of the label.
        height: likewise.
        gap: between label and face.
    """
    right, middle = face.width - width, (face.width - width) // 2
    above, below, foot = -gap - height, face.height + gap, face.height - gap - height
    spots = [(x, y) for y in (above, below) for x in (0, right, middle)]
    spots += [(x, y) for x in (face.width + gap, -gap - width) for y in (0, foot, (face.height - height) // 2)]
    return spots + [(x, y) for y in (gap, foot) for x in (0, right, middle)]


@lru_cache(maxsize=256)
def _bracket(arm: int, stroke: int, colour: Colour, flip_x: bool, flip_y: bool) -> Canvas:
    board = Canvas(arm, arm)
    rim = max(1, stroke // 3)
    for inset, tint, opacity in ((0, SHADE, 0.55), (rim, colour, 1.0)):
        thick = stroke + 2 * rim - 2 * inset if inset == 0 else stroke
        reach = arm - 2 * inset
        board.box(inset, inset, reach, thick, tint, opacity)
        board.box(inset, inset + thick, thick, reach - thick, tint, opacity)
    board.sheet = board.sheet[:: -1 if flip_y else 1, :: -1 if flip_x else 1].copy()
    return board
