"""A recorded file, watched at its own speed; it can pause, go on or back by one frame, jump, and start again.

The film's clock is the wall clock less the time spent paused. A frame that comes late is not waited for, so
a slow machine skips pictures and stays in time.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from pathlib import Path
from threading import Condition
from time import perf_counter

from ..errors import SourceError
from ..media.numbered import rate_of
from ..media.reader import RecordedFrame, Recording
from ..media.span import Span
from ..media.tape import STANDARD_INPUT
from ..types import Frame
from .source import Source

STEP_S = 5.0
END = "end of the film • z goes back, Backspace starts again"
SEEN = 2000
"""Moments that are remembered for steps back."""
SAME_S = 1e-4


class Film(Source):
    """A file of any kind that PyAV reads.

    Args:
        path: the file; numbered pictures, a pipe.
        endless: whether it starts again at its end, as a stand-in for a camera.
        film: number of the video stream that is shown, from 0; None for the largest.
        fps: pictures a second of numbered ones; None for 25.

    Raises:
        SourceError: it cannot be read.
    """

    def __init__(self, path: Path, endless: bool = False, film: int | None = None, fps: float | None = None) -> None:
        self.name = "standard input" if path == STANDARD_INPUT else path.name
        self._film, self._rate = film, rate_of(fps)
        self._path, self._endless = path, endless
        self._wake = Condition()
        self._paused = self._closed = False
        self._steps, self._ended = 0, False
        self._jump_to: float | None = None
        self._start: float | None = None
        self._recording: Recording | None = None
        recording = self._open(Span())
        picture, self._again = recording.first.picture, recording.again
        self._size = picture.width, picture.height
        self._fps, self._end_s = float(recording.rate or 0), recording.end_s
        self._now_s = 0.0
        self._index = 0
        self._lap_s = 0.0
        self._seen: deque[float] = deque(maxlen=SEEN)

    def read(self) -> Frame | None:
        while True:
            with self._wake:
                if self._closed:
                    return None
                jump, self._jump_to = self._jump_to, None
            if jump is not None:
                self._jump(jump)
            recorded = next(self._frames, None)
            if recorded is not None:
                self._seen.append(recorded.time_s)
                if self._wait_for(recorded.time_s):
                    return self._frame(recorded)
            elif not self._next_lap():
                return None

    @property
    def size(self) -> tuple[int, int]:
        return self._size

    @property
    def fps(self) -> float:
        """Frames a second, as the file says; 0 where it does not."""
        return self._fps

    @property
    def position(self) -> str:
        end = "" if self._end_s is None else f" / {_clock(self._end_s)}"
        return _clock(self._now_s) + end

    @property
    def can_pause(self) -> bool:
        return True

    def pause(self, on: bool) -> None:
        with self._wake:
            if on == self._paused:
                return  # a step that was asked for since is still to be shown
            self._paused = on
            self._steps = 0
            self._start = None
            self._wake.notify_all()

    @property
    def progress(self) -> float | None:
        return min(1.0, self._now_s / self._end_s) if self._end_s else None

    def seek(self, progress: float) -> None:
        if self._end_s:
            self._go_to(progress * self._end_s)

    def loop(self, on: bool) -> None:
        with self._wake:
            self._endless = on
            self._wake.notify_all()

    def step(self, steps: int = 1) -> None:
        if steps < 0:
            self._go_to(self._before())
            return
        with self._wake:
            self._steps += not self._ended  # at the end there is nothing to step to
            self._wake.notify_all()

    def _before(self) -> float:
        """When the frame before this one is shown: as was seen, else by the film's rate."""
        earlier = [time_s for time_s in self._seen if time_s < self._now_s - SAME_S]
        by_rate = self._now_s - 1.5 / (self._fps or 25.0)
        near = max(earlier, default=-1.0)
        return near - SAME_S if near >= by_rate - 1.0 else by_rate

    def move(self, steps: int) -> None:
        self._go_to(self._now_s + STEP_S * steps, (self._end_s or float("inf")) - 0.5)

    def _go_to(self, time_s: float, latest_s: float = float("inf")) -> None:
        with self._wake:
            self._jump_to = max(0.0, min(time_s, max(0.0, latest_s)))
            self._steps = max(1, self._steps)  # two jumps in a row show one picture
            self._wake.notify_all()

    def close(self) -> None:
        with self._wake:
            self._closed = True
            self._wake.notify_all()

    def _jump(self, start_s: float) -> None:
        """Goes on from a moment; a film that was cut off before it has ended there."""
        self._let_go()
        with suppress(SourceError):
            self._open(Span(start_s=start_s))

    def _open(self, span: Span) -> Recording:
        self._recording = Recording(self._path, span, fixed=False, film=self._film, fps=self._rate)
        self._frames = self._recording.frames()
        self._start = None
        return self._recording

    def _let_go(self) -> None:
        """Closes the file. A decoder keeps a dozen frames, which are gone before those of the next one come."""
        if self._recording is not None:
            self._recording.close()
        self._recording, self._frames = None, iter(())

    def _wait_for(self, time_s: float) -> bool:
        """Waits until a moment of the film has come; False where the film was closed or jumps instead."""
        with self._wake:
            while not (self._closed or self._jump_to is not None):
                # Who pauses before the first picture still sees that one.
                if self._paused and not self._steps and self._index:
                    self._wake.wait()
                    continue
                if self._start is None:
                    self._start = perf_counter() - time_s
                ahead_s = self._start + time_s - perf_counter()
                if self._paused or ahead_s <= 0:
                    self._steps = max(0, self._steps - 1)
                    return True
                self._wake.wait(ahead_s)
        return False

    def _frame(self, recorded: RecordedFrame) -> Frame:
        self.notice = ""
        self._now_s = recorded.time_s
        picture, where = recorded.picture, (recorded.index, recorded.time_s)
        _ = picture.bgr  # for the window, made on this thread; who looks for faces reads the planes
        self._index += 1
        # A jump back in the film is not a jump back in time for those who smooth over it.
        return Frame(self._index - 1, self._lap_s + recorded.time_s, picture, perf_counter(), in_file=where)

    def _next_lap(self) -> bool:
        """At the end: starts again, or waits for a jump; False where the film was closed."""
        if not self._endless:
            self.notice = END
            with self._wake:
                self._ended, self._steps = True, int(self._jump_to is not None)
                self._wake.wait_for(lambda: self._closed or self._endless or self._jump_to is not None)
                self._ended = False
                if self._closed or self._jump_to is not None:
                    return not self._closed
        self._lap_s += self._now_s + 0.04
        self._let_go()
        self._open(Span())
        return True


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes}:{rest:02}"
