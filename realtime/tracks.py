"""Identities: a face keeps its number from frame to frame, and gets it back when it was lost for a moment.

Each frame's faces are matched to the known tracks, best overlap first. Time is in seconds, never in frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from realtime.faces.geometry import boxes, overlaps
from realtime.types import Face

MEMORY_S = 1.0
MIN_OVERLAP = 0.2


@dataclass(slots=True)
class _Track:
    face: Face
    seen_s: float


class Tracker:
    """Gives each face the number of its track.

    Args:
        memory_s: how long a lost face keeps its number, in seconds.
    """

    def __init__(self, memory_s: float = MEMORY_S) -> None:
        self._memory_s = memory_s
        self._next = 1
        self._tracks: list[_Track] = []

    def expected(self, time_s: float) -> list[Face]:
        """Where the known faces should be at this time, lost ones included."""
        return [track.face for track in self._tracks if time_s - track.seen_s <= self._memory_s]

    def update(self, faces: Sequence[Face], time_s: float) -> list[Face]:
        """The faces of one frame with their numbers, oldest track first."""
        self._tracks = [track for track in self._tracks if time_s - track.seen_s <= self._memory_s]
        matches = self._matches(faces)
        for index, face in enumerate(faces):
            if index not in matches:
                self._tracks.append(_Track(replace(face, track=self._next), time_s))
                self._next += 1
            else:
                track = matches[index]
                track.face, track.seen_s = replace(face, track=track.face.track), time_s
        return [track.face for track in self._tracks if track.seen_s == time_s]

    def reset(self) -> None:
        """Forgets all faces; numbers go on."""
        self._tracks = []

    def _matches(self, faces: Sequence[Face]) -> dict[int, _Track]:
        table = overlaps(boxes([track.face for track in self._tracks]), boxes(faces))
        matches: dict[int, _Track] = {}
        while table.size and table.max() >= MIN_OVERLAP:
            row, column = np.unravel_index(table.argmax(), table.shape)
            matches[int(column)] = self._tracks[int(row)]
            table[row, :] = table[:, column] = 0
        return matches
