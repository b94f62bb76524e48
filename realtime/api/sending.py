"""The window's own sinks for scripts: a log, WebSockets, OSC, Lab Streaming Layer, named as behind the options.

A script waits for them, so a log lacks no frame, however fast they come; publishers never wait.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from ..errors import EmoscopeError
from ..sinks.about import About
from ..sinks.log import Log, check_log
from ..sinks.options import SinkOptions
from ..sinks.sample import Marker, Moment, Sample
from ..sinks.sink import SampleSink
from ..system.closing import Closing
from .results import FrameReadings


class ReadingSink(Closing):
    """Takes frames, and hands them to one or several sinks; `Reader.sink` makes it. A context manager.

    Args:
        sinks: open; closed with it.
        prior: how much of the training pictures' prior is taken off, as the rows say it.

    Attributes:
        news: what the sinks had to say, such as where they publish.
    """

    def __init__(self, sinks: Sequence[SampleSink], prior: float | None) -> None:
        self._sinks, self._prior = tuple(sinks), prior
        self._last, self._closed = (0, 0.0, ""), False
        self.news: list[str] = []
        self._listen()

    def __call__(self, frame: FrameReadings, /) -> None:
        """Takes a frame.

        Raises:
            EmoscopeError: a sink cannot take it, such as a log on a full disk; or it was closed, as `send` does.
        """
        self._require_open()
        moment = Moment.of(frame.captured_at)
        size = frame.picture.width, frame.picture.height
        sample = Sample(frame.index, frame.time_s, moment, frame.faces, size, frame.name, self._prior)
        self._last = frame.index, frame.time_s, frame.name
        for sink in self._sinks:
            sink(sample)
        self._listen()

    def mark(self, event: str) -> None:
        """Marks this moment with an event of this name."""
        self._require_open()
        index, time_s, name = self._last
        marker = Marker(event, index, time_s, Moment.of(perf_counter()), name)
        for sink in self._sinks:
            sink.mark(marker)

    def close(self) -> None:
        """Closes all sinks; several times do no harm."""
        for sink in self._sinks:
            sink.close()
        self._listen()
        self._sinks, self._closed = (), True

    def _require_open(self) -> None:
        """EmoscopeError where nothing arrives any more."""
        if self._closed:
            raise EmoscopeError("the sink is closed: give each `send` a sink of its own")

    def _listen(self) -> None:
        for sink in self._sinks:
            self.news += sink.news()


def open_sinks(targets: Sequence[str | os.PathLike[str]], lsl: str, about: About) -> list[SampleSink]:
    """The sinks of some targets.

    Args:
        targets: addresses to publish under, and paths of logs.
        lsl: how far Lab Streaming Layer announces its streams, "" for no streams.
        about: what is watched, and by which network.

    Raises:
        EmoscopeError: one of them cannot be had; the others are closed again.
    """
    addresses = tuple(str(target) for target in targets if "://" in str(target))
    logs = [Path(os.fspath(target)) for target in targets if "://" not in str(target)]
    options = SinkOptions(None, addresses, lsl)
    options.check()
    for path in logs:
        check_log(path)
    opened = options.sinks(about)
    try:
        for path in logs:
            opened.append(Log(path, about.labels, about.numbers))
    except BaseException:
        for sink in opened:
            sink.close()
        raise
    return opened
