"""The face finder: a detector that scans, a detector that looks close, a tracker that gives numbers.

In every frame each known face is looked at in a patch of its own; now and then the whole frame is scanned for faces
that are new. Close looks cost a fraction of a scan and see small faces large.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

import cv2
import numpy as np

from realtime.faces.detector import Detector
from realtime.faces.geometry import placed, strongest
from realtime.faces.looks import patch, scan, take
from realtime.tracks import Tracker
from realtime.types import Face, Image

SCAN_EVERY_S = 0.1
OVERLAP = 0.4


class FaceFinder:
    """Finds faces frame by frame and numbers them; a context manager that closes its detectors.

    Args:
        scanner: is shown whole frames.
        closer: is shown patches about known faces; may be the scanner.
        scan_every_s: seconds between two scans.
    """

    def __init__(self, scanner: Detector, closer: Detector, scan_every_s: float = SCAN_EVERY_S) -> None:
        self._scanner, self._closer = scanner, closer
        self._scan_every_s = scan_every_s
        self._tracker = Tracker()
        self._size = (0, 0)
        self._scan_due_s = float("-inf")

    def find(self, image: Image, time_s: float, frame_size: tuple[int, int] | None = None) -> list[Face]:
        """The faces of one frame, each with the number of its track.

        The picture may be a smaller copy of the frame: the detectors never look at more than 960 pixels along the
        longer edge for new faces, so a copy of that size costs nothing but detail on the smallest faces.

        Args:
            image: (H, W, 3) BGR or (H, W) gray, upright.
            time_s: the frame's presentation time, in seconds; never less than in the call before, but for `reset`.
            frame_size: width and height of the frame that the faces' coordinates are to refer to; the picture's own
                where it is None.
        """
        picture = np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8) if image.ndim == 2 else image
        height, width = picture.shape[:2]
        if (width, height) != self._size:
            self.reset()
            self._size = (width, height)
        faces = self._tracker.update(self._look(picture, time_s), time_s)
        across, down = frame_size or (width, height)
        return [placed(face, (across / width, down / height), (0, 0)) for face in faces]

    def reset(self) -> None:
        """Forgets all faces: another source, or a jump within it. Numbers are not given twice."""
        self._tracker.reset()
        self._size = (0, 0)
        self._scan_due_s = float("-inf")

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

    def _look(self, picture: Image, time_s: float) -> Sequence[Face]:
        known = self._tracker.expected(time_s)
        looks = [patch(face, self._closer.patch_edge) for face in known]
        near = [face for faces in take(self._closer, picture, looks) for face in faces]
        return _united(near, self._scan(picture, time_s))

    def _scan(self, picture: Image, time_s: float) -> list[Face]:
        if time_s < self._scan_due_s:
            return []
        self._scan_due_s = time_s + self._scan_every_s
        height, width = picture.shape[:2]
        (faces,) = take(self._scanner, picture, [scan(width, height, self._scanner.scan_edge)])
        return faces


def _united(near: Sequence[Face], far: Sequence[Face]) -> list[Face]:
    """All faces once; where a patch and a scan show the same one, the patch's, which is the more exact."""
    close = strongest(near, OVERLAP)
    return close + [face for face in far if len(strongest([face, *close], OVERLAP)) > len(close)]
