"""Where the readings of pages go: publishers that all pages share; for each page a log and LSL streams of its own.

Pages are named by the lowest number that is free, "page 1" first: `source` tells their readings apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Lock

from ..errors import EmoscopeError
from ..reading.smoothing import Shown
from ..sinks.about import About
from ..sinks.fan_out import FanOut
from ..sinks.options import SinkOptions
from ..sinks.sink import SampleSink
from ..sinks.worker import Worker
from ..system.closing import Closing
from ..types import Frame

NO_LOG = "this server keeps no log: start it with `emoscope serve --log FILE.csv`"


class ServerSinks(Closing):
    """The sinks of a server; a context manager that closes what pages share.

    Args:
        options: what is asked for.
        about: the network that reads.
        tell: where news of the sinks go, from any thread.

    Raises:
        EmoscopeError: a sink cannot be had.
    """

    def __init__(self, options: SinkOptions, about: About, tell: Callable[[str], object] = lambda text: None) -> None:
        self._own = replace(options, publish=(), virtual_camera=False)
        self._about, self._tell = about, tell
        shared = replace(options, log=None, lsl="").sinks(about)
        self._shared = [Worker(sink, tell) for sink in shared]
        self._open: dict[int, FanOut] = {}
        self._ended: list[FanOut] = []
        self._lock = Lock()

    def page(self) -> PageSinks:
        """The sinks of a page that opens; what it cannot have is told, and left out."""
        with self._lock:
            number = next(number for number in range(1, len(self._open) + 2) if number not in self._open)
            about = replace(self._about, source=f"page {number}")
            opened = FanOut(about, self._sinks(about), tell=self._tell, shared=self._shared)
            self._open[number] = opened
        return PageSinks(opened, self._own.log, lambda: self._left(number))

    def close(self) -> None:
        """Waits for the sinks of pages that have left, and closes what pages share."""
        for fan_out in [*self._open.values(), *self._ended]:
            fan_out.close()
        for worker in self._shared:
            worker.close()

    def _sinks(self, about: About) -> list[SampleSink]:
        try:
            return replace(self._own, log=None).sinks(about)
        except EmoscopeError as error:
            self._tell(str(error))
            return []

    def _left(self, number: int) -> None:
        with self._lock:
            ended = self._open.pop(number)
            ended.finish()
            self._ended = [*(one for one in self._ended if not one.ended), ended]


class PageSinks(Closing):
    """The sinks of one page; its log begins with its first frame, in a file of its own.

    Args:
        fan_out: of the page.
        log: the name that was asked for, or None.
        left: is called when the page closes, and lets its sinks end.
    """

    def __init__(self, fan_out: FanOut, log: Path | None, left: Callable[[], None]) -> None:
        self._fan_out, self._log, self._left = fan_out, log, left
        self._begun = log is None
        self._time_s: float | None = None
        self._anew = False

    def forget(self) -> None:
        """Another source begins with the next frame, whatever its time: every still is at 0 s."""
        self._time_s, self._anew = None, True

    def send(self, frame: Frame, faces: tuple[Shown, ...], prior: float | None) -> None:
        """Hands a frame's readings over, once: the page may ask about a picture again."""
        if frame.time_s == self._time_s:
            return
        self._time_s = frame.time_s
        if not self._begun:
            self._begun = True
            try:
                self._fan_out.toggle_log(self._path)
            except EmoscopeError as error:  # the page goes on; whoever runs the server is told
                self._fan_out.tell(str(error))
        anew, self._anew = self._anew, False
        self._fan_out.send(frame, faces, prior, anew=anew)

    def toggle_log(self) -> str:
        """Ends the page's log, or begins one; what is to be said of it."""
        self._begun = True
        try:
            return self._fan_out.toggle_log(self._path)
        except EmoscopeError as error:
            return str(error)

    def mark(self) -> str:
        """Marks this moment; what is to be said of it."""
        return self._fan_out.mark()

    def close(self) -> None:
        """Lets what is the page's own end, without waiting for it."""
        self._left()

    def _path(self) -> Path:
        if self._log is None:
            raise EmoscopeError(NO_LOG)
        return self._log
