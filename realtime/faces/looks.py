"""A look: which part of a picture a detector is shown, and at what size.

A *scan* looks for faces that are new: at the whole picture, shrunk, or at one window of it, shrunk less. A *region of
interest* (ROI) is a square about a face that is already known, so that the face has the size that detectors read best,
however small or large it is in the frame:

    scan    1280×720  ──▶  480×270              every face of a tenth of the picture and more
            683×384   ──▶  512×288              one window: small faces too
    ROI     600×600   ──▶  128×128              one face, 49 pixels high there
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..types import Box, Face, Image, Raster, Rectangle
from .detector import Detector
from .geometry import centre, distance, edge, placed, roll, sound, turned

ROI = 2.6
"""Edge of an ROI in edges of the face within: the face may move by 0.8 of its own edge until the next frame."""
DRIFT, GROWTH, TILT = 0.3, 1.25, math.radians(15)
"""How far a face may move, in its own edges, grow or shrink, and turn, before its ROI follows."""
CLOSE_EDGE = 192
"""Of an ROI about a face that fills the picture, in pixels as shown."""

CELL = 32
"""Detectors read pictures in cells of this size; what a window has beyond a whole number of them is wasted."""


@dataclass(frozen=True, slots=True)
class Look:
    """A part of a picture and the size it is shown at, in pixels.

    Attributes:
        left: of the part; may lie outside the picture, as may the other edges.
        top: of the part.
        width: of the part.
        height: of the part.
        size: width and height that the detector sees.
        turn: angle by which the part is turned about its middle, in radians, clockwise as it is seen.
        ends: whether the part ends where the picture ends; else black lies beyond.
    """

    left: int
    top: int
    width: int
    height: int
    size: tuple[int, int]
    turn: float = 0.0
    ends: bool = False

    @property
    def box(self) -> Box:
        """The part, in pixels of the whole picture."""
        return self.left, self.top, self.left + self.width, self.top + self.height

    def closed(self, width: int, height: int) -> Look | None:
        """The same look ending with the picture, larger; None where it does already, or is not too large for it.

        Black about a face that fills the picture is taken for the face's own end: of 295 such faces YuNet refused 35 in
        ROIs with black about them, and one where the ROI ended with the picture.
        """
        fits = self.width <= min(width, height)
        return None if fits or self.ends else replace(self, size=(CLOSE_EDGE, CLOSE_EDGE), turn=0.0, ends=True)

    def within(self, width: int, height: int) -> Look:
        """The part that is shown of a picture of this size: the look itself, unless it ends with the picture."""
        x0, y0 = max(self.left, 0), max(self.top, 0)
        across, down = min(self.left + self.width, width) - x0, min(self.top + self.height, height) - y0
        if not self.ends or min(across, down) < 1:
            return self
        scale = max(self.size) / max(across, down)
        return Look(x0, y0, across, down, (max(1, round(across * scale)), max(1, round(down * scale))))

    def picture(self, raster: Raster) -> Image:
        """What the detector sees: the part at its size, black outside the picture, as where a whole picture ends."""
        quarters = self.turn / (math.pi / 2)
        if quarters != round(quarters):
            return _turned_part(raster, self)
        return np.ascontiguousarray(np.rot90(raster.part(_rectangle(self), self.size), round(quarters)))

    def place(self, face: Face) -> Face:
        """A face of `picture`, in pixels of the whole picture."""
        level = placed(face, (self.width / self.size[0], self.height / self.size[1]), (self.left, self.top))
        return turned(level, centre(self.box), self.turn) if self.turn else level


def whole_picture(width: int, height: int, longest: int) -> Look:
    """The look at the whole of a picture.

    Args:
        width: of the picture, in pixels.
        height: likewise.
        longest: edge that it is shown with at most, in pixels.
    """
    scale = min(1.0, longest / max(width, height))
    return Look(0, 0, width, height, (max(1, round(width * scale)), max(1, round(height * scale))))


def windows(width: int, height: int, longest: int, window: tuple[int, int], overlap: int) -> list[Look]:
    """Overlapping windows that together show the whole picture, its longer edge at most `longest`.

    Args:
        width: of the picture.
        height: of the picture.
        longest: of the picture as shown, in pixels; its scale follows from it.
        window: longer and shorter edge of each window as shown, in pixels.
        overlap: of neighbours as shown, in pixels: faces up to this size are whole in one of them.
    """
    shown_width, shown_height = whole_picture(width, height, longest).size
    across, down = window if width >= height else window[::-1]
    fx, fy = width / shown_width, height / shown_height
    return [
        Look(round(x * fx), round(y * fy), round(w * fx), round(h * fy), (w, h))
        for y, h in _spans(shown_height, down, overlap)
        for x, w in _spans(shown_width, across, overlap)
    ]


def roi(face: Face, size: int, before: Sequence[Look] = ()) -> Look:
    """The square about a known face, shown at size × size, a tilted face level.

    A detector answers the same face a little differently in each place of its grid of cells. So an ROI of the frame
    before is taken again while the face sits well in it: then a still face has a still box.

    Args:
        face: in pixels of the picture.
        size: edge that it is shown with, in pixels.
        before: looks of the frame before, of which one may serve again.
    """
    side, tilt = max(8, round(ROI * edge(face.box_xyxy))), roll(face)
    for look in before:
        sits = 1 / GROWTH < side / look.width < GROWTH and distance(look.box, face.box_xyxy) * ROI < DRIFT
        if sits and math.cos(tilt - look.turn) > math.cos(TILT):
            return look
    x, y = centre(face.box_xyxy)
    turn = tilt if abs(tilt) > TILT else 0.0
    return Look(round(x - side / 2), round(y - side / 2), side, side, (size, size), turn)


def take(detector: Detector, raster: Raster, looks: Sequence[Look]) -> list[list[Face]]:
    """What a detector finds in each look; answers that cannot be faces are left out.

    Args:
        detector: is asked once for all of them.
        raster: the picture.
        looks: parts of it.

    Returns:
        The faces of each look, in pixels of the whole picture.
    """
    parts = [look.within(raster.width, raster.height) for look in looks]
    answers = detector.detect([part.picture(raster) for part in parts]) if parts else []
    longest = max(raster.width, raster.height)
    seen = [[part.place(face) for face in faces] for part, faces in zip(parts, answers, strict=True)]
    return [[face for face in faces if sound(face, longest)] for faces in seen]


def _spans(length: int, window: int, overlap: int) -> list[tuple[int, int]]:
    """(start, length) of as few equal spans as cover a length, no longer than needed."""
    if length <= window:
        return [(0, length)]
    count = math.ceil((length - overlap) / (window - overlap))
    span = min(window, CELL * math.ceil((length + (count - 1) * overlap) / count / CELL))
    return [(index * (length - span) // (count - 1), span) for index in range(count)]


def _rectangle(look: Look) -> Rectangle:
    return look.left, look.top, look.left + look.width, look.top + look.height


def _turned_part(raster: Raster, look: Look) -> Image:
    """A square part that is turned, read from the upright square about it, at twice the size that is shown."""
    (x, y), half = centre(look.box), math.ceil(look.width * math.sqrt(0.5))
    about = round(x) - half, round(y) - half, round(x) + half, round(y) + half
    edge_px = 2 * look.size[0]
    step = look.width / edge_px
    upright_px = math.ceil(2 * half / step)
    upright, scale = raster.part(about, (upright_px, upright_px)), upright_px / (2 * half)
    right = step * scale * np.array([math.cos(look.turn), math.sin(look.turn)])
    down = np.array([-right[1], right[0]])
    middle = (np.array([x, y]) - about[:2]) * scale
    first = middle - (right + down) * (edge_px - 1) / 2 - 0.5
    fine = cv2.warpAffine(
        upright, np.column_stack([right, down, first]), (edge_px,) * 2, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    return np.asarray(cv2.resize(fine, look.size, interpolation=cv2.INTER_AREA), np.uint8)
