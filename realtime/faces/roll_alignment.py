"""Roll alignment: which way is up in each ROI?

YuNet draws the eyes level where the head is not (a head tilted by 31° gets eyes tilted by 3°), and beyond 45° it loses
the face. BlazeFace sees tilt up to 90°, but places eyes less exactly. So BlazeFace says now and then how far a head is
tilted, the ROI is turned by that, and YuNet measures a face that is upright in it.

Faces take turns, at so many looks a second altogether: what it costs does not depend on their number. One whose box and
eyes are where they were at the last look, by `MOVED`, `GROWN` and `ROLLED`, is left out for `LONGEST_S`: YuNet sees
little of how a head tilts, but that it moves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..types import Face, Raster
from .detector import Detector
from .geometry import distance, edge, nearest, roll
from .looks import TILT, Look, take

PER_S = 6.0
LONGEST_S = 1.0
MOVED, GROWN, ROLLED = 0.05, 1.05, math.radians(2)
"""In edges of the face, as the ratio of two edges, and as an angle."""


class RollAligner:
    """Notices tilted heads.

    Args:
        detector: one that sees tilt.
        least: the score from which on it is believed, 0–1.
        per_s: looks a second.
    """

    def __init__(self, detector: Detector, least: float, per_s: float = PER_S) -> None:
        self.detector = detector
        self._least = least
        self._interval_s = 1 / per_s
        self.restart()

    def restart(self) -> None:
        """Makes the next look due at once."""
        self._turn = 0
        self._due_s = float("-inf")
        self._looked: dict[int, tuple[float, Face]] = {}

    def aligned(self, picture: Raster, faces: Sequence[Face], rois: Sequence[Look], time_s: float) -> list[Face]:
        """The faces; the one whose turn it is as the detector sees it, where it is tilted against its ROI.

        Args:
            picture: the frame.
            faces: those that are known, in pixels of the frame.
            rois: what the detector was shown of each.
            time_s: of the frame, in seconds; a face has its turn so often a second.
        """
        turn = None if time_s < self._due_s else self._next(faces, time_s)
        if turn is None:
            return list(faces)
        self._due_s, self._turn = time_s + self._interval_s, turn
        self._looked = {face.track: self._looked[face.track] for face in faces if face.track in self._looked}
        self._looked[faces[turn].track] = time_s, faces[turn]
        return [
            *faces[:turn],
            *self.align(picture, faces[turn : turn + 1], rois[turn : turn + 1]),
            *faces[turn + 1 :],
        ]

    def align(self, picture: Raster, faces: Sequence[Face], rois: Sequence[Look]) -> list[Face]:
        """The same for all faces at once, as new ones need it.

        Args:
            picture: the frame.
            faces: in pixels of the frame.
            rois: what the detector is shown of each.
        """
        answers = take(self.detector, picture, rois)
        return [self._tilted(*row) or row[0] for row in zip(faces, rois, answers, strict=True)]

    def _next(self, faces: Sequence[Face], time_s: float) -> int | None:
        """Number of the next face in turn that may be tilted otherwise than when it was looked at."""
        turns = ((self._turn + step) % len(faces) for step in range(1, len(faces) + 1))
        return next((turn for turn in turns if not self._stays(faces[turn], time_s)), None)

    def _stays(self, face: Face, time_s: float) -> bool:
        looked_s, before = self._looked.get(face.track, (float("-inf"), face))
        if time_s - looked_s >= LONGEST_S:
            return False
        grown = edge(face.box_xyxy) / max(edge(before.box_xyxy), 1e-9)
        moved = distance(face.box_xyxy, before.box_xyxy)
        rolled = math.cos(roll(face) - roll(before))
        return moved < MOVED and 1 / GROWN < grown < GROWN and rolled > math.cos(ROLLED)

    def _tilted(self, before: Face, look: Look, seen: Sequence[Face]) -> Face | None:
        """The face as it is seen, if it is tilted against its ROI."""
        face = nearest(before, seen, self._least)
        return face if face is not None and math.cos(roll(face) - look.turn) < math.cos(TILT) else None
