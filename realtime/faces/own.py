"""A detector of one's own: it is shown every picture whole, and its faces are numbered like any others.

    def detect(image):                      # (H, W, 3) BGR uint8
        return [(x0, y0, x1, y1, score)]    # boxes, or faces with eyes

The shipped detectors look close at faces that are known, and elsewhere now and then; what suits another detector,
nobody can say but who wrote it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..errors import EmoscopeError
from ..media.raster import raster_of
from ..types import Face, Image, Raster
from .finder import FaceFinder
from .geometry import sound

OwnDetector = Callable[[Image], Iterable[Any]]
"""(H, W, 3) BGR uint8 → its faces: each a `Face`, or a box x0, y0, x1, y1 in pixels with or without a score 0–1."""

EYE_X, EYE_Y = 0.27, 0.42
"""Where the eyes are in a box from chin to above the brows, in parts of its edges: medians of 900 FER2013 pictures,
in YuNet's boxes."""


class OwnFinder(FaceFinder):
    """Numbers the faces that a detector of one's own finds.

    Args:
        detector: see `OwnDetector`.
    """

    def __init__(self, detector: OwnDetector) -> None:
        super().__init__([], _Silent())
        self._detector = detector

    def find(self, image: Image | Raster, time_s: float) -> list[Face]:
        """See `FaceFinder.find`.

        Raises:
            EmoscopeError: the detector's answer is no list of faces or boxes.
        """
        picture = raster_of(image)
        self._ask(picture, time_s)
        answer = self._detector(picture.bgr)
        try:
            faces = [_face(found) for found in answer]
        except (TypeError, ValueError) as error:
            told = "faces, or boxes x0, y0, x1, y1 with or without a score"
            raise EmoscopeError(f"the detector's answer is not a list of {told}: {error}") from error
        longest = max(picture.width, picture.height)
        return self._tracker.update([face for face in faces if sound(face, longest)], time_s)


class _Silent:
    """Stands where a finder has a detector for close looks, and is never asked."""

    def detect(self, pictures: Sequence[Image]) -> list[list[Face]]:
        return [[] for _ in pictures]

    def close(self) -> None:
        """Holds nothing."""


def face_in_box(box: Sequence[float], score: float = 1.0) -> Face:
    """A face of which only the box is known: its eyes are where they usually are.

    Args:
        box: x0, y0, x1, y1 in pixels of the picture, from chin to above the brows.
        score: the detector's confidence, 0–1.
    """
    x0, y0, x1, y1 = (float(edge) for edge in box)
    y = y0 + EYE_Y * (y1 - y0)
    eyes = ((x0 + EYE_X * (x1 - x0), y), (x1 - EYE_X * (x1 - x0), y))
    return Face((x0, y0, x1, y1), eyes, score)


def _face(found: Any) -> Face:
    if isinstance(found, Face):
        return found
    numbers = [float(number) for number in found]
    if len(numbers) not in (4, 5) or not all(map(math.isfinite, numbers)):
        raise ValueError(f"{numbers} is no box")
    return face_in_box(numbers[:4], *numbers[4:])
