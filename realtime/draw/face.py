"""A face's frame and label: four corners that leave the face free, and a small plate with its emotion."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ..reading.smoothing import UNSURE, Shown
from ..types import UNREADABLE
from . import text as letters
from .canvas import Canvas, Colour
from .layout import Rect
from .patch import Patch
from .style import DIM, PANEL, PANEL_OPACITY, WHITE, Sizes

SHADE: Colour = (0, 0, 0)
LONGEST = 1024
"""Arms of a corner in pixels, at most: faces far larger than the picture must not cost more than it does."""


def corners(face: Rect, colour: Colour, sizes: Sizes) -> list[Patch]:
    """Four corner brackets with a dark rim, so that they show on light and dark skin alike."""
    stroke = max(1, min(sizes.stroke, face.width // 28))
    arm = min(LONGEST, max(3 * stroke, min(face.width, face.height) // 8))
    x1, y1 = face.right - arm, face.bottom - arm
    return [
        _bracket(arm, stroke, colour, flip_x, flip_y).patch(x1 if flip_x else face.x, y1 if flip_y else face.y)
        for flip_x in (False, True)
        for flip_y in (False, True)
    ]


def words_of(shown: Shown) -> str:
    """What the label says of a face: emotion and probability."""
    return f"{shown.label} {_percent(shown)}".rstrip()


def plate(shown: Shown, sizes: Sizes) -> Canvas:
    """The label: emotion, probability, the face's number, and whether its own neutral face is taken off."""
    return _plate(shown.label, _percent(shown), str(shown.reading.face.track or ""), _own(shown), sizes)


def _own(shown: Shown) -> str:
    """Says that the person's own neutral face is taken off, or how much of it has been seen."""
    if shown.at_rest is None:
        return ""
    return "own" if shown.at_rest >= 1 else f"own {10 * int(10 * shown.at_rest)} %"


def _percent(shown: Shown) -> str:
    return "" if shown.label in (UNSURE, UNREADABLE) else f"{100 * shown.confidence:.0f} %"


@lru_cache(maxsize=256)
def _plate(name: str, percent: str, number: str, own: str, sizes: Sizes) -> Canvas:
    small = max(10, round(sizes.title * 0.72))
    parts = [
        (name, sizes.title, WHITE, letters.SEMIBOLD),
        (percent, sizes.title, WHITE, letters.SEMIBOLD),
        (number, small, DIM, letters.REGULAR),
        (own, small, WHITE, letters.REGULAR),
    ]
    parts = [part for part in parts if part[0]]
    widths = [letters.advance(text, size, weight) for text, size, _, weight in parts]
    board = Canvas(sum(widths) + sizes.gap * (len(widths) + 1), letters.line_height(sizes.title) + sizes.gap)
    board.panel(PANEL, PANEL_OPACITY, sizes.radius)
    x = sizes.gap
    for (text, size, colour, weight), width in zip(parts, widths, strict=True):
        drop = round((sizes.title - size) * letters.ASCENT)
        board.text(x, sizes.gap // 2 + drop, text, size, colour, weight)
        x += width + sizes.gap
    return board


Rects = Sequence[Rect]


def plate_place(
    face: Rect, board: Canvas, gap: int, skirt: int, avoid: tuple[Rects, Rects], size: tuple[int, int]
) -> Rect:
    """Above the face, else below it, else inside: at its top, its foot, under a panel that hangs into it.

    Where all that is taken, the place where it hides least.

    Args:
        skirt: height that is kept free under the face, for its small bars.
        avoid: other panels and labels, and other faces, which are rather covered than those.
    """
    above, below = face.y - gap - board.height, face.bottom + gap + skirt
    top, foot = max(face.y, 0) + gap, min(face.bottom, size[1]) - gap - board.height
    right, middle = face.right - board.width, face.x + (face.width - board.width) // 2
    spots = [(x, y) for y in (above, below) for x in (face.x, right)]
    spots += [(x, y) for y in (top, foot) for x in (face.x, right, middle)]
    spots = [(x, y) for x, y in spots if 0 <= y <= size[1] - board.height] or [(face.x, top)]
    choices = [Rect(x, y, board.width, board.height).moved_into(*size) for x, y in spots]
    around = _around([*choices, face])
    panels, faces = ([one for one in some if one.overlap(around)] for some in avoid)
    under = [Rect(x, one.bottom + gap, board.width, board.height) for one in panels for x in (face.x, right)]
    choices += [place.moved_into(*size) for place in under if top <= place.y <= foot]
    return min(choices, key=lambda place: (_shared(place, panels), _shared(place, faces)))


def _around(places: Rects) -> Rect:
    x, y = min(place.x for place in places), min(place.y for place in places)
    return Rect(x, y, max(place.right for place in places) - x, max(place.bottom for place in places) - y)


def _shared(place: Rect, others: Rects) -> int:
    return sum(place.overlap(other) for other in others)


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
