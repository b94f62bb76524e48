"""How good and how quick a face finder is, measured on recordings without labels.

The yardstick is a detector that may take its time: YuNet as OpenCV runs it, over the whole frame, its longer edge at
960 pixels, score 0.7 and more. A face of the yardstick counts as found where a reported box overlaps it by 0.4
(intersection over union).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time

import cv2
import numpy as np
from numpy.typing import NDArray

from ..faces.finder import FaceFinder
from ..faces.geometry import boxes, ious
from ..media.reader import Recording
from ..system.bundled import bundled, pretrained
from ..types import Face, Floats, Image

YARDSTICK_EDGE, YARDSTICK_SCORE, FOUND_OVERLAP = 960, 0.7, 0.4
STILL_FRAMES, NOISE, RATE_HZ = 100, 5.0, 30


@dataclass(slots=True)
class FinderTally:
    """What a finder did on one recording.

    Attributes:
        expected: faces of the yardstick, in the frames that it saw.
        found: how many of them the finder reported.
        reported: faces that the finder reported, in all frames.
        others: of these, in the frames that the yardstick saw, those that it does not know.
        numbers: the track numbers that were given.
        seconds: processor time of each frame's `find`.
    """

    expected: int = 0
    found: int = 0
    reported: int = 0
    others: int = 0
    numbers: set[int] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)

    @property
    def recall(self) -> float | None:
        """Share of the expected faces that was found; None where none was expected."""
        return self.found / self.expected if self.expected else None

    def compare(self, faces: list[Face], expected: Floats) -> None:
        """Notes what was reported in a frame that the yardstick saw."""
        same = ious(expected, boxes(faces)) >= FOUND_OVERLAP
        self.expected += len(expected)
        self.found += int(same.any(axis=1).sum())
        self.others += int((~same.any(axis=0)).sum())


class Yardstick:
    """OpenCV's own YuNet over the whole frame."""

    def __init__(self) -> None:
        path = bundled(pretrained() / "detectors", "yunet.onnx")
        # OpenCV 5 warns of every network that the device is not its to choose.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        self._detector = cv2.FaceDetectorYN.create(str(path), "", (YARDSTICK_EDGE,) * 2, YARDSTICK_SCORE)

    def boxes(self, image: Image) -> Floats:
        """(N, 4) boxes of the faces of a (H, W, 3) BGR frame, in its pixels."""
        scale = YARDSTICK_EDGE / max(image.shape[:2])
        picture = cv2.resize(image, None, fx=scale, fy=scale)
        self._detector.setInputSize((picture.shape[1], picture.shape[0]))
        rows = self._detector.detect(picture)[1]
        table = np.zeros((0, 4), np.float32) if rows is None else np.asarray(rows, np.float32)[:, :4] / scale
        return np.hstack([table[:, :2], table[:, :2] + table[:, 2:]])


def measure_finder(finder: FaceFinder, path: Path, every: int, yardstick: Yardstick) -> FinderTally:
    """Runs a finder over a recording and compares it with the yardstick in every n-th frame.

    Args:
        finder: starts over with this recording.
        path: the recording.
        every: how many frames lie between two that the yardstick looks at.
        yardstick: says where faces are.
    """
    tally = FinderTally()
    finder.reset()
    for index, (image, time_s) in enumerate(frames(path)):
        start = process_time()
        faces = finder.find(image, time_s)
        tally.seconds.append(process_time() - start)
        tally.reported += len(faces)
        tally.numbers.update(face.track for face in faces)
        if index % every == 0:
            tally.compare(faces, yardstick.boxes(image))
    return tally


def jitter(finder: FaceFinder, image: Image) -> float | None:
    """How much a still face's box shakes: the worst edge's standard deviation in widths of the box.

    One picture is shown 100 times with Gaussian noise of 5 gray levels. The largest face counts; None without one.
    """
    cv2.setRNGSeed(0)
    noise: NDArray[np.int16] = np.empty(image.shape, np.int16)
    finder.reset()
    seen: dict[int, list[tuple[float, ...]]] = {}
    for index in range(STILL_FRAMES):
        cv2.randn(noise, np.zeros(3), np.full(3, NOISE))
        noisy = np.clip(image + noise, 0, 255).astype(np.uint8)
        for face in finder.find(noisy, index / RATE_HZ):
            seen.setdefault(face.track, []).append(face.box_xyxy)
    shakes = [_shake(np.array(edges)) for edges in seen.values() if len(edges) > STILL_FRAMES // 2]
    return max(shakes)[1] if shakes else None


def frames(path: Path) -> Iterator[tuple[Image, float]]:
    """(H, W, 3) BGR and time in seconds of a recording's frames."""
    with Recording(path) as recording:
        for frame in recording.frames():
            yield frame.picture.bgr, frame.time_s


def first_frame(path: Path) -> Image:
    """(H, W, 3) BGR of a recording's first frame."""
    with Recording(path) as recording:
        return recording.first.picture.bgr


def _shake(edges: NDArray[np.float64]) -> tuple[float, float]:
    """(width, worst standard deviation in widths) of (frames, 4) boxes."""
    width = float((edges[:, 2] - edges[:, 0]).mean())
    return width, float(edges.std(axis=0).max()) / width
