"""A source and a window without a camera or a screen: pictures from a list, keys from another."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter, sleep

import numpy as np

from emoscope.live.source import Source
from emoscope.live.window import SMALLEST, Window
from emoscope.media.raster import Bgr
from emoscope.types import Frame, Image

PRESS_S = 0.015
"""Between two keys, so that other pictures come meanwhile: a key that changes something is drawn without waiting."""


class ListSource(Source):
    """Pictures from memory: as fast as they are read, `fps` apart on their own clock."""

    def __init__(self, images: Sequence[Image], fps: float = 30.0) -> None:
        self.name = "list"
        self._images = list(images)
        self._fps = fps
        self._next = 0
        self.closed = False

    @property
    def size(self) -> tuple[int, int]:
        height, width = self._images[0].shape[:2]
        return width, height

    def read(self) -> Frame | None:
        if self._next >= len(self._images):
            return None
        number, self._next = self._next, self._next + 1
        return Frame(number, number / self._fps, Bgr(self._images[number]), perf_counter())

    def close(self) -> None:
        self.closed = True


class ListWindow(Window):
    """Pictures into a list, keys from one.

    Args:
        keys: pressed one after the other, a key a picture.
        size: of the picture area, in pixels.
    """

    def __init__(self, keys: Sequence[str] = (), size: tuple[int, int] = SMALLEST) -> None:
        super().__init__()
        self.shown: list[Image] = []
        self.closed = False
        self._keys, self._size = list(keys), size
        self._told = 0

    def show(self, image: Image) -> None:
        self.shown.append(np.array(image))

    def key(self) -> str | None:
        if self._told >= len(self.shown) or not self._keys:
            return None
        self._told += 1
        sleep(PRESS_S)
        return self._keys.pop(0)

    @property
    def size(self) -> tuple[int, int]:
        return self._size

    @property
    def open(self) -> bool:
        return not self.closed

    def close(self) -> None:
        self.closed = True
