"""BlazeFace, MediaPipe's face detector, in onnxruntime: quick on a face that fills a good part of the picture.

Bazarevsky et al., BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs (2019), arXiv 1907.05047. Two files:

    short   128×128, faces near a camera      512 cells of 8 pixels, twice each way, and 384 of 16, six times
    full    192×192                           2304 cells of 4 pixels

A picture is laid into the middle of a black square and shown at that size, so a face smaller than about a tenth of it
is lost. Each cell, its middle at m, answers in pixels of the square

    score = σ(logit)        centre = m + p₀₁        size = p₂₃        eye k = m + p₄₊₂ₖ,₅₊₂ₖ

The cells of one face are blended as MediaPipe does it. Its box is a square from brows to chin; `Face` means the box
that YuNet draws. Between the two lies a fixed change, measured on 900 pictures of FER2013 that both find (medians, in
a 48×48 picture):

    BlazeFace  41×41 about (24, 27)   →   YuNet  37×48 about (24, 23)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import cv2
import numpy as np

from ..system.providers import AUTO
from ..types import Face, Floats, Image
from .blending import blended
from .geometry import around, placed
from .runtime import detector_session, shipped

WIDTH, HEIGHT, RISE = 37 / 41, 48 / 41, 4 / 41
"""YuNet's box in edges of BlazeFace's: its width, its height, and how much higher its centre lies."""
OVERLAP = 0.3
"""With the best cell's box, above which a cell is of the same face."""
BATCH = 8
"""Pictures in one call."""


class _Range(NamedTuple):
    """A file's square, and its grids as (pixels a cell, answers a cell)."""

    edge: int
    grids: tuple[tuple[int, int], ...]


RANGES = {"short": _Range(128, ((8, 2), (16, 6))), "full": _Range(192, ((4, 1),))}


class BlazeFace:
    """BlazeFace, ready to look.

    Args:
        name: "short" or "full", the range.
        min_score: faces below it are not reported, 0–1.
        threads: inside one call.
        provider: of onnxruntime.
    """

    def __init__(self, name: str = "short", min_score: float = 0.5, threads: int = 1, provider: str = AUTO) -> None:
        self._edge, grids = RANGES[name]
        self._middles = np.concatenate([_middles(self._edge, *grid) for grid in grids])
        self._least = math.log(min_score / (1 - min_score))
        self._session = detector_session(shipped(f"blazeface_{name}"), threads, provider)

    def detect(self, pictures: Sequence[Image]) -> list[list[Face]]:
        """The faces of each picture; see `Detector.detect`."""
        starts = range(0, len(pictures), BATCH)
        return [faces for start in starts for faces in self._look(pictures[start : start + BATCH])]

    def close(self) -> None:
        """Frees the session; a second call does nothing."""
        with suppress(AttributeError):
            del self._session

    def _look(self, pictures: Sequence[Image]) -> Iterator[list[Face]]:
        squares = [_square(picture, self._edge) for picture in pictures]
        batch = cv2.dnn.blobFromImages(squares, 1 / 127.5, mean=(127.5,) * 3, swapRB=True)
        logits, places = self._session.run(["logits", "places"], {"pictures": batch})
        for picture, logit, place in zip(pictures, logits[..., 0], places, strict=True):
            yield [_placed(face, picture.shape, self._edge) for face in self._faces(logit, place)]

    @np.errstate(invalid="ignore")
    def _faces(self, logits: Floats, places: Floats) -> list[Face]:
        """As BlazeFace draws them, in pixels of the square."""
        sure = np.flatnonzero(logits >= self._least)
        if not sure.size:
            return []
        middle, place = self._middles[sure], places[sure]
        centre, half = middle + place[:, :2], place[:, 2:4] / 2
        eyes = [middle + place[:, 4:6], middle + place[:, 6:8]]
        score = 1 / (1 + np.exp(-logits[sure, None]))
        return blended(np.hstack([centre - half, centre + half, *eyes, score]), OVERLAP, OVERLAP)


def _middles(edge: int, stride: int, answers: int) -> Floats:
    """(answers of a grid, 2) the middle of each answer's cell, in pixels of the square and the network's order."""
    row, column = np.mgrid[: edge // stride, : edge // stride]
    middles = stride * (np.stack([column.ravel(), row.ravel()], axis=1) + 0.5)
    return np.repeat(middles, answers, axis=0).astype(np.float32)


def _square(picture: Image, edge: int) -> Image:
    """A picture in the middle of a black square of this edge, read as MediaPipe reads it."""
    height, width = picture.shape[:2]
    if height == width == edge:
        return picture
    longest = max(width, height)
    step = longest / edge
    matrix = np.array([[step, 0, (width - longest) / 2], [0, step, (height - longest) / 2]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, matrix, (edge, edge), flags=flags), np.uint8)


def _placed(face: Face, shape: tuple[int, ...], edge: int) -> Face:
    """A face of the square in pixels of the picture, with the box that YuNet would draw."""
    height, width = shape[:2]
    longest = max(width, height)
    step = longest / edge
    return like_yunet(placed(face, (step, step), ((width - longest) / 2, (height - longest) / 2)))


def like_yunet(face: Face) -> Face:
    """A face whose box is BlazeFace's square, with the box that YuNet would draw about it."""
    (ax, ay), (bx, by) = face.eyes
    x0, y0, x1, y1 = face.box_xyxy
    turn, size = math.atan2(by - ay, bx - ax), y1 - y0
    up = RISE * size * math.sin(turn), -RISE * size * math.cos(turn)
    middle = (x0 + x1) / 2 + up[0], (y0 + y1) / 2 + up[1]
    return Face(around(middle, WIDTH * size, HEIGHT * size, turn), face.eyes, face.score)
