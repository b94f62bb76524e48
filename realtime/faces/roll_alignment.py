"""Roll alignment: which way is up in each ROI?

YuNet draws the eyes level where the head is not (a head tilted by 31° gets eyes tilted by 3°), and beyond 45° it loses
the face. BlazeFace sees tilt up to 90°, but places eyes less exactly. So BlazeFace says now and then how far a head is
tilted, the ROI is turned by that, and YuNet measures a face that is upright in it.

Faces take turns, at so many looks a second altogether: what it costs does not depend on their number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..types import Face, Raster
from .detector import Detector
from .geometry import nearest, roll
from .looks import TILT, Look, take

PER_S = 6.0


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

    def aligned(self, picture: Raster, faces: Sequence[Face], rois: Sequence[Look], time_s: float) -> list[Face]:
        """The faces; the one whose turn it is as the detector sees it, where it is tilted against its ROI.

        Args:
            picture: the frame.
            faces: those that are known, in pixels of the frame.
            rois: what the detector was shown of each.
            time_s: of the frame, in seconds; a face has its turn so often a second.
        """
        if not faces or time_s < self._due_s:
            return list(faces)
        self._due_s = time_s + self._interval_s
        turn = self._turn = (self._turn + 1) % len(faces)
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

    def _tilted(self, before: Face, look: Look, seen: Sequence[Face]) -> Face | None:
        """The face as it is seen, if it is tilted against its ROI."""
        face = nearest(before, seen, self._least)
        return face if face is not None and math.cos(roll(face) - look.turn) < math.cos(TILT) else None
