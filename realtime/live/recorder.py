"""Records pictures to H.264 while they are watched, each at the moment when it was shown.

The encoder has a thread of its own behind a short queue; a picture for which there is no room is left out, so
that recording never slows the window. The file has its name only when it is whole.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from queue import Full, Queue
from threading import Thread
from time import perf_counter

import av
import numpy as np
from av.error import FFmpegError

from ..errors import ResultError
from ..types import Image
from .placing import Placing

TICKS = 1000
"""Per second: players know no finer moments of a screen."""
QUEUE = 8
ODD = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Lines and columns by which a picture may be larger than the film, whose sizes are even."""
OPTIONS = {"crf": "23", "preset": "veryfast"}


class Recorder:
    """A recording; a context manager that finishes it.

    Args:
        path: where the whole recording will be.
        size: width and height of its pictures; odd ones lose a line, others are scaled to fit in it.

    Attributes:
        error: what ended the recording before its time, such as a full disk, or None.
        left_out: pictures for which the encoder had no time.

    Raises:
        ResultError: it cannot be written there.
    """

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        self.path, self.error, self.left_out = path, "", 0
        self._part = path.with_name(f".{path.name}.part")
        self._size = (max(2, size[0] - size[0] % 2), max(2, size[1] - size[1] % 2))
        self._pictures: Queue[tuple[Image, int] | None] = Queue(QUEUE)
        self._start_s: float | None = None
        self._last = -1
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._output = av.open(f"file:{self._part}", "w", format="mp4")
        except (FFmpegError, OSError) as error:
            raise ResultError(f"{path}: cannot be recorded ({error.strerror})") from None
        self._film = self._output.add_stream("libx264", rate=30, options=OPTIONS)
        self._film.width, self._film.height = self._size
        self._film.pix_fmt = "yuv420p"
        self._film.time_base = self._film.codec_context.time_base = Fraction(1, TICKS)
        self._thread = Thread(target=self._encode, name="recorder", daemon=True)
        self._thread.start()

    def add(self, image: Image, now_s: float | None = None) -> None:
        """Adds a (H, W, 3) BGR picture, shown now or at a moment of `time.perf_counter()`."""
        now_s = perf_counter() if now_s is None else now_s
        self._start_s = now_s if self._start_s is None else self._start_s
        ticks = max(self._last + 1, round((now_s - self._start_s) * TICKS))
        try:
            self._pictures.put_nowait((np.array(image), ticks))
        except Full:
            self.left_out += 1
        else:
            self._last = ticks

    def close(self) -> None:
        """Finishes the file and gives it its name; `error` says so where that failed."""
        if self._thread.is_alive():
            self._pictures.put(None)
        self._thread.join()
        if not self.error and self._last >= 0:
            self._name()
        with suppress(OSError):
            self._part.unlink()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _name(self) -> None:
        try:
            self._part.replace(self.path)
        except OSError as error:
            self.error = f"recording lost: {error.strerror}"

    def _encode(self) -> None:
        try:
            while (item := self._pictures.get()) is not None:
                self._output.mux(self._film.encode(self._frame(*item)))
            self._output.mux(self._film.encode(None))
            self._output.close()
        except (FFmpegError, OSError) as error:
            self.error = f"recording ended: {error.strerror}"
            with suppress(FFmpegError, OSError):
                self._output.close()
            self._drain()

    def _frame(self, image: Image, ticks: int) -> av.VideoFrame:
        frame = av.VideoFrame.from_ndarray(self._fitted(image), format="bgr24")
        frame.pts, frame.time_base = ticks, Fraction(1, TICKS)
        return frame

    def _fitted(self, image: Image) -> Image:
        """The picture at the recording's size, between dark bars where its shape is another one."""
        width, height = self._size
        if (image.shape[0] - height, image.shape[1] - width) in ODD:
            return image[:height, :width]
        placing = Placing.of((image.shape[1], image.shape[0]), self._size)
        return placing.framed(placing.scaled(image), self._size)

    def _drain(self) -> None:
        """Makes room, so that whoever puts the end mark does not wait for an encoder that is gone."""
        while not self._pictures.empty():
            self._pictures.get_nowait()
