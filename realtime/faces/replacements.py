"""Replacements: does another face suddenly stand where one stood, though the rest of the picture stays?

The tiles of a call change places, a guest takes a chair between two frames that a recorder kept. What the picture shows
in the place of each face is compared with what it showed there one frame before, at 16×16 points:

    r = Σ a·b / (‖a‖ ‖b‖ + n·s²)        a, b: the points' brightness about its mean;  s: two gray levels of noise

Between neighbouring frames a face that talks or walks keeps r far above `SAME_FACE`; whoever jumps may fall below,
which costs a look at the face and no more.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ..types import Face, Floats, Image, Raster, Rectangle
from .geometry import centre, distance, edge

POINTS = 16
SPAN = 1.2
"""Edge of the place in edges of the face."""
SAME_FACE = 0.4
NOISE = 2.0
STAYS = 0.15
"""How far a face may move, in its edges, before its place follows."""


class ReplacementDetector:
    """Compares the places of faces from picture to picture."""

    def __init__(self) -> None:
        self._places: dict[int, tuple[Face, Floats]] = {}
        self._replaced: set[int] = set()

    def any(self, picture: Raster) -> bool:
        """Whether any place shows something else than in the picture before; the pictures come in their order."""
        for track, (face, before) in self._places.items():
            now = _points(picture, face)
            self._places[track] = face, now
            if _likeness(before, now) < SAME_FACE:
                self._replaced.add(track)
        return bool(self._replaced)

    def take(self, picture: Raster, faces: Sequence[Face]) -> set[int]:
        """Tracks whose place showed something else since they were taken last.

        Args:
            picture: that `any` was asked about last.
            faces: that are seen in it, by track; their places are watched from now on.
        """
        places = {}
        for face in faces:
            before = self._places.get(face.track)
            if before is None or distance(before[0].box_xyxy, face.box_xyxy) > STAYS:
                before = face, _points(picture, face)
            places[face.track] = before
        self._places = places
        replaced, self._replaced = self._replaced & places.keys(), set()
        return replaced

    def reset(self) -> None:
        """Forgets all places."""
        self._places, self._replaced = {}, set()


def _points(picture: Raster, face: Face) -> Floats:
    """Brightness about its mean, (256,); nothing where the place lies outside the picture."""
    part = picture.pixels(_place(picture, face), gray=True)
    step = max(1, min(part.shape) // (2 * POINTS))
    small: Image = np.asarray(cv2.resize(part[::step, ::step], (POINTS, POINTS), interpolation=cv2.INTER_AREA))
    points = small.ravel().astype(np.float32)
    points -= points.mean()
    return points


def _place(picture: Raster, face: Face) -> Rectangle:
    """The part of a face's place that lies inside the picture, a pixel at least."""
    (x, y), half = centre(face.box_xyxy), SPAN * edge(face.box_xyxy) / 2
    left, right = (round(min(max(at, 0), picture.width)) for at in (x - half, x + half))
    top, bottom = (round(min(max(at, 0), picture.height)) for at in (y - half, y + half))
    left, top = min(left, picture.width - 1), min(top, picture.height - 1)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _likeness(a: Floats, b: Floats) -> float:
    energy_a, energy_b, noise = float(a @ a), float(b @ b), a.size * NOISE**2
    if max(energy_a, energy_b) <= noise:
        return 1.0
    return float(a @ b) / (float(np.sqrt(energy_a * energy_b)) + noise)
