"""Hands each frame to all sinks of a source, counts markers, and turns the log on and off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from ..reading.smoothing import Shown
from ..system.closing import Closing
from ..types import Frame, Image
from .about import About
from .log import Log, next_log
from .sample import Marker, Moment, Sample
from .sink import SampleSink
from .worker import Worker

NOTHING_HEARS = "nobody takes markers: start a log first"


class FanOut(Closing):
    """The sinks of one source; a context manager that closes them.

    Args:
        about: what is watched, and by which network.
        sinks: open; each gets a thread of its own.
        log: of a log that is begun already, or None.
        tell: where news of the sinks go, from any thread; may be replaced.
        shared: workers of sinks that others use too, and close.

    Attributes:
        about: as above.
        tell: as above.
    """

    def __init__(
        self,
        about: About,
        sinks: Sequence[SampleSink] = (),
        log: Log | None = None,
        tell: Callable[[str], object] = lambda text: None,
        shared: Sequence[Worker] = (),
    ) -> None:
        self.about, self.tell = about, tell
        self._shared = tuple(shared)
        self._workers = [Worker(sink, self._news) for sink in sinks]
        self._path = None if log is None else log.path
        self._logs = [] if log is None else [Worker(log, self._news)]
        self._markers = 0
        self._last: tuple[int, float] | None = None
        self._source = about.source

    @property
    def logging(self) -> bool:
        """Whether a log runs."""
        return bool(self._logs) and self._logs[-1].running

    @property
    def ended(self) -> bool:
        """Whether no sink is at work any more."""
        return all(worker.ended for worker in [*self._workers, *self._logs])

    def send(
        self,
        frame: Frame,
        faces: tuple[Shown, ...],
        prior: float | None = None,
        source: str = "",
        anew: bool = False,
    ) -> None:
        """Hands a frame's readings to all sinks that take them; that another source begins is an event.

        Args:
            frame: that was read.
            faces: that are in it.
            prior: how much of the training pictures' prior was taken off, 0–1.
            source: what is watched now, "" for what was watched at first.
            anew: whether another source begins that goes by the same name.
        """
        is_other = anew and self._last is not None
        source, before = source or self.about.source, self._source
        self._last, self._source = (frame.index, frame.time_s), source
        takers = self._takers()
        if not takers:
            return
        sample = Sample.of(frame, faces, source, prior)
        if is_other or source != before:
            self._put(takers, Marker(f"source: {source}", frame.index, frame.time_s, sample.moment, source))
        self._put(takers, sample)

    def show(self, image: Image) -> None:
        """Hands a copy of the picture that is shown, (H, W, 3) BGR, to all sinks that take it."""
        takers = [worker for worker in self._workers if worker.sink.wants_pictures and worker.running]
        if takers:
            copied = image.copy()
            for worker in takers:
                worker.put(copied)

    def mark(self, event: str = "") -> str:
        """Marks this moment.

        Args:
            event: its name; "" for the next number.

        Returns:
            What is to be said of it.
        """
        takers, moment = self._takers(), Moment.of(perf_counter())
        if not takers:
            return NOTHING_HEARS
        if self._last is None:
            return "no picture has come yet"
        self._markers += 1
        marker = Marker(event or f"marker {self._markers}", *self._last, moment, self._source)
        self._put(takers, marker)
        return f"{marker.event} • {moment.wall_time[11:23]}"

    def toggle_log(self, path: Callable[[], Path]) -> str:
        """Ends the log that runs, or begins one.

        Args:
            path: gives its name where none was asked for.

        Returns:
            What is to be said of it.

        Raises:
            EmoscopeError: it cannot be begun.
        """
        if self.logging:
            self._logs[-1].finish()
            return "the log ends"
        if self._path is None:
            self._path = path()
        log = Log(next_log(self._path), self.about.labels, self.about.numbers)
        self._logs.append(Worker(log, self._news))
        return f"logging into {log.path}"

    def finish(self) -> None:
        """Lets all sinks end, without waiting for them."""
        for worker in [*self._workers, *self._logs]:
            worker.finish()

    def close(self) -> None:
        """Closes all sinks."""
        self.finish()
        for worker in [*self._workers, *self._logs]:
            worker.close()

    def _put(self, takers: Sequence[Worker], item: Sample | Marker) -> None:
        for worker in takers:
            worker.put(item)

    def _takers(self) -> list[Worker]:
        workers = [*self._shared, *self._workers, *self._logs[-1:]]
        return [worker for worker in workers if worker.running and not worker.sink.wants_pictures]

    def _news(self, text: str) -> None:
        self.tell(text)
