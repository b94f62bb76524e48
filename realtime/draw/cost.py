"""What it costs a panel to stand at a place:

panels it lies on · 6, and 0.5 for each  +  faces · 1 (their features · 3)  +  film · 0.6  +  how far from its face
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from .layout import Rect
from .stage import Stage
from .style import Sizes

ON_PANEL, ON_FACE, ON_FEATURES, ON_LABEL, ON_FILM, FAR, RANK = 6.0, 1.0, 2.0, 1.5, 0.6, 0.25, 0.004
"""What it costs when all of a panel lies on one of these; to be a board's height from its face; each later choice."""

TOUCHED = 0.5
"""What it costs to lie on a corner of another panel, however small: what is written there cannot be read."""

Cost = Callable[[Rect], float]


def cost_on(
    stage: Stage,
    sizes: Sizes,
    faces: Sequence[Rect],
    panels: Sequence[Rect],
    choices: Sequence[Rect],
    own: Rect | None = None,
) -> Cost:
    """What it costs a panel to stand at a place.

    Args:
        stage: the board, and the film on it.
        sizes: of text on it.
        faces: in pixels of the board.
        panels: what stands there already.
        choices: places in the order in which they are liked, all else being equal.
        own: the face that the panel speaks of, which it may hide rather than others, and is to be near; None for none.

    Returns:
        A function from a place to its cost: 0 is free, 1 about a panel that hides a face.
    """
    board, film = stage.board, stage.film
    if film == board:
        film = Rect(0, 0, 0, 0)  # there is nothing but film to stand on
    whole = [_Face.of(face, sizes, face == own) for face in faces]
    ranks = {place: RANK * number for number, place in reversed(list(enumerate(choices)))}

    def cost(place: Rect) -> float:
        area = place.area
        touched = [shared for panel in panels if (shared := place.overlap(panel))]
        lies = ON_PANEL * sum(touched) + TOUCHED * area * len(touched)
        x0, y0, x1, y1 = place.x, place.y, place.right, place.bottom
        for left, top, right, bottom, most, face, inner, head in whole:
            if x0 < right and left < x1 and y0 < bottom and top < y1:  # few do: asked hundreds of times a picture
                shared, named = place.overlap(face), place.overlap(head)
                hides = ON_FACE * shared + ON_FEATURES * (place.overlap(inner) if shared else 0)
                lies += (hides / max(1, min(area, most)) + ON_LABEL * named / area) * area
        lies += ON_FILM * place.overlap(film) + 100 * (area - place.overlap(board))
        far = FAR * own.distance(place) / board.height if own is not None else 0.0
        return lies / area + far + ranks.get(place, RANK * len(choices) / 2)

    return cost


class _Face(NamedTuple):
    """A face with its label: where both lie, how much of the face counts as much, and the parts."""

    left: int
    top: int
    right: int
    bottom: int
    most: int
    face: Rect
    features: Rect
    head: Rect

    @classmethod
    def of(cls, face: Rect, sizes: Sizes, own: bool) -> _Face:
        """Everything of a face, which is one's own or not."""
        head = _head(face, sizes)
        most = (1 if own else 3) * face.area
        return cls(face.x, head.y, face.right, face.bottom, most, face, _features(face), head)


def _features(face: Rect) -> Rect:
    """Brows to mouth: what must be seen of a face."""
    return Rect(face.x + face.width // 6, face.y + face.height // 5, face.width * 2 // 3, face.height * 2 // 3)


def _head(face: Rect, sizes: Sizes) -> Rect:
    """Where its label usually stands."""
    high = round(1.7 * sizes.title)
    return Rect(face.x, face.y - high, face.width, high)
