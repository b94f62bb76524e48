"""What the viewer's benchmark watches and shows: a film with many faces, and a window that keeps the time."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

import cv2
import numpy as np
from numpy.typing import NDArray

from ..live.film import Film
from ..live.window import ScreenWindow
from ..media.raster import Bgr
from ..system.memory import resident_mb
from ..types import Frame, Image

WARM_UP_S = 2.0
KEY_EVERY_S = 0.25


class Crowd(Film):
    """A film of which several copies fill one picture of 1280×720, to have many faces."""

    SIZE = (1280, 720)

    def __init__(self, path: Path, copies: int) -> None:
        self._columns = math.ceil(math.sqrt(copies * self.SIZE[0] / self.SIZE[1] / 1.8))
        self._rows = math.ceil(copies / self._columns)
        super().__init__(path, endless=True)

    @property
    def size(self) -> tuple[int, int]:
        return self.SIZE

    def read(self) -> Frame | None:
        frame = super().read()
        if frame is None:
            return None
        width, height = self.SIZE[0] // self._columns, self.SIZE[1] // self._rows
        one = cv2.resize(frame.image, (width, height), interpolation=cv2.INTER_AREA)
        whole = np.zeros((self.SIZE[1], self.SIZE[0], 3), np.uint8)
        tiled = np.tile(one, (self._rows, self._columns, 1))
        whole[: tiled.shape[0], : tiled.shape[1]] = tiled
        # The copying is the benchmark's own: the picture counts as captured when it is made.
        return replace(frame, picture=Bgr(whole), captured_at=perf_counter())


class MeasuringWindow(ScreenWindow):
    """A window that notes when it showed something, presses keys by itself, and closes after a while."""

    def __init__(self, size: tuple[int, int], seconds: float, keys: tuple[str, ...] = ()) -> None:
        super().__init__(size)
        cv2.setNumThreads(1)  # as the commands have it, see `system.libraries`
        self._seconds, self._keys = seconds, keys
        self._start = perf_counter()
        self._cpu = process_time()
        self.moments: list[float] = []
        self.memory: list[float] = []

    def show(self, image: Image) -> None:
        super().show(image)
        now = perf_counter()
        if now - self._start < WARM_UP_S:
            self._cpu = process_time()
            return
        self.moments.append(now)
        if len(self.memory) < now - self._start - WARM_UP_S:
            self.memory.append(resident_mb())

    def key(self) -> str | None:
        pressed = super().key()
        due = int((perf_counter() - self._start - WARM_UP_S) / KEY_EVERY_S)
        if pressed is None and self._keys and due > 0:
            pressed, self._keys = self._keys[0], self._keys[1:]
            self._start += KEY_EVERY_S
            self._seconds -= KEY_EVERY_S
        return pressed

    @property
    def open(self) -> bool:
        return super().open and perf_counter() - self._start < WARM_UP_S + self._seconds

    @property
    def core_share(self) -> float:
        """Processor time since the warm-up, in parts of one core."""
        return (process_time() - self._cpu) / (self.moments[-1] - self.moments[0])

    @property
    def gaps_ms(self) -> NDArray[np.float64]:
        """Milliseconds between pictures."""
        return np.diff(np.array(self.moments)) * 1000
