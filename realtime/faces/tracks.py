"""Identities: a face keeps its number from frame to frame, and gets it back when it was lost for a moment.

A face is the one that was near before: its centre within a reach, its size alike. The reach is in edges of the face
and grows with the time since it was seen, up to a limit. Pairs are made nearest first. A face that a detector misses
for a frame or two is shown where it was, so that nothing blinks. One that hardly moves need not be measured in every
frame. Time is in seconds, never in frames.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..types import Face
from .geometry import distance, edge, mirrored
from .one_euro import MIN_STEP_S, OneEuroFilter

MEMORY_S, MEMORY_LOOKS = 1.5, 2.5
"""How long a lost face keeps its number: so many seconds, and so many looks where they lie further apart."""
HOLD_S = 0.1
REACH, REACH_PER_S, MAX_REACH = 0.6, 4.0, 2.0
MAX_RATIO = 1.8
SLOW, UNMEASURED_S = 0.1, 0.12
"""Speed in edges a second, below which a face may be taken to be where it was, and for how long."""


@dataclass(slots=True)
class _Track:
    """Where a face was seen last: as measured, and as shown.

    Attributes:
        measured: as it was measured last.
        shown: the same, steadied.
        filter: that steadies it.
        born_s: when it was seen first.
        seen_s: when it was seen last, measured or not.
        measured_s: when it was measured last.
        speed: between the last two measurements, in edges a second.
    """

    measured: Face
    shown: Face
    filter: OneEuroFilter
    born_s: float
    seen_s: float
    measured_s: float
    speed: float = math.inf

    def is_shown(self, time_s: float) -> bool:
        """Whether the face was seen now, or is known well enough to be shown where it was a moment ago."""
        well_known = self.seen_s - self.born_s >= HOLD_S
        return self.seen_s == time_s or (well_known and time_s - self.seen_s <= HOLD_S)

    def reach(self, time_s: float) -> float:
        """How far it may have moved by now, in edges."""
        return min(MAX_REACH, REACH + REACH_PER_S * (time_s - self.seen_s))

    def see(self, face: Face, time_s: float) -> None:
        """Takes note that the face was seen again; where it was measured, the face is another than `measured`."""
        self.seen_s = time_s
        if face is self.measured:
            return
        elapsed_s, self.measured_s = max(time_s - self.measured_s, MIN_STEP_S), time_s
        self.speed = distance(face.box_xyxy, self.measured.box_xyxy) / elapsed_s
        self.measured = replace(face, track=self.measured.track)
        self.shown = self.filter.update(self.measured, time_s)


class Retention:
    """How long a lost face keeps its number, whatever time lies between two looks."""

    def __init__(self) -> None:
        self._looked_s = math.inf

    def look(self, time_s: float) -> None:
        """Takes note of a look at this time."""
        self._looked_s = time_s

    def holds(self, seen_s: float, time_s: float) -> bool:
        """Whether a face that was seen then is still known now."""
        return time_s - seen_s <= max(MEMORY_S, MEMORY_LOOKS * (time_s - self._looked_s))


class Tracker:
    """Gives each face the number of its track and a box that does not shake."""

    def __init__(self) -> None:
        self._memory = Retention()
        self._last = 0
        self._tracks: list[_Track] = []

    def known(self, time_s: float) -> list[Face]:
        """The faces that have a number, oldest first, lost ones included, where they were measured last."""
        self._tracks = [track for track in self._tracks if self._memory.holds(track.seen_s, time_s)]
        return [track.measured for track in self._tracks]

    def seen(self, time_s: float) -> list[Face]:
        """Those of the known faces that were measured in the frame of this time."""
        return [track.measured for track in self._tracks if track.seen_s == time_s]

    def slow(self, time_s: float) -> set[int]:
        """Numbers of the faces that hardly move and were measured a moment ago."""
        tracks = (track for track in self._tracks if time_s - track.measured_s < UNMEASURED_S)
        return {track.measured.track for track in tracks if track.speed < SLOW}

    def update(self, faces: Sequence[Face], time_s: float) -> list[Face]:
        """The faces of one frame, steadied and numbered, oldest number first.

        Args:
            faces: as measured, each person once; of those that are taken to be where they were, what `known` gave.
            time_s: the frame's time, later than that of the frame before.
        """
        self.known(time_s)
        self._memory.look(time_s)
        pairs = dict(self._pairs(faces, time_s))
        for index, face in enumerate(faces):
            if index in pairs:
                pairs[index].see(face, time_s)
            else:
                self._tracks.append(self._new(face, time_s))
        return [track.shown for track in self._tracks if track.is_shown(time_s)]

    def add(self, faces: Sequence[Face], time_s: float) -> None:
        """Further faces of the frame that was updated last: lost ones that were found after all, and new ones.

        Args:
            faces: as measured, none of those that were seen.
            time_s: the frame's time.
        """
        if not faces:
            return
        seen = [track for track in self._tracks if track.seen_s == time_s]
        self._tracks = [track for track in self._tracks if track.seen_s != time_s]
        self.update(faces, time_s)
        self._tracks = sorted([*seen, *self._tracks], key=lambda track: track.measured.track)

    def mirror(self, width: float) -> None:
        """Takes note that the pictures, `width` pixels wide, are flipped left to right from now on."""
        for track in self._tracks:
            track.measured, track.shown = mirrored(track.measured, width), mirrored(track.shown, width)
            track.filter = OneEuroFilter(track.shown, track.seen_s)

    def reset(self) -> None:
        """Forgets all faces; numbers are not given twice."""
        self._tracks = []

    def _new(self, face: Face, time_s: float) -> _Track:
        self._last += 1
        numbered = replace(face, track=self._last)
        return _Track(numbered, numbered, OneEuroFilter(numbered, time_s), time_s, time_s, time_s)

    def _pairs(self, faces: Sequence[Face], time_s: float) -> Iterator[tuple[int, _Track]]:
        """(number of the face, its track), nearest first, each once."""
        near = []
        for number, track in enumerate(self._tracks):
            reach = track.reach(time_s)
            for index, face in enumerate(faces):
                apart = distance(face.box_xyxy, track.measured.box_xyxy)
                if apart < reach and _alike(face, track.measured):
                    near.append((apart, index, number))
        paired: set[tuple[str, int]] = set()
        for _, index, number in sorted(near):
            if paired.isdisjoint((("face", index), ("track", number))):
                paired |= {("face", index), ("track", number)}
                yield index, self._tracks[number]


def _alike(face: Face, other: Face) -> bool:
    """Whether two faces are about as large."""
    ratio = edge(face.box_xyxy) / max(edge(other.box_xyxy), 1e-9)
    return 1 / MAX_RATIO < ratio < MAX_RATIO
