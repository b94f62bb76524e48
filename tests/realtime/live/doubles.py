"""A source and a window without a camera or a screen: pictures from a list, keys from another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic, perf_counter, sleep

import numpy as np

from emoscope.live.source import Source
from emoscope.live.window import SMALLEST, Window
from emoscope.media.raster import Bgr
from emoscope.types import Frame, Image
from tests.waiting import PATIENCE_S

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
        keys: pressed one after the other, a key a picture; a condition among them holds back those behind it.
        size: of the picture area, in pixels.
    """

    def __init__(self, keys: Sequence[str | Callable[[], object]] = (), size: tuple[int, int] = SMALLEST) -> None:
        super().__init__()
        self.shown: list[Image] = []
        self.closed = False
        self.keys, self._size = list(keys), size
        self._told, self._until_s = 0, monotonic() + PATIENCE_S

    def show(self, image: Image) -> None:
        self.shown.append(np.array(image))

    def key(self) -> str | None:
        if self._told >= len(self.shown) or not self.keys:
            return None
        key = self.keys[0]
        if callable(key):
            assert monotonic() < self._until_s, f"waited in vain, before {self.keys[1:]}"
            if key():
                self.keys.pop(0)
            return None
        self._told += 1
        sleep(PRESS_S)
        self.keys.pop(0)
        return key

    @property
    def size(self) -> tuple[int, int]:
        return self._size

    @property
    def open(self) -> bool:
        return not self.closed

    def close(self) -> None:
        self.closed = True
