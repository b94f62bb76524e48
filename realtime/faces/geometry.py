"""Boxes and how they overlap; a face seen in a picture and the same face in the frame it was cut from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..types import Box, Face, Floats, Point

REACH = 0.8
"""How far from where a face was, in its edges, it may be in the next frame."""
PROFILE = 0.2
"""Distance of the eyes, in edges of the box, under which a head counts as turned away; a frontal one has 0.42."""


def sound(face: Face, longest: float) -> bool:
    """Whether its numbers can be those of a face: none infinite or NaN, a box that has an area, none far away.

    Args:
        face: as a detector gives it, in pixels of the frame.
        longest: the frame's longer edge in pixels; faces reach no farther than this beyond it.
    """
    x0, y0, x1, y1 = face.box_xyxy
    numbers = (*face.box_xyxy, *face.eyes[0], *face.eyes[1])
    # Every comparison with NaN is false.
    near = all(-longest <= number <= 2 * longest for number in numbers)
    return near and x0 < x1 and y0 < y1 and 0 <= face.score <= 1


def placed(face: Face, scale: Point, origin: Point) -> Face:
    """A face found in a part of the frame, in coordinates of the frame.

    Args:
        face: in pixels of the part as the detector saw it.
        scale: pixels of the frame per pixel of the part, in x and y.
        origin: the part's outer left top corner, in pixels of the frame.
    """
    (sx, sy), (ox, oy) = scale, origin
    x0, y0, x1, y1 = face.box_xyxy
    left, right = ((ox + sx * x, oy + sy * y) for x, y in face.eyes)
    return replace(face, box_xyxy=(ox + sx * x0, oy + sy * y0, ox + sx * x1, oy + sy * y1), eyes=(left, right))


def between(face: Face, other: Face, share: float) -> Face:
    """A face on its way from one moment to a later one; box and eyes move straight.

    Args:
        face: as it was.
        other: as it is later.
        share: of the way, 0–1.
    """

    def mixed(a: Sequence[float], b: Sequence[float]) -> list[float]:
        return [(1 - share) * x + share * y for x, y in zip(a, b, strict=True)]

    x0, y0, x1, y1 = mixed(face.box_xyxy, other.box_xyxy)
    (ax, ay), (bx, by) = (mixed(*points) for points in zip(face.eyes, other.eyes, strict=True))
    return replace(face, box_xyxy=(x0, y0, x1, y1), eyes=((ax, ay), (bx, by)))


def turned(face: Face, about: Point, turn: float) -> Face:
    """A face after the picture was turned; its box stays upright.

    Args:
        face: in pixels of the picture.
        about: the point that stays, (x, y) in pixels.
        turn: in radians, clockwise as it is seen.
    """
    sine, cosine = math.sin(turn), math.cos(turn)

    def moved(point: Point) -> Point:
        x, y = point[0] - about[0], point[1] - about[1]
        return about[0] + cosine * x - sine * y, about[1] + sine * x + cosine * y

    x0, y0, x1, y1 = face.box_xyxy
    box = around(moved(centre(face.box_xyxy)), x1 - x0, y1 - y0, turn)
    return replace(face, box_xyxy=box, eyes=(moved(face.eyes[0]), moved(face.eyes[1])))


def mirrored(face: Face, width: float) -> Face:
    """A face after the picture, `width` pixels wide, was flipped left to right."""
    (x0, y0, x1, y1), ((ax, ay), (bx, by)) = face.box_xyxy, face.eyes
    return replace(face, box_xyxy=(width - x1, y0, width - x0, y1), eyes=((width - bx, by), (width - ax, ay)))


def around(middle: Point, width: float, height: float, turn: float) -> Box:
    """The upright box about a head of this size that is turned: on its side it is as wide as it was high.

    Args:
        middle: of the head, in pixels.
        width: of the head when it is upright.
        height: likewise.
        turn: by which it is turned, in radians.
    """
    share = math.sin(turn) ** 2
    across, down = width + share * (height - width), height + share * (width - height)
    return middle[0] - across / 2, middle[1] - down / 2, middle[0] + across / 2, middle[1] + down / 2


def roll(face: Face) -> float:
    """The angle of the line between the eyes in radians, 0 when level; 0 too in profile, where it would be noise."""
    (ax, ay), (bx, by) = face.eyes
    in_profile = math.hypot(bx - ax, by - ay) < PROFILE * edge(face.box_xyxy)
    return 0.0 if in_profile else math.atan2(by - ay, bx - ax)


def centre(box: Box) -> Point:
    """The middle of a box."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def edge(box: Box) -> float:
    """The geometric mean of width and height."""
    return math.sqrt(max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0))


def distance(a: Box, b: Box) -> float:
    """Between the centres, in edges of the larger box."""
    (ax, ay), (bx, by) = centre(a), centre(b)
    return math.hypot(ax - bx, ay - by) / max(edge(a), edge(b), 1e-9)


def boxes(faces: Sequence[Face]) -> Floats:
    """(N, 4) x0, y0, x1, y1 of the faces."""
    return np.array([face.box_xyxy for face in faces], np.float32).reshape(-1, 4)


def ious(a: Floats, b: Floats) -> Floats:
    """(N, M) intersection over union of every box of `a` (N, 4) with every box of `b` (M, 4)."""
    common = _common(a, b)
    union = _areas(a)[:, None] + _areas(b)[None] - common
    return np.asarray(common / np.maximum(union, np.finfo(np.float32).tiny), np.float32)


def covers(a: Floats, b: Floats) -> Floats:
    """(N, M) intersection over the smaller of the two boxes: 1 where one lies inside the other."""
    smaller = np.minimum(_areas(a)[:, None], _areas(b)[None])
    return np.asarray(_common(a, b) / np.maximum(smaller, np.finfo(np.float32).tiny), np.float32)


def non_maximum_suppression(faces: Sequence[Face], cover: float) -> list[Face]:
    """Of faces of which one covers the other by more than `cover`, 0–1, only the one that comes first.

    What counts is the part of the smaller box that is covered, not IoU: a box within a box is the same face.
    """
    kept: list[Face] = []
    for face in faces:  # so few that NumPy would take several times as long
        if all(_covered(face.box_xyxy, other.box_xyxy) <= cover for other in kept):
            kept.append(face)
    return kept


def _covered(a: Box, b: Box) -> float:
    """As `covers`, of two boxes."""
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = a, b
    across, down = min(ax1, bx1) - max(ax0, bx0), min(ay1, by1) - max(ay0, by0)
    if across <= 0 or down <= 0:
        return 0.0
    return across * down / min((ax1 - ax0) * (ay1 - ay0), (bx1 - bx0) * (by1 - by0))


def nearest(before: Face, seen: Sequence[Face], least: float) -> Face | None:
    """The nearest of some faces, if it can be the face of before.

    Args:
        before: as it was last seen.
        seen: the faces that there are now.
        least: score that a face must have, 0–1.
    """
    sure = [face for face in seen if face.score >= least]
    best = min(sure, key=lambda face: distance(face.box_xyxy, before.box_xyxy), default=None)
    near = best is not None and distance(best.box_xyxy, before.box_xyxy) < REACH
    return best if near else None


def _common(a: Floats, b: Floats) -> Floats:
    corner = np.maximum(a[:, None, :2], b[None, :, :2])
    extent = np.clip(np.minimum(a[:, None, 2:], b[None, :, 2:]) - corner, 0, None)
    return np.asarray(extent[..., 0] * extent[..., 1], np.float32)


def _areas(box: Floats) -> Floats:
    return np.asarray(np.prod(np.clip(box[:, 2:] - box[:, :2], 0, None), axis=1), np.float32)
