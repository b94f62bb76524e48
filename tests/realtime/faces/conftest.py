"""A detector whose faces are bright rectangles on black, so that tests can draw what it is to find."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from emoscope.types import Face


class Spots:
    """Finds every rectangle brighter than 100; its score is its brightness / 255."""

    def __init__(self) -> None:
        self.seen = 0
        self.closed = 0

    def detect(self, pictures: Sequence[np.ndarray]) -> list[list[Face]]:
        self.seen += len(pictures)
        return [self._look(picture) for picture in pictures]

    def close(self) -> None:
        self.closed += 1

    def _look(self, picture: np.ndarray) -> list[Face]:
        bright = picture.max(axis=2)
        _, _, stats, _ = cv2.connectedComponentsWithStats((bright > 100).astype(np.uint8))
        return [_face(bright, *row[:4]) for row in stats[1:].tolist() if row[4] >= 16]


def _face(bright: np.ndarray, x: int, y: int, width: int, height: int) -> Face:
    score = float(np.median(bright[y : y + height, x : x + width])) / 255
    eyes = ((x + 0.3 * width, y + 0.4 * height), (x + 0.7 * width, y + 0.4 * height))
    return Face((x, y, x + width, y + height), eyes, score)


@pytest.fixture
def spots() -> Spots:
    """A detector of bright rectangles that counts the pictures it is shown."""
    return Spots()
