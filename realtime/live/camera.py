"""A camera through OpenCV. One that disappears is opened again, with pauses that grow, while the window says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from time import perf_counter

import cv2
import numpy as np

from ..errors import SourceError
from ..media.raster import Bgr
from ..types import Frame
from .devices import BACK_END, cameras
from .source import Source

PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Between attempts to open a lost camera; the last one repeats."""
MISSES = 5
"""Frames in a row that a camera may fail to give before it counts as lost."""


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps to itself what OpenCV has to say, in ten lines, of a camera that is not there."""
    usual = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(usual)


class Camera(Source):
    """A camera by its number.

    Args:
        number: as the operating system counts cameras, from 0.
        size: width and height to ask for, in pixels; None for the camera's own choice.
        fps: frames a second to ask for; None for the camera's own choice.

    Attributes:
        number: as above.

    Raises:
        SourceError: there is no such camera, or another program uses it.
    """

    def __init__(self, number: int, size: tuple[int, int] | None = None, fps: float | None = None) -> None:
        self.name = f"camera {number}"
        self.number, self._size, self._fps = number, size, fps
        self._closed, self._stirred = Event(), Event()
        self._index = 0
        self._start = perf_counter()
        camera = self._open()
        if camera is None:
            raise SourceError(f"camera {number} does not open; {_why(number)}")
        self._camera = camera

    @property
    def size(self) -> tuple[int, int]:
        camera = self._camera
        return int(camera.get(cv2.CAP_PROP_FRAME_WIDTH)) or 640, int(camera.get(cv2.CAP_PROP_FRAME_HEIGHT)) or 480

    @property
    def is_camera(self) -> bool:
        return True

    def read(self) -> Frame | None:
        misses = 0
        while not self._closed.is_set():
            read, image = self._camera.read()
            if read:
                self.notice = ""
                return self._frame(np.asarray(image, np.uint8))
            misses += 1
            if misses >= MISSES and not self._reopen():
                return None
        return None

    def interrupt(self) -> None:
        self._stirred.set()

    def close(self) -> None:
        self._closed.set()
        self._stirred.set()
        self._camera.release()

    def _frame(self, image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Frame:
        now = perf_counter()
        frame = Frame(self._index, now - self._start, Bgr(image), now)
        self._index += 1
        return frame

    def _open(self) -> cv2.VideoCapture | None:
        with _quiet():
            camera = cv2.VideoCapture(self.number, BACK_END)
        if not camera.isOpened():
            return None
        if self._size is not None:
            camera.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
            camera.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
        if self._fps is not None:
            camera.set(cv2.CAP_PROP_FPS, self._fps)
        # The driver's queue would add its length to the latency.
        camera.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return camera

    def _reopen(self) -> bool:
        """Tries until the camera is back (True), or the source is closed or interrupted (False)."""
        self._camera.release()
        self._stirred.clear()  # by now an older interruption means nothing
        attempt = 0
        while True:
            pause_s = PAUSES_S[min(attempt, len(PAUSES_S) - 1)]
            self.notice = f"{self.name} lost • trying again"
            if self._closed.is_set() or self._stirred.wait(pause_s):
                return False
            camera = self._open()
            if camera is not None:
                self._camera = camera
                return True
            attempt += 1


def _why(number: int) -> str:
    there = cameras()
    if there is not None and not there:
        return "this machine has no camera: plug one in, or name a file or a stream address"
    if there is not None and number not in there:
        named = ", ".join(f"{other} ({name})" if name else str(other) for other, name in there.items())
        return f"there are {named}: name one of these, a file or a stream address"
    return "another program may be using it, or you may not read it (`emoscope doctor` tells)"


def try_camera(number: int) -> tuple[int, int] | None:
    """Width and height of what a camera gives, or None where it does not open."""
    try:
        with Camera(number) as camera:
            return camera.size
    except SourceError:
        return None
