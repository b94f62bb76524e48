"""A look: which part of a picture a detector is shown, and at what size.

A *scan* shows the whole picture, shrunk. A *patch* is a square about a face that is already known, so that the face
has the size the detector reads best, however small or large it is in the frame:

    frame 1280×720  ── scan ──▶  640×360             patch ──▶ 128×128, face about 58 high
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from realtime.faces.detector import Detector
from realtime.faces.geometry import centre, edge, placed
from realtime.types import Face, Image

PATCH = 2.2
"""Edge of a patch in edges of the face within: room for what it may move until the next frame."""


@dataclass(frozen=True, slots=True)
class Look:
    """A part of a picture and the size it is shown at, in pixels.

    Attributes:
        left: of the part; may lie outside the picture, as may the other edges.
        top: of the part.
        width: of the part.
        height: of the part.
        size: width and height that the detector sees.
    """

    left: int
    top: int
    width: int
    height: int
    size: tuple[int, int]

    def picture(self, image: Image) -> Image:
        """What the detector sees: the part at its size, the picture's border repeated outside."""
        part = _part(image, self.left, self.top, self.left + self.width, self.top + self.height)
        method = cv2.INTER_AREA if self.width > self.size[0] else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(part, self.size, interpolation=method), np.uint8)

    def place(self, face: Face) -> Face:
        """A face of `picture`, in pixels of the whole picture."""
        return placed(face, (self.width / self.size[0], self.height / self.size[1]), (self.left, self.top))


def scan(width: int, height: int, longest: int) -> Look:
    """The whole of a picture, its longer edge at most `longest`."""
    scale = min(1.0, longest / max(width, height))
    return Look(0, 0, width, height, (max(1, round(width * scale)), max(1, round(height * scale))))


def patch(face: Face, size: int) -> Look:
    """The square about a known face, shown at size × size."""
    side = max(8, round(PATCH * edge(face.box_xyxy)))
    x, y = centre(face.box_xyxy)
    return Look(round(x - side / 2), round(y - side / 2), side, side, (size, size))


def take(detector: Detector, image: Image, looks: Sequence[Look]) -> list[list[Face]]:
    """What a detector finds in each look, in pixels of the whole picture."""
    answers = detector.detect([look.picture(image) for look in looks]) if looks else []
    return [[look.place(face) for face in faces] for look, faces in zip(looks, answers, strict=True)]


def _part(image: Image, x0: int, y0: int, x1: int, y1: int) -> Image:
    height, width = image.shape[:2]
    before = max(0, -y0), max(0, -x0)
    after = max(0, y1 - height), max(0, x1 - width)
    # At least one row and column of the picture stays inside, else there were no border to repeat.
    inner = image[min(max(y0, 0), height - 1) : max(y1, 1), min(max(x0, 0), width - 1) : max(x1, 1)]
    if not any((*before, *after)):
        return inner
    padded = cv2.copyMakeBorder(inner, before[0], after[0], before[1], after[1], cv2.BORDER_REPLICATE)
    return np.asarray(padded, np.uint8)
