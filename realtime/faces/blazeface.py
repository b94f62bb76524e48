"""BlazeFace, MediaPipe's face detector: quick on a face that fills a good part of the picture.

Bazarevsky et al., BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs (2019), arXiv 1907.05047. Two files:
short range (128×128, one face near a camera) and full range (192×192). Whatever the picture's size, MediaPipe shrinks
it to that, so a face smaller than about a tenth of the picture is lost.

Its box is a square from brows to chin; `Face` means the box that YuNet draws. Between the two lies a fixed change,
measured on 900 pictures of FER2013 that both find (medians, in a 48×48 picture):

    BlazeFace  41×41 about (24, 27)   →   YuNet  37×48 about (24, 23)
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from ..system.bundled import bundled, pretrained
from ..types import Box, Face, Image
from .geometry import around
from .mediapipe_c import Row, Task

WIDTH, HEIGHT, RISE = 37 / 41, 48 / 41, 4 / 41
"""YuNet's box in edges of BlazeFace's: its width, its height, and how much higher its centre lies."""


class BlazeFace:
    """BlazeFace, ready to look.

    Args:
        name: "short" or "full", the range.
        min_score: faces below it are not reported, 0–1.
    """

    def __init__(self, name: str = "short", min_score: float = 0.5) -> None:
        self._task = Task(bundled(pretrained() / "detectors", f"blazeface_{name}.tflite").read_bytes(), min_score)

    def detect(self, pictures: Sequence[Image]) -> list[list[Face]]:
        """The faces of each picture; see `Detector.detect`."""
        return [self._look(picture) for picture in pictures]

    def close(self) -> None:
        """Frees MediaPipe's detector."""
        self._task.close()

    def _look(self, picture: Image) -> list[Face]:
        height, width = picture.shape[:2]
        rows = self._task.detect(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8))
        return [_face(row, width, height) for row in rows]


def _face(row: Row, width: int, height: int) -> Face:
    score, x0, y0, x1, y1, ax, ay, bx, by = row
    eyes = ((ax * width, ay * height), (bx * width, by * height))
    turn = math.atan2(eyes[1][1] - eyes[0][1], eyes[1][0] - eyes[0][0])
    return Face(_like_yunet((x0, y0, x1, y1), turn), eyes, score)


def _like_yunet(box: Box, turn: float) -> Box:
    """The box that YuNet would draw about a face whose eyes lie on a line turned by `turn` radians."""
    x0, y0, x1, y1 = box
    edge = y1 - y0
    up = RISE * edge * math.sin(turn), -RISE * edge * math.cos(turn)
    return around(((x0 + x1) / 2 + up[0], (y0 + y1) / 2 + up[1]), WIDTH * edge, HEIGHT * edge, turn)
