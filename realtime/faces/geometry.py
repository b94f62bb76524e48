"""Boxes and how they overlap; a face seen in a picture and the same face in the frame it was cut from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

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
    return float(np.sqrt(max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)))


def boxes(faces: Sequence[Face]) -> Floats:
    """(N, 4) x0, y0, x1, y1 of the faces."""
    return np.array([face.box_xyxy for face in faces], np.float32).reshape(-1, 4)


def overlaps(a: Floats, b: Floats) -> Floats:
    """(N, M) intersection over union of every box of `a` (N, 4) with every box of `b` (M, 4)."""
    corner = np.maximum(a[:, None, :2], b[None, :, :2])
    extent = np.clip(np.minimum(a[:, None, 2:], b[None, :, 2:]) - corner, 0, None)
    common = extent[..., 0] * extent[..., 1]
    union = _areas(a)[:, None] + _areas(b)[None] - common
    return np.asarray(common / np.maximum(union, np.finfo(np.float32).tiny), np.float32)


def strongest(faces: Sequence[Face], overlap: float) -> list[Face]:
    """Of faces that overlap more than this (intersection over union) only the one of highest score, best first."""
    ranked = sorted(faces, key=lambda face: -face.score)
    rivals = overlaps(boxes(ranked), boxes(ranked)) > overlap
    kept: list[int] = []
    for index in range(len(ranked)):
        if not rivals[index, kept].any():
            kept.append(index)
    return [ranked[index] for index in kept]


def _areas(box: Floats) -> NDArray[np.float32]:
    return np.asarray(np.prod(np.clip(box[:, 2:] - box[:, :2], 0, None), axis=1), np.float32)
