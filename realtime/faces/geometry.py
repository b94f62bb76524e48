"""Boxes and how they overlap; a face seen in a picture and the same face in the frame it was cut from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from realtime.types import Box, Face, Floats, Point


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


def overlaps(a: Floats, b: Floats) -> Floats:
    """(N, M) intersection over union of every box of `a` (N, 4) with every box of `b` (M, 4)."""
    common = _common(a, b)
    union = _areas(a)[:, None] + _areas(b)[None] - common
    return np.asarray(common / np.maximum(union, np.finfo(np.float32).tiny), np.float32)


def covers(a: Floats, b: Floats) -> Floats:
    """(N, M) intersection over the smaller of the two boxes: 1 where one lies inside the other."""
    smaller = np.minimum(_areas(a)[:, None], _areas(b)[None])
    return np.asarray(_common(a, b) / np.maximum(smaller, np.finfo(np.float32).tiny), np.float32)


def apart(faces: Sequence[Face], cover: float) -> list[Face]:
    """Of faces of which one covers the other by more than this, only the one that comes first."""
    rivals = covers(boxes(faces), boxes(faces)) > cover
    kept: list[int] = []
    for index in range(len(faces)):
        if not rivals[index, kept].any():
            kept.append(index)
    return [faces[index] for index in kept]


def _common(a: Floats, b: Floats) -> Floats:
    corner = np.maximum(a[:, None, :2], b[None, :, :2])
    extent = np.clip(np.minimum(a[:, None, 2:], b[None, :, 2:]) - corner, 0, None)
    return np.asarray(extent[..., 0] * extent[..., 1], np.float32)


def _areas(box: Floats) -> Floats:
    return np.asarray(np.prod(np.clip(box[:, 2:] - box[:, :2], 0, None), axis=1), np.float32)
