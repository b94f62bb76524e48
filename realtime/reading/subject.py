"""Whom the inset speaks of: the face that was chosen, else the largest, and that one as long as it stays."""

from __future__ import annotations

from collections.abc import Sequence

from ..types import Face
from ..view.scene import Shown
from ..view.state import NOBODY


class Subject:
    """Remembers the face it picked last, so that the inset does not jump between two faces of like size."""

    def __init__(self) -> None:
        self._track = NOBODY

    def pick(self, faces: Sequence[Face], wanted: int = NOBODY) -> int | None:
        """Number of the face to speak of, or None where there is none.

        Args:
            faces: all faces of the picture.
            wanted: track number that the user chose, or NOBODY.
        """
        if not faces:
            return None
        tracks = [face.track for face in faces]
        for track in (wanted, self._track):
            if track != NOBODY and track in tracks:
                return self._keep(tracks, tracks.index(track))
        return self._keep(tracks, max(range(len(faces)), key=lambda number: _area(faces[number])))

    def _keep(self, tracks: list[int], number: int) -> int:
        self._track = tracks[number]
        return number


def left_to_right(faces: Sequence[Shown]) -> tuple[int, ...]:
    """Track numbers in the order of their faces from left to right."""
    ordered = sorted(faces, key=lambda shown: shown.reading.face.box_xyxy[0])
    return tuple(shown.reading.face.track for shown in ordered)


def _area(face: Face) -> float:
    x0, y0, x1, y1 = face.box_xyxy
    return (x1 - x0) * (y1 - y0)
