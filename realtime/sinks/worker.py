"""A thread for each sink, behind a short queue: whoever hands a thing over never waits, however slow the sink is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Condition, Thread
from time import monotonic
from typing import TypeAlias

from ..errors import EmoscopeError, line_of
from ..system.closing import Closing
from ..types import Image
from .sample import Marker, Sample
from .sink import SampleSink

IDLE_S = 0.25
"""How long a sink waits for the next thing before it is told that nothing comes, in seconds."""
CLOSE_S = 5.0
"""How long the end may take, in seconds; a disk or device that hangs is left to itself then."""
TELL_EVERY_S = 10.0
"""At most so often is it told that a sink does not keep up, in seconds."""

Item: TypeAlias = "Sample | Marker | Image"


class Worker(Closing):
    """Hands a sink what comes, on a thread of its own; a context manager that closes the sink.

    Args:
        sink: closed at the end.
        tell: where news of the sink go; called on the worker's thread.

    Attributes:
        sink: as above.
        left_out: things for which there was no time.
    """

    def __init__(self, sink: SampleSink, tell: Callable[[str], object]) -> None:
        self.sink, self.left_out = sink, 0
        self._tell = tell
        self._waiting: deque[Item] = deque()
        self._changed = Condition()
        self._closing, self._broken = False, False
        self._told_s, self._told_of = float("-inf"), 0
        self._thread = Thread(target=self._run, name=sink.name, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether the sink still takes things."""
        return not self._broken and not self._closing

    @property
    def ended(self) -> bool:
        """Whether its thread is gone."""
        return not self._thread.is_alive()

    def put(self, item: Item) -> None:
        """Leaves a thing for the sink; where there is no room the oldest makes way."""
        with self._changed:
            if not self.running:
                return
            if len(self._waiting) >= self.sink.room:
                self._waiting.popleft()
                self.left_out += 1
            self._waiting.append(item)
            self._changed.notify()

    def finish(self) -> None:
        """Hands over what waits and closes the sink, on its own thread: nobody waits for it."""
        with self._changed:
            self._closing = True
            self._changed.notify()

    def close(self) -> None:
        """The same, and waits for it, but not for ever."""
        self.finish()
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            self._tell(f"{self.sink.name}: does not end; {len(self._waiting)} readings were not taken")

    def _run(self) -> None:
        try:
            while self._step():
                continue
            self.sink.close()
            self._news()
        except Exception as error:  # told, and the end of this sink alone
            self._broken = True
            self._waiting.clear()
            told = str(error) if isinstance(error, EmoscopeError) else line_of(error)
            self._tell(f"{self.sink.name} ended: {told}")
            with suppress(EmoscopeError, OSError):  # what is wrong is told already
                self.sink.close()

    def _step(self) -> bool:
        """Hands over all that waits; False at the end."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting) or self._closing, IDLE_S)
            items = list(self._waiting)
            self._waiting.clear()
        for item in items:
            self._deliver(item)
        if not items:
            self.sink.idle()
        self._news()
        return bool(items) or not self._closing

    def _deliver(self, item: Item) -> None:
        if isinstance(item, Sample):
            self.sink(item)
        elif isinstance(item, Marker):
            self.sink.mark(item)
        else:
            self.sink.show(item)

    def _news(self) -> None:
        for line in self.sink.news():
            self._tell(line)
        if self.left_out > self._told_of and monotonic() - self._told_s > TELL_EVERY_S and not self.sink.wants_pictures:
            self._tell(f"{self.sink.name}: does not keep up, {self.left_out} readings left out")
            self._told_s, self._told_of = monotonic(), self.left_out
