"""A frame in a window: scaled to fit as a whole, centred, and the way back from a click."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..types import Image


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a frame lies in a window.

    Attributes:
        factor: pixels of the window per pixel of the frame.
        width: of the frame in the window, in pixels.
        height: of the frame in the window, in pixels.
        x: of its left edge.
        y: of its upper edge.
    """

    factor: float
    width: int
    height: int
    x: int
    y: int

    @classmethod
    def of(cls, frame: tuple[int, int], window: tuple[int, int]) -> Placing:
        """The largest placing of a frame (width, height) in a window (width, height)."""
        factor = min(window[0] / frame[0], window[1] / frame[1])
        width, height = max(1, round(frame[0] * factor)), max(1, round(frame[1] * factor))
        return cls(factor, width, height, (window[0] - width) // 2, (window[1] - height) // 2)

    def scaled(self, image: Image) -> Image:
        """The frame at its size in the window; always a picture of its own, to be drawn on."""
        if image.shape[:2] == (self.height, self.width):
            return np.array(image)
        method = cv2.INTER_AREA if self.factor < 1 else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(image, (self.width, self.height), interpolation=method), np.uint8)

    def framed(self, image: Image, window: tuple[int, int]) -> Image:
        """The drawn frame with dark bars that fill the window."""
        if (self.width, self.height) == window:
            return image
        full = np.full((window[1], window[0], 3), 12, np.uint8)
        full[self.y : self.y + self.height, self.x : self.x + self.width] = image
        return full
