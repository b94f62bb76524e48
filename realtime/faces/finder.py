"""The face finder: looks close at the faces it knows, scans for new ones, and gives each its number.

    picture ──▶ cut? ──▶ forget all, look everywhere
       │
       ├── a patch about each known face ──▶ the face, measured again ──┐
       └── the scans that are due ──▶ a face that is nobody's           ├──▶ tracker ──▶ steadied, numbered faces
                                      └─▶ a patch about it: still one? ─┘

Every face is measured in a patch of its own, also in the first frame, so that its box and eyes never depend on which
scan happened to see it; and what only looks like a face in one size and place is not one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType

import cv2
import numpy as np

from realtime.faces.cuts import CutDetector
from realtime.faces.detector import Detector
from realtime.faces.geometry import apart, distance, placed
from realtime.faces.looks import Look, patch, take
from realtime.faces.schedule import Plan, Schedule
from realtime.tracks import Tracker
from realtime.types import Face, Image

PATCH_EDGE = 128
REACH = 0.8
"""How far from where a face was, in its edges, what a patch shows may be the same face."""
COVER = 0.6
"""Two boxes are one face where one covers this much of the other."""


@dataclass(frozen=True, slots=True)
class Scores:
    """How sure a detector must be, 0–1.

    Attributes:
        new: in a scan, to call something a face.
        confirmed: in a patch about it, to agree.
        kept: in a patch about a face that is known.
    """

    new: float
    confirmed: float
    kept: float


class FaceFinder:
    """Finds faces frame by frame and numbers them; a context manager that closes its detectors.

    Args:
        scanner: is shown the whole picture and its windows.
        closer: is shown patches about single faces; may be the scanner.
        plan: when to scan where.
        scores: how sure they must be.
    """

    def __init__(self, scanner: Detector, closer: Detector, plan: Plan, scores: Scores) -> None:
        self._scanner, self._closer = scanner, closer
        self._scores = scores
        self._schedule = Schedule(plan)
        self._cuts = CutDetector()
        self._tracker = Tracker()
        self._patches: list[Look] = []
        self._state: tuple[float, tuple[int, int]] = (float("-inf"), (0, 0))

    def find(self, image: Image, time_s: float, frame_size: tuple[int, int] | None = None) -> list[Face]:
        """The faces of one frame, each with the number of its track, oldest number first.

        The picture may be a smaller copy of the frame, say the decoder's own, scaled: new faces are looked for at no
        more than 960 pixels along the longer edge, so a copy of that size loses nothing but some sharpness in the
        eyes' places of faces smaller than 50 pixels in the copy. The crops for the network are cut from the frame.

        Args:
            image: (H, W, 3) BGR or (H, W) gray, upright.
            time_s: the frame's presentation time, in seconds. Where it runs backwards, all faces are new.
            frame_size: width and height of the frame that the faces' coordinates are to refer to; the picture's own
                where it is None.
        """
        picture = np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8) if image.ndim == 2 else image
        height, width = picture.shape[:2]
        self._notice_change(picture, time_s)
        measured = self._known(picture, time_s)
        faces = self._tracker.update([*measured, *self._new(picture, measured, time_s)], time_s)
        across, down = frame_size or (width, height)
        return [placed(face, (across / width, down / height), (0, 0)) for face in faces]

    def reset(self) -> None:
        """Forgets all faces: another source, or a jump within it. Numbers are not given twice."""
        self._tracker.reset()
        self._schedule.restart()
        self._cuts.reset()
        self._patches.clear()

    def close(self) -> None:
        """Closes the detectors."""
        for detector in {id(one): one for one in (self._scanner, self._closer)}.values():
            detector.close()

    def __enter__(self) -> FaceFinder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _notice_change(self, picture: Image, time_s: float) -> None:
        last_s, size = self._state
        if time_s < last_s or picture.shape[:2] != size:
            self.reset()
        if self._cuts.is_cut(picture):
            self._tracker.reset()
            self._schedule.restart()
        self._state = time_s, (picture.shape[0], picture.shape[1])

    def _known(self, picture: Image, time_s: float) -> list[Face]:
        """The known faces, measured again, those that were not found left out."""
        known = self._tracker.known(time_s)
        self._patches = [patch(face, PATCH_EDGE, self._patches) for face in known]
        return _above(self._scores.kept, self._measured(picture, known, self._patches))

    def _new(self, picture: Image, measured: Sequence[Face], time_s: float) -> list[Face]:
        """Faces that a scan shows where none was measured, confirmed in a patch."""
        height, width = picture.shape[:2]
        scans = take(self._scanner, picture, self._schedule.due(width, height, time_s))
        seen = sorted(
            _above(self._scores.new, (face for faces in scans for face in faces)), key=lambda face: -face.score
        )
        nobodys = apart([*measured, *seen], COVER)[len(measured) :]
        first = self._measured(picture, nobodys, [patch(face, PATCH_EDGE) for face in nobodys])
        # Once more, in the patch that the next frames will use: the first one sits where the scan saw the face.
        patches = [patch(face, PATCH_EDGE) for face in first]
        self._patches += patches
        again = _above(self._scores.confirmed, self._measured(picture, first, patches))
        return apart([*measured, *again], COVER)[len(measured) :]

    def _measured(self, picture: Image, faces: Sequence[Face], patches: Sequence[Look]) -> list[Face]:
        """The faces as they are seen in a patch each, each once; those that are not seen there left out."""
        answers = take(self._closer, picture, patches)
        return apart([face for before, seen in zip(faces, answers, strict=True) for face in _same(before, seen)], COVER)


def _above(score: float, faces: Iterable[Face]) -> list[Face]:
    return [face for face in faces if face.score >= score]


def _same(before: Face, seen: Sequence[Face]) -> list[Face]:
    """The nearest of the faces in a patch, if it can be the face that the patch was made for."""
    nearest = sorted(seen, key=lambda face: distance(face.box_xyxy, before.box_xyxy))[:1]
    return [face for face in nearest if distance(face.box_xyxy, before.box_xyxy) < REACH]
