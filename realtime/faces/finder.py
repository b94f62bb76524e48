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

from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple

from ..media.raster import raster_of
from ..types import Face, Image, Raster
from .cuts import CutDetector
from .detector import Detector
from .geometry import apart, nearest
from .levelling import Leveller
from .looks import Look, patch, take
from .schedule import Plan, Schedule
from .tracks import Tracker

PATCH_EDGE = 128
COVER = 0.6
"""Two boxes are one face where one covers this much of the other."""

CONFIRMED, KEPT = 0.6, 0.5
"""Score that a new face needs in a patch, and a known one."""


class Scan(NamedTuple):
    """A detector that looks for new faces.

    Attributes:
        detector: which.
        plan: when it looks where.
        least: the score from which on it is believed, 0–1.
    """

    detector: Detector
    plan: Plan
    least: float


class FaceFinder:
    """Finds faces frame by frame and numbers them; a context manager that closes its detectors.

    Args:
        scans: which detector is shown the whole picture and its windows, and when.
        closer: is shown patches about single faces.
        leveller: turns the patches of tilted heads, where the closer needs it.
    """

    def __init__(self, scans: Sequence[Scan], closer: Detector, leveller: Leveller | None = None) -> None:
        self._scans = [(scan, Schedule(scan.plan)) for scan in scans]
        self._closer = closer
        self._leveller = leveller
        self._cuts = CutDetector()
        self._tracker = Tracker()
        self._patches: list[Look] = []
        self._before: tuple[float, tuple[int, int]] | None = None

    def find(self, image: Image | Raster, time_s: float) -> list[Face]:
        """The faces of one frame, each with the number of its track, oldest number first. One thread at a time.

        Args:
            image: (H, W, 3) BGR or (H, W) gray, upright; or a raster, of which only what a detector reads is made.
            time_s: the frame's presentation time, in seconds. Where it runs backwards, all faces are new.
        """
        picture = raster_of(image)
        self.changes(picture, time_s)
        measured = self._known(picture, time_s)
        return self._tracker.update([*measured, *self._new(picture, measured, time_s)], time_s)

    def changes(self, picture: Raster, time_s: float) -> bool:
        """Whether a new scene begins with this picture; all faces are forgotten then, so that `find` looks everywhere.

        May be asked about pictures in which no faces are to be found.
        """
        before, size = self._before, (picture.width, picture.height)
        if restarted := before is not None and (time_s < before[0] or size != before[1]):
            self.reset()
        self._before = time_s, size
        if cut := self._cuts.is_cut(picture):
            self._forget()
        return restarted or cut

    def mirror(self, width: float) -> None:
        """Takes note that the pictures, `width` pixels wide, are flipped left to right from now on: no other scene."""
        self._tracker.mirror(width)
        self._patches = []
        self._cuts.reset()

    def reset(self, anew: bool = False) -> None:
        """Forgets everything: another source, or a jump within it. What is found then, a new finder would find.

        Args:
            anew: whether numbers begin with 1 again; else none is given twice.
        """
        self._forget()
        self._cuts.reset()
        self._before = None
        if anew:
            self._tracker = Tracker()

    def close(self) -> None:
        """Closes the detectors."""
        detectors = [self._closer, *(scan.detector for scan, _ in self._scans)]
        detectors += [self._leveller.detector] if self._leveller else []
        for detector in {id(one): one for one in detectors}.values():
            detector.close()

    def __enter__(self) -> FaceFinder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _forget(self) -> None:
        """Everything that remembers faces or keeps time starts over."""
        self._tracker.reset()
        self._patches = []
        for _, schedule in self._scans:
            schedule.restart()
        if self._leveller:
            self._leveller.restart()

    def _known(self, picture: Raster, time_s: float) -> list[Face]:
        """The known faces, measured again, those that were not found left out."""
        known = self._tracker.known(time_s)
        self._patches = [patch(face, PATCH_EDGE, self._patches) for face in known]
        if self._leveller:
            known = self._leveller.levelled(picture, known, self._patches, time_s)
            self._patches = [patch(face, PATCH_EDGE, self._patches) for face in known]
        return self._measured(picture, known, self._patches, KEPT)

    def _new(self, picture: Raster, measured: Sequence[Face], time_s: float) -> list[Face]:
        """Faces that a scan shows where none was measured, confirmed in a patch."""
        nobodys = apart([*measured, *self._scanned(picture, time_s)], COVER)[len(measured) :]
        first = self._measured(picture, nobodys, [patch(face, PATCH_EDGE) for face in nobodys], CONFIRMED)
        # Once more, in the patch that the next frames will use: the first one sits where the scan saw the face.
        patches = [patch(face, PATCH_EDGE) for face in first]
        if self._leveller:
            first = self._leveller.level(picture, first, patches)
            patches = [patch(face, PATCH_EDGE, patches) for face in first]
        self._patches += patches
        return apart([*measured, *self._measured(picture, first, patches, CONFIRMED)], COVER)[len(measured) :]

    def _scanned(self, picture: Raster, time_s: float) -> list[Face]:
        """What the scans that are due show, surest first."""
        seen = [
            face
            for scan, schedule in self._scans
            for faces in take(scan.detector, picture, schedule.due(picture.width, picture.height, time_s))
            for face in faces
            if face.score >= scan.least
        ]
        return sorted(seen, key=lambda face: -face.score)

    def _measured(self, picture: Raster, faces: Sequence[Face], patches: Sequence[Look], least: float) -> list[Face]:
        """The faces as they are seen in a patch each, each once; those that are not seen there left out."""
        answers = take(self._closer, picture, patches)
        found = [nearest(before, seen, least) for before, seen in zip(faces, answers, strict=True)]
        return apart([face for face in found if face is not None], COVER)
