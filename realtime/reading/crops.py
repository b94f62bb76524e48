"""From a face to what the network is fed: a square about the eyes, cut out and shrunk, all faces in one array.

The square is `eye_distances` distances between the eyes wide, the middle between the eyes in its vertical axis, the
eyes on the line `eye_line` of its height:

      ┌─────────────────┐
      │                 │ ↑ eye_line
      │    o       o    │ ↓                 d = distance of the eyes
      │    ├── d ──┤    │
      │                 │
      └─────────────────┘
      ├ eye_distances · d ┤

Every detector gives the eyes, so the network sees the same crop whichever found the face. A network that was trained on
a detector's boxes may ask for those instead; then its crops are the detector's own. Outside the frame its border
is repeated. Where a face is larger than the network's input, the crop is taken at the frame's own resolution and
averaged down: plain sampling would alias skin and hair into patterns that the network was never trained on.

For people to look at, the same square is cut out at the frame's own resolution: the face chip.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..network.contract import Contract, CropSpec, InputSpec
from ..types import Box, Face, Floats, Image, Raster, Reading
from .stretch import rounded, stretched

Matrix = NDArray[np.float64]
"""(2, 3): a point (u, v, 1) goes to (x, y)."""

MIN_EYE_DISTANCE = 0.22
"""Of the box's height. A frontal face has 0.37; in profile the eyes fall together while the head keeps its size."""
MAX_OVERSAMPLING = 16
BORDER = 2
"""Pixels about the crop that interpolation reads."""
LARGEST_CHIP = 1024
"""Edge of a sampled face chip in pixels, at most: no inset is larger."""
GRID = 32
"""Parts of a pixel that a face's place is rounded to: two processors, and Python and the page, differ in the last bits
of where an eye is, and a gray level of a crop can turn a cell of the network on or off."""
FAR = 2
"""Edges of the picture from which on a square is sampled, not cut out: nearly all of it would be repeated border."""


def cut_crops(picture: Raster, faces: Sequence[Face], contract: Contract) -> Image:
    """The pixels that the network sees, for all faces of a frame.

    Args:
        picture: upright.
        faces: in its pixels.
        contract: says size, channels and the square to cut.

    Returns:
        (N, h, w) where the network reads gray, else (N, h, w, 3) BGR; uint8.
    """
    spec = contract.input
    gray = spec.channels == "gray"
    crops = np.empty((len(faces), spec.height, spec.width) + (() if gray else (3,)), np.uint8)
    for crop, face in zip(crops, faces, strict=True):
        crop[...] = _cut(picture, crop_matrix(face, contract.crop), spec.width, spec.height, gray)
    return crops


def to_batch(crops: Image, spec: InputSpec) -> Floats:
    """Crops as the network reads them: its channel order and layout, stretched and scaled.

    Args:
        crops: from `cut_crops`.
        spec: the network's input.

    Returns:
        (N, *spec.shape).
    """
    return as_read(stretched(crops, spec.stretch), spec)


def as_read(lit: NDArray[Any], spec: InputSpec) -> Floats:
    """Crops that are stretched already as the network reads them, (N, *spec.shape)."""
    pixels = lit[..., None] if spec.channels == "gray" else lit
    return _laid_out(_scaled(pixels[..., ::-1] if spec.channels == "rgb" else pixels, spec), spec)


def fed(pixels: NDArray[Any], spec: InputSpec) -> Floats:
    """What a network is fed, in evaluation and training too: stretched where it asks for it, then × scale + offset.

    Args:
        pixels: (N, h, w, c) in the network's order of channels, 0–255; uint8, or float32 in training.
        spec: the network's input.

    Returns:
        Of the same shape, float32.
    """
    return _scaled(stretched(pixels, spec.stretch), spec)


def as_fed(pixels: NDArray[Any], spec: InputSpec) -> Floats:
    """The same in the network's layout, (N, *spec.shape)."""
    return _laid_out(fed(pixels, spec), spec)


def _laid_out(batch: Floats, spec: InputSpec) -> Floats:
    return np.ascontiguousarray(batch if spec.layout == "NHWC" else batch.transpose(0, 3, 1, 2))


def _scaled(seen: NDArray[Any], spec: InputSpec) -> Floats:
    return np.asarray(seen * np.asarray(spec.scale, np.float32) + np.asarray(spec.offset, np.float32), np.float32)


def as_seen(crops: Image, spec: InputSpec) -> Image:
    """Crops as the network sees them, in whole levels, for people to look at; the same shape."""
    return rounded(stretched(crops, spec.stretch))


def crop_matrix(face: Face, spec: CropSpec) -> Matrix:
    """The map from the crop, as a unit square with (0, 0) left above, to pixels of the frame."""
    if spec.box_margin is not None:
        return _box_matrix(face, spec.box_margin)
    (ax, ay), (bx, by) = [(_on_grid(x), _on_grid(y)) for x, y in face.eyes]
    height = _on_grid(face.box_xyxy[3] - face.box_xyxy[1])
    distance = max(math.hypot(bx - ax, by - ay), MIN_EYE_DISTANCE * height, 1.0)
    turn = math.atan2(by - ay, bx - ax) if spec.align else 0.0
    side = distance * spec.eye_distances
    across, along, line = side * math.cos(turn), side * math.sin(turn), spec.eye_line
    x, y = (ax + bx) / 2 - across / 2 + along * line, (ay + by) / 2 - along / 2 - across * line
    return np.array([[across, -along, x], [along, across, y]])


def _on_grid(edge: float) -> float:
    return math.floor(edge * GRID + 0.5) / GRID


def _box_matrix(face: Face, margin: float) -> Matrix:
    x0, y0, x1, y1 = map(_on_grid, face.box_xyxy)
    side = max(x1 - x0, y1 - y0, 1.0) * (1 + 2 * margin)
    return np.array([[side, 0, (x0 + x1 - side) / 2], [0, side, (y0 + y1 - side) / 2]], np.float64)


def crop_square(face: Face, spec: CropSpec) -> tuple[Box, float]:
    """The crop's square before it is turned, in pixels of the frame, and its turn clockwise about its middle."""
    (rx, dx, left), (ry, dy, top) = crop_matrix(face, spec).tolist()
    x, y, half = left + (rx + dx) / 2, top + (ry + dy) / 2, math.hypot(rx, ry) / 2
    return (x - half, y - half, x + half, y + half), math.atan2(ry, rx)


def face_chip(picture: Raster, reading: Reading) -> Image:
    """The part of a picture that a reading's crop was made from, upright; beyond the picture its border is repeated.

    Returns:
        (h, h) brightness at the picture's own resolution.
    """
    x0, y0, x1, y1 = reading.square
    if not reading.turn_rad and x1 - x0 <= FAR * max(picture.width, picture.height):
        return _straight(picture, reading.square)
    edge = min(LARGEST_CHIP, max(1, round(x1 - x0)))
    right = (x1 - x0) * np.array([math.cos(reading.turn_rad), math.sin(reading.turn_rad)])
    down = np.array([-right[1], right[0]])
    corner = np.array([x0 + x1, y0 + y1]) / 2 - (right + down) / 2
    part, matrix = _part(picture, np.column_stack([right, down, corner]), True)
    return _sampled(part, matrix, edge, edge)


def _straight(picture: Raster, square: Box) -> Image:
    x0, y0, x1, y1 = (round(value) for value in square)
    x1, y1 = max(x1, x0 + 1), max(y1, y0 + 1)
    left, top = min(max(x0, 0), picture.width - 1), min(max(y0, 0), picture.height - 1)
    right, bottom = max(min(x1, picture.width), left + 1), max(min(y1, picture.height), top + 1)
    inside = picture.pixels((left, top, right, bottom), gray=True)
    beyond = (max(top - y0, 0), max(y1 - bottom, 0), max(left - x0, 0), max(x1 - right, 0))
    if not any(beyond):
        return inside
    return np.asarray(cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_REPLICATE), np.uint8)


def _cut(picture: Raster, matrix: Matrix, width: int, height: int, gray: bool) -> Image:
    times = _oversampling(matrix, width, height)
    part, matrix = _part(picture, matrix, gray, times)
    part, matrix, times = _halfway(part, matrix, times)
    fine = _sampled(part, matrix, width * times, height * times)
    small = fine if times == 1 else cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _sampled(part: Image, matrix: Matrix, width: int, height: int) -> Image:
    """The square that the matrix maps from, at this size; the part's border is repeated."""
    return np.asarray(
        cv2.warpAffine(
            part,
            _between_pixel_centres(matrix, width, height),
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )


def _oversampling(matrix: Matrix, width: int, height: int) -> int:
    """How many samples per pixel of the crop, along each edge, so that no pixel of the frame is skipped."""
    (rx, dx, _), (ry, dy, _) = matrix.tolist()
    across, down = math.hypot(rx, ry) / width, math.hypot(dx, dy) / height
    return min(MAX_OVERSAMPLING, max(1, math.ceil(max(across, down) - 0.25)))


def _halfway(part: Image, matrix: Matrix, times: int) -> tuple[Image, Matrix, int]:
    """The part, shrunk to at least twice the crop's own resolution by averaging whole pixels, which costs next to
    nothing beside turning it; the map into it; and how many samples are still needed.
    """
    factor = times // 2
    rows, columns = part.shape[0] // max(factor, 1), part.shape[1] // max(factor, 1)
    if factor < 2 or not rows or not columns:
        return part, matrix, times
    whole = part[: rows * factor, : columns * factor]
    small = np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
    return small, matrix / factor, math.ceil(times / factor)


def _part(picture: Raster, matrix: Matrix, gray: bool, margin: int = 0) -> tuple[Image, Matrix]:
    """What the crop touches of the frame, and the map into it: only that is turned to gray."""
    (rx, dx, left), (ry, dy, top) = matrix.tolist()
    x0, x1 = _span(left, rx, dx, BORDER + margin, picture.width)
    y0, y1 = _span(top, ry, dy, BORDER + margin, picture.height)
    return picture.pixels((x0, y0, x1, y1), gray), np.array([[rx, dx, left - x0], [ry, dy, top - y0]])


def _span(first: float, right: float, down: float, border: int, most: int) -> tuple[int, int]:
    """From where to where the corners of a square reach along one edge of the frame, with a border, inside it."""
    corners = first, right + first, down + first, right + down + first
    start = int(min(max(min(corners) - border, 0), most - 1))
    return start, int(min(max(max(corners) + border + 1, start + 1), most))


def _between_pixel_centres(matrix: Matrix, width: int, height: int) -> Matrix:
    """The map from pixel numbers of a crop of this size to pixel numbers of the frame; a pixel's centre is at + ½."""
    rows = [(right / width, down / height, first) for right, down, first in matrix.tolist()]
    return np.array([(right, down, first + (right * 0.5 + down * 0.5 - 0.5)) for right, down, first in rows])
