"""Replacements: does another face suddenly stand where one stood, though the rest of the picture stays?

The tiles of a call change places, a guest takes a chair between two frames that a recorder kept. What the picture shows
in the place of each face is compared with what it showed there one frame before, at 16×16 points, and where that is
something else, with what it shows where the face is now:

    r = Σ a·b / (‖a‖ ‖b‖ + n·s²)        a, b: the points' brightness about its mean;  s: two gray levels of noise

Between neighbouring frames of nine recordings of talking people r ≥ 0.83 in 999 of 1,000; between two people who are
put in the same place r ≤ 0.70, in half of 105 pairs below 0.1. Of somebody who walks or dances r is low in every frame,
and says nothing: only what was `CALM` is suddenly replaced.

Compared with what it showed when the face was measured, r also says whether that need be done again: where it is at
least `STILL`, and the face was slow, it lies where it lay.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from ..types import Face, Floats, Raster, Rectangle
from .geometry import centre, distance, edge

POINTS = 16
SPAN = 0.9
"""Edge of the place in edges of the face."""
SAME_FACE, CALM, STILL = 0.75, 0.85, 0.98
NOISE = 2.0
EVEN = POINTS**2 * NOISE**2
"""Energy of a place that shows noise alone."""
STAYS = 0.15
"""How far a face may move, in its edges, before its place follows."""


class ReplacementDetector:
    """Compares the places of faces from picture to picture."""

    def __init__(self) -> None:
        self._places: dict[int, _Place] = {}
        self._doubts: dict[int, _Place] = {}
        self._calm: set[int] = set()
        self._measured: dict[int, _Place] = {}

    def any(self, picture: Raster) -> bool:
        """Whether any place shows something else than in the picture before; the pictures come in their order."""
        for track, before in self._places.items():
            now = self._places[track] = _shown(picture, before.face, before.rectangle)
            likeness = _likeness(before, now)
            if likeness < SAME_FACE and track in self._calm:
                self._doubts.setdefault(track, before)
            (self._calm.add if likeness >= CALM else self._calm.discard)(track)
        return bool(self._doubts)

    def take(self, picture: Raster, faces: Sequence[Face], carried: Collection[int] = ()) -> set[int]:
        """Tracks whose place showed something else since they were taken last.

        Args:
            picture: that `any` was asked about last.
            faces: that are seen in it, by track; their places are watched from now on.
            carried: tracks of those that were not measured in it, but taken to be where they were.
        """
        places: dict[int, _Place] = {}
        replaced = set()
        for face in faces:
            place, doubt = self._places.get(face.track), self._doubts.get(face.track)
            if place is None or doubt is not None or distance(place.face.box_xyxy, face.box_xyxy) > STAYS:
                place = _shown(picture, face, _inside(picture, face))
            if doubt is not None and _likeness(doubt, place) < CALM:
                replaced.add(face.track)
            places[face.track] = place
        before = {track: place for track, place in self._measured.items() if track in carried}
        self._measured = {track: before.get(track, place) for track, place in places.items()}
        self._places, self._doubts = places, {}
        self._calm &= places.keys()
        return replaced

    def still(self) -> set[int]:
        """Tracks whose places show what they showed when the faces were measured; of an even place nothing is known."""
        pairs = ((track, self._measured[track], place) for track, place in self._places.items())
        return {track for track, one, other in pairs if one.energy > EVEN and _likeness(one, other) >= STILL}

    def reset(self) -> None:
        """Forgets all places."""
        self._places, self._doubts, self._calm, self._measured = {}, {}, set(), {}


class _Place(NamedTuple):
    """Where a face stood, and what was shown there.

    Attributes:
        face: as it was when the place was chosen.
        rectangle: the place, inside the picture.
        points: brightness about its mean, (256,).
        energy: of the points.
    """

    face: Face
    rectangle: Rectangle
    points: Floats
    energy: float


def _shown(picture: Raster, face: Face, rectangle: Rectangle) -> _Place:
    read = picture.points(2 * POINTS, 2 * POINTS, rectangle)
    points = cv2.resize(read, (POINTS, POINTS), interpolation=cv2.INTER_AREA).ravel().astype(np.float32)
    points -= points.sum() / points.size
    return _Place(face, rectangle, points, float(points @ points))


def _inside(picture: Raster, face: Face) -> Rectangle:
    """The part of a face's place that lies inside the picture, a pixel at least."""
    (x, y), half = centre(face.box_xyxy), SPAN * edge(face.box_xyxy) / 2
    left, right = (round(min(max(at, 0), picture.width)) for at in (x - half, x + half))
    top, bottom = (round(min(max(at, 0), picture.height)) for at in (y - half, y + half))
    left, top = min(left, picture.width - 1), min(top, picture.height - 1)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _likeness(a: _Place, b: _Place) -> float:
    if max(a.energy, b.energy) <= EVEN:
        return 1.0
    return float(a.points @ b.points) / (math.sqrt(a.energy * b.energy) + EVEN)
