"""The face finder: looks close at the faces it knows, scans for new ones, and gives each its number.

    picture ──▶ cut? ──▶ forget where faces were, look everywhere
       │
       ├── an ROI about each known face ──▶ the face, measured again ──┐
       └── the scans that are due, where the picture has changed        ├──▶ tracker ──▶ people ──▶ numbered faces
                     └─▶ a face that is nobody's                        │
                         └─▶ an ROI about it: still one? ──────────────┘

Every face is measured in an ROI of its own, also in the first frame, so that its box and eyes never depend on which
scan happened to see it; and what only looks like a face in one size and place is not one. A known face that stands
still is taken to be where it was, for a tenth of a second at most, as long as its place shows what it showed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import NamedTuple

from ..media.raster import raster_of
from ..system.closing import Closing
from ..types import Face, Image, Raster
from .detector import Detector
from .gate import GatedSchedule
from .geometry import boxes, covers, edge, nearest, non_maximum_suppression
from .looks import Look, roi, take
from .people import AWAY_S, People
from .replacements import ReplacementDetector
from .roll_alignment import RollAligner
from .schedule import ScanPlan, TurnedScanPlan
from .shot_boundaries import ShotBoundaryDetector
from .tracks import Tracker

ROI_EDGE = 128
COVER = 0.6
"""Two boxes are one face where one covers this much of the other."""

SURER = 0.05
"""How much surer a face must be upside down to be taken for one that is."""
RATIO = 1.4
"""Between the edges of a close face in two looks, up to which both show the same."""
CONFIRMED, KEPT = 0.6, 0.5
"""Score that a new face needs in an ROI, and a known one."""


class Scan(NamedTuple):
    """A detector that looks for new faces.

    Attributes:
        detector: which.
        plan: when it looks where.
        least: the score from which on it is believed, 0–1.
    """

    detector: Detector
    plan: ScanPlan | TurnedScanPlan
    least: float


class FaceFinder(Closing):
    """Finds faces frame by frame and numbers them; a context manager that closes its detectors.

    Args:
        scans: which detector is shown the whole picture and its windows, and when.
        closer: is shown ROIs about single faces.
        aligner: turns the ROIs of tilted heads, where the closer needs it.
        people: know who is who by appearance; None where who returns is to be another.
        gated: whether looks for new faces are left out where nothing has changed; else all are taken that are due.

    Attributes:
        puts_off: whether `find` leaves to `catch_up` what can wait, so that no frame is held up by it: looks for new
            faces where all that are known were found again; and where one face is known, at how that is tilted and what
            it looks like (of several, one would get another's number now and then). It shows in the frame after.
        carries: whether a known face that stands still is taken to be where it was, for a tenth of a second at most.
    """

    def __init__(
        self,
        scans: Sequence[Scan],
        closer: Detector,
        aligner: RollAligner | None = None,
        people: People | None = None,
        gated: bool = True,
    ) -> None:
        self._scans = [(scan, GatedSchedule(scan.plan, gated)) for scan in scans]
        self._closer = closer
        self._aligner = aligner
        self._boundaries = ShotBoundaryDetector()
        self._tracker = Tracker()
        self.people = people
        self._replacements = ReplacementDetector()
        self._rois: list[Look] = []
        self._before: tuple[float, tuple[int, int]] | None = None
        self._found_s = -math.inf
        self._lends = self.puts_off = False
        self._put_off: tuple[Raster, list[Face] | None, float] | None = None
        self._asked: Raster | None = None
        self._tilted: dict[int, Face] = {}
        self.carries = True
        self._carried: set[int] = set()

    @property
    def looks_taken(self) -> int:
        """How many looks for new faces were taken so far."""
        return sum(schedule.count for _, schedule in self._scans)

    def find(self, image: Image | Raster, time_s: float) -> list[Face]:
        """The faces of one frame, each with its number, oldest number first. One thread at a time.

        Args:
            image: (H, W, 3) BGR or (H, W) gray, upright; or a raster, of which only what a detector reads is made.
            time_s: the frame's presentation time, in seconds. Where it runs backwards, faces are looked for anew.
        """
        self.catch_up()
        picture = raster_of(image)
        self._ask(picture, time_s)
        self._found_s = time_s
        measured = self._known(picture, time_s)
        waits = self.puts_off and bool(measured) and not self._lost(measured, time_s)
        new = [] if waits else self._new(picture, measured, time_s)
        shown = self._tracker.update([*measured, *new], time_s)
        if self.puts_off:
            self._put_off = picture, measured if waits else None, time_s
        seen = self._tracker.seen(time_s)
        replaced = self._replacements.take(picture, seen, self._carried)
        if self.people is None:
            return shown
        return self.people.named(picture, shown, seen, time_s, replaced, self.puts_off and len(seen) == 1)

    def catch_up(self) -> None:
        """Takes the looks that `find` has put off, if it has."""
        if self._put_off is None:
            return
        (picture, measured, time_s), self._put_off = self._put_off, None
        seen = self._tracker.seen(time_s)
        if self.people is not None and len(seen) == 1:
            self.people.look(picture, seen, time_s)
        if measured is not None:
            self._tracker.add(self._new(picture, measured, time_s), time_s)
        known = self._tracker.known(time_s)
        if self._aligner and len(known) == 1:
            rois = [roi(face, ROI_EDGE, self._rois) for face in known]
            aligned = self._aligner.aligned(picture, known, rois, time_s)
            self._tilted = {one.track: other for one, other in zip(known, aligned, strict=True) if other is not one}

    def changes(self, picture: Raster, time_s: float) -> bool:
        """Whether a new scene begins with this picture, or another face stands where one stood.

        With a new scene it is forgotten where faces were, so that `find` looks everywhere. May be asked about pictures
        in which no faces are to be found.
        """
        before, size = self._before, (picture.width, picture.height)
        if restarted := before is not None and (time_s < before[0] or size != before[1]):
            self.jump()
        self._before, self._asked = (time_s, size), picture
        if cut := self._boundaries.is_boundary(picture):
            self._forget()
        between = before is not None and before[0] > self._found_s
        if between and time_s - self._found_s > AWAY_S:
            self._replacements.reset()  # who was measured so many pictures ago may stand elsewhere by now
        return self._replacements.any(picture) or restarted or cut

    def stands_still(self) -> bool:
        """Whether there are faces, none is lost, and each looks as it did when it was measured: in the picture that
        `changes` was asked about last.
        """
        known = () if self._before is None else self._tracker.known(self._before[0])
        return bool(known) and self._replacements.still().issuperset(face.track for face in known)

    def mirror(self, width: float) -> None:
        """Takes note that the pictures, `width` pixels wide, are flipped left to right from now on: no other scene."""
        self._tracker.mirror(width)
        self._put_by()
        self._boundaries.reset()
        self._replacements.reset()
        if self.people is not None:
            self.people.mirror()

    def jump(self) -> None:
        """Forgets where faces were, as after a jump within a source; who was seen is still known."""
        self._forget()
        self._boundaries.reset()
        self._before = self._asked = None

    def reset(self, anew: bool = False) -> None:
        """Forgets everything, as before another source. What is found then, a new finder would find.

        Args:
            anew: whether numbers begin with 1 again; else none is given twice.
        """
        self.jump()
        if self.people is not None:
            self.people.reset(anew)
        if anew:
            self._tracker = Tracker()

    def fresh(self) -> FaceFinder:
        """Another finder with the same detectors, which has seen nothing; one of both is to be closed."""
        other = copy(self)
        other._scans = [(scan, schedule.fresh()) for scan, schedule in self._scans]
        other._aligner = None if self._aligner is None else copy(self._aligner)
        other._boundaries, other._tracker = ShotBoundaryDetector(), Tracker()
        other._replacements = ReplacementDetector()
        other.people = None if self.people is None else People()
        other.reset()
        return other

    def lent(self) -> FaceFinder:
        """Another finder with the same detectors, whose `close` leaves them open. Both may be asked at the same time.

        Only where the detectors remember nothing, as those in onnxruntime.
        """
        other = self.fresh()
        other._lends = True
        return other

    def close(self) -> None:
        """Closes the detectors."""
        if self._lends:
            return
        detectors = [self._closer, *(scan.detector for scan, _ in self._scans)]
        detectors += [self._aligner.detector] if self._aligner else []
        for detector in {id(one): one for one in detectors}.values():
            detector.close()

    def _forget(self) -> None:
        """Everything that remembers faces or keeps time starts over."""
        self._tracker.reset()
        self._replacements.reset()
        if self.people is not None:
            self.people.leave()
        self._put_by()
        for _, schedule in self._scans:
            schedule.restart()
        if self._aligner:
            self._aligner.restart()

    def _put_by(self) -> None:
        """Forgets where faces were looked at, and what was to be looked at later."""
        self._rois, self._put_off, self._tilted = [], None, {}

    def _ask(self, picture: Raster, time_s: float) -> None:
        """Asks `changes` about a picture that it was not asked about last."""
        if self._asked is not picture:
            self.changes(picture, time_s)
        self._asked = None

    def _known(self, picture: Raster, time_s: float) -> list[Face]:
        """The known faces, measured again but where they stand still; those that were not found left out."""
        before = self._tracker.known(time_s)
        known = [self._tilted.get(face.track, face) for face in before]
        self._tilted = {}
        rois = [roi(face, ROI_EDGE, self._rois) for face in known]
        if self._aligner and not (self.puts_off and len(known) == 1):
            known = self._aligner.aligned(picture, known, rois, time_s)
            rois = [roi(face, ROI_EDGE, rois) for face in known]
        still = self._replacements.still() & self._tracker.slow(time_s) if self.carries else set()
        carried = [face is one and face.track in still for face, one in zip(known, before, strict=True)]
        self._carried = {face.track for face, is_carried in zip(known, carried, strict=True) if is_carried}
        moved = [number for number, is_carried in enumerate(carried) if not is_carried]
        found, looks = self._measured(picture, [known[one] for one in moved], [rois[one] for one in moved], KEPT)
        seen: list[Face | None] = list(known)
        self._rois = rois
        for number, face, look in zip(moved, found, looks, strict=True):
            seen[number], rois[number] = face, look
        return non_maximum_suppression(_there(seen), COVER)

    def _new(self, picture: Raster, measured: Sequence[Face], time_s: float) -> list[Face]:
        """Faces that a scan shows where none was measured, confirmed in an ROI."""
        seen = self._scanned(picture, measured, time_s)
        sure = [face for scan, _, _, faces in seen for face in faces if face.score >= scan.least]
        surest = sorted(sure, key=lambda face: -face.score)
        tried = non_maximum_suppression([*measured, *surest], COVER)[len(measured) :]
        known = non_maximum_suppression([*measured, *self._confirmed(picture, tried)], COVER)
        for _, schedule, look, faces in seen:
            if faces and not (covers(boxes(faces), boxes(known)) > COVER).any(axis=1).all():
                schedule.doubt(look)
        return known[len(measured) :]

    def _confirmed(self, picture: Raster, faces: Sequence[Face]) -> list[Face]:
        """Those of the faces that are one in ROIs of their own too."""
        found, looks = self._measured(picture, faces, [roi(face, ROI_EDGE) for face in faces], CONFIRMED)
        # Once more, in the ROI that the next frames will use: the first one sits where the scan saw the face.
        first = _there(found)
        rois = [_again(face, look) for face, look in zip(found, looks, strict=True) if face is not None]
        if self._aligner:
            first, rois = self._upright(picture, first, rois)
        aligned = self._aligner.align(picture, first, rois) if self._aligner else first
        # A face that fills the picture may seem to tilt when it does not: the surer look counts.
        doubtful = [number for number, face in enumerate(aligned) if face is not first[number]]
        second = [*aligned, *(first[number] for number in doubtful)]
        rois = [*(roi(face, ROI_EDGE, rois) for face in aligned), *(rois[number] for number in doubtful)]
        found, looks = self._measured(picture, second, rois, CONFIRMED)
        self._rois += looks
        for number, upright in zip(doubtful, found[len(first) :], strict=True):
            found[number] = max(found[number], upright, key=lambda face: face.score if face else 0.0)
        return _there(found[: len(first)])

    def _upright(self, picture: Raster, faces: list[Face], rois: list[Look]) -> tuple[list[Face], list[Look]]:
        """The faces and their ROIs, upside down where a face is surer that way: YuNet sees eyes in a mouth."""
        over = [replace(look, turn=look.turn + math.pi) for look in rois]
        found, looks = self._seen(picture, faces, over, CONFIRMED), list(rois)
        for number, (face, turned) in enumerate(zip(faces, found, strict=True)):
            if turned is not None and turned.score > face.score + SURER:
                faces[number], looks[number] = turned, over[number]
        return faces, looks

    def _scanned(
        self, picture: Raster, measured: Sequence[Face], time_s: float
    ) -> list[tuple[Scan, GatedSchedule, Look, list[Face]]]:
        """What the looks show that are due, also where it is not believed."""
        lost = self._lost(measured, time_s)
        found = []
        for scan, schedule in self._scans:
            looks = schedule.due(picture, measured, lost, time_s)
            answers = take(scan.detector, picture, looks)
            found += [(scan, schedule, look, faces) for look, faces in zip(looks, answers, strict=True)]
        return found

    def _lost(self, measured: Sequence[Face], time_s: float) -> bool:
        """Whether a face that is known was not found again."""
        return len(measured) < len(self._tracker.known(time_s))

    def _measured(
        self, picture: Raster, faces: Sequence[Face], rois: Sequence[Look], least: float
    ) -> tuple[list[Face | None], list[Look]]:
        """Each face as it is seen in its ROI, or None, and the ROI: a finer one where only that showed the face.

        Only a face so close that its ROI reaches beyond the picture on two sides gets a second look.
        """
        found, looks = self._seen(picture, faces, rois, least), list(rois)
        for number, (face, look) in enumerate(zip(faces, rois, strict=True)):
            close = look.closed(picture.width, picture.height)
            if close is not None and not _same(face, found[number]):
                (again,) = self._seen(picture, [face], [close], least)
                if again is not None:
                    found[number], looks[number] = again, close
        return found, looks

    def _seen(self, picture: Raster, faces: Sequence[Face], rois: Sequence[Look], least: float) -> list[Face | None]:
        answers = take(self._closer, picture, rois)
        return [nearest(before, seen, least) for before, seen in zip(faces, answers, strict=True)]


def _there(found: Sequence[Face | None]) -> list[Face]:
    return [face for face in found if face is not None]


def _same(face: Face, seen: Face | None) -> bool:
    """Whether a face was seen about as large as it was before."""
    return seen is not None and 1 / RATIO < edge(seen.box_xyxy) / edge(face.box_xyxy) < RATIO


def _again(face: Face, look: Look) -> Look:
    """An ROI about a face in place of one that showed it: closed if that was."""
    return roi(face, ROI_EDGE, [look] if look.ends else ())
