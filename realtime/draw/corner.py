"""Which corner the inset stands in: one where it hides no face or label, and the same one as long as that will do."""

from __future__ import annotations

from collections.abc import Sequence

from ..reading.smoothing import Shown
from ..view.scene import CORNERS
from .inset import inset_place
from .layout import Rect
from .style import Sizes

HIDES = 0.08
"""Part of the panel that must lie on faces before it looks for another corner."""
LABEL = 2
"""A pixel of a label counts for so many of a face."""
PATIENCE_S = 0.7
"""How long it must have done so; a face that passes by moves nothing."""


class Corner:
    """Remembers where the inset stands."""

    def __init__(self) -> None:
        self._corner = CORNERS[0]
        self._fine_at_s: float | None = None

    def choose(self, faces: Sequence[Shown], width: int, height: int, time_s: float) -> str:
        """The corner for a picture of this size at a moment; faces in its pixels."""
        hidden = {corner: _hidden(faces, corner, width, height) for corner in CORNERS}
        best = min(CORNERS, key=hidden.__getitem__)
        first = self._fine_at_s is None
        if hidden[self._corner] <= max(HIDES, hidden[best]) or (self._fine_at_s or 0) > time_s:
            self._fine_at_s = time_s
        elif first or time_s - (self._fine_at_s or 0) > PATIENCE_S:
            self._corner, self._fine_at_s = best, time_s
        return self._corner


def _hidden(faces: Sequence[Shown], corner: str, width: int, height: int) -> float:
    """Part of the panel that lies on faces and, counted more, on the usual places of their labels."""
    sizes = Sizes.of(width, height)
    place = inset_place(width, height, sizes, corner)
    boxes = [Rect.around(shown.reading.face.box_xyxy) for shown in faces]
    covered = sum(place.overlap(box) + LABEL * place.overlap(_label(box, sizes)) for box in boxes)
    return covered / (place.width * place.height)


def _label(face: Rect, sizes: Sizes) -> Rect:
    high = round(1.5 * sizes.title)
    return Rect(face.x, face.y - high, face.width, high)
