"""Records pictures to H.264 while they are watched, each at the moment when it was shown.

The encoder has a thread of its own behind a short queue; a picture for which there is no room is left out, so that
recording never slows the window. The draft is a fragmented film: it plays to its last second whatever ends the program.
It gets its name when it is whole; what could not be finished is kept as NAME.partial.mp4.
"""

from __future__ import annotations

import os
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Thread
from time import perf_counter, time

import av
from av.error import FFmpegError

from ..draw.stage import Stage, on_board
from ..errors import ResultError
from ..system.closing import Closing
from ..types import Image

TICKS = 1000
"""Per second: players know no finer moments of a screen."""
QUEUE = 8
ODD = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Lines and columns by which a picture may be larger than the film, whose sizes are even."""
OPTIONS = {"crf": "23", "preset": "veryfast", "tune": "zerolatency"}
FRAGMENTS = {"movflags": "hybrid_fragmented", "frag_duration": "500000", "flush_packets": "1"}
"""A fragment every half second on the disk at once; a film that is finished is an ordinary MP4."""
ALIVE_S, DEAD_S = 2.0, 15.0
"""How often a running recording touches its draft, and after which time a draft belongs to nobody, in seconds."""
LEAST = 1000
"""Bytes: a draft smaller than this holds no picture."""


class Recorder(Closing):
    """A recording; a context manager that finishes it.

    Args:
        path: where the whole recording will be.
        size: width and height of its pictures; odd ones lose a line, others are scaled to fit in it.

    Attributes:
        error: what ended the recording before its time, such as a full disk, or "".
        left_out: pictures for which the encoder had no time.
        resized: whether a picture of another size came.

    Raises:
        ResultError: it cannot be written there.
    """

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        self.path, self.error, self.left_out, self.resized = path, "", 0, False
        self._part = path.with_name(f".{path.name}.part")
        self._size = (max(2, size[0] - size[0] % 2), max(2, size[1] - size[1] % 2))
        self._pictures: Queue[tuple[Image, int] | None] = Queue(QUEUE)
        self._start_s: float | None = None
        self._last = -1
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._part.touch()  # FFmpeg creates it with the first picture, and the number would be free until then
            self._output = av.open(f"file:{self._part}", "w", format="mp4", options=FRAGMENTS)
        except (FFmpegError, OSError) as error:
            raise ResultError(f"{path}: cannot be recorded ({error.strerror})") from None
        self._film = self._output.add_stream("libx264", rate=30, options=OPTIONS)
        self._film.width, self._film.height = self._size
        self._film.pix_fmt = "yuv420p"
        self._film.time_base = self._film.codec_context.time_base = Fraction(1, TICKS)
        self._thread = Thread(target=self._encode, name="recorder", daemon=True)
        self._thread.start()

    def add(self, image: Image, now_s: float | None = None) -> None:
        """Adds a (H, W, 3) BGR picture, which nobody changes after, shown now or at a moment of `perf_counter()`."""
        now_s = perf_counter() if now_s is None else now_s
        self._start_s = now_s if self._start_s is None else self._start_s
        ticks = max(self._last + 1, round((now_s - self._start_s) * TICKS))
        self.resized = self.resized or not self._fits(image)
        try:
            self._pictures.put_nowait((image, ticks))
        except Full:
            self.left_out += 1
        else:
            self._last = ticks

    def close(self) -> None:
        """Finishes the file and gives it its name; `error` says so where that failed, and what was kept."""
        if self._thread.is_alive():
            self._pictures.put(None)
        self._thread.join()
        if not self.error and self._last >= 0:
            self._name()
        if self.error:
            kept = keep(self._part)
            self.error += f" • kept {kept}" if kept is not None else ""
        with suppress(OSError):
            self._part.unlink()

    def _name(self) -> None:
        try:
            self._part.replace(self.path)
        except OSError as error:
            self.error = f"recording lost its name: {error.strerror}"

    def _encode(self) -> None:
        try:
            while (item := self._next()) is not None:
                self._output.mux(self._film.encode(self._frame(*item)))
            self._output.mux(self._film.encode(None))
            self._output.close()
        except (FFmpegError, OSError) as error:
            self.error = f"recording ended: {error.strerror}"
            with suppress(FFmpegError, OSError):
                self._output.close()
            self._drain()

    def _next(self) -> tuple[Image, int] | None:
        """The next picture, or None at the end; while none comes the draft is touched, so that nobody takes it away."""
        while True:
            try:
                return self._pictures.get(timeout=ALIVE_S)
            except Empty:
                with suppress(OSError):
                    os.utime(self._part)

    def _frame(self, image: Image, ticks: int) -> av.VideoFrame:
        frame = av.VideoFrame.from_ndarray(self._fitted(image), format="bgr24")
        frame.pts, frame.time_base = ticks, Fraction(1, TICKS)
        return frame

    def _fits(self, image: Image) -> bool:
        return (image.shape[0] - self._size[1], image.shape[1] - self._size[0]) in ODD

    def _fitted(self, image: Image) -> Image:
        """The picture at the recording's size, between dark bars where its shape is another one."""
        width, height = self._size
        if self._fits(image):
            return image[:height, :width]
        return on_board(image, Stage.of((image.shape[1], image.shape[0]), self._size))

    def _drain(self) -> None:
        """Makes room, so that whoever puts the end mark does not wait for an encoder that is gone."""
        while not self._pictures.empty():
            self._pictures.get_nowait()


def keep(draft: Path) -> Path | None:
    """Gives a draft that could not be finished a name that says so; None where there is nothing to keep."""
    name = draft.name.removeprefix(".").removesuffix(".part")
    kept = draft.with_name(f"{name.removesuffix('.mp4')}.partial.mp4")
    try:
        if draft.stat().st_size < LEAST or kept.exists():
            return None
        draft.replace(kept)
    except OSError:
        return None
    return kept


def left_behind(folder: Path) -> list[Path]:
    """Drafts of recordings whose program was killed."""
    try:
        drafts = sorted(folder.glob(".emoscope-*.mp4.part"))
        return [draft for draft in drafts if time() - draft.stat().st_mtime > DEAD_S]
    except OSError:
        return []
