"""A sink's own thread: nobody waits for it, whatever it does."""

from __future__ import annotations

from threading import Event

import pytest

from emoscope.errors import ResultError
from emoscope.sinks import worker as workers
from emoscope.sinks.sample import Sample
from emoscope.sinks.sink import ListSink
from emoscope.sinks.worker import Worker
from tests.realtime.sinks.samples import marker, sample
from tests.realtime.tiny import gray
from tests.waiting import PATIENCE_S, until


class Hanging(ListSink):
    """Takes nothing until it is let go."""

    room = 4

    def __init__(self) -> None:
        super().__init__()
        self.stuck, self.go = Event(), Event()

    def __call__(self, sample: Sample, /) -> None:
        self.stuck.set()
        self.go.wait(PATIENCE_S)
        super().__call__(sample)


class Broken(ListSink):
    """Ends with the first thing that it is given."""

    name = "broken"

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def __call__(self, sample: Sample, /) -> None:
        raise self.error


def test_all_is_delivered_in_order_and_the_sink_is_closed():
    sink, told = ListSink(wants_pictures=True), []
    with Worker(sink, told.append) as worker:
        worker.put(sample(1))
        worker.put(marker())
        worker.put(sample(2))
        worker.put(gray())
    assert [one.index for one in sink.samples] == [1, 2]
    assert len(sink.markers) == len(sink.images) == 1
    assert sink.closed and told == []


def test_a_sink_that_hangs_holds_nobody_and_its_oldest_are_left_out():
    sink, told = Hanging(), []
    worker = Worker(sink, told.append)
    worker.put(sample(0))
    assert sink.stuck.wait(PATIENCE_S)
    for number in range(1, 10_000):
        worker.put(sample(number, faces=()))
    assert worker.left_out == 9_999 - sink.room
    sink.go.set()
    until(lambda: told)
    assert told == ["list: does not keep up, 9995 readings left out"]
    worker.close()
    assert [one.index for one in sink.samples] == [0, 9996, 9997, 9998, 9999]


def test_leaving_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workers, "CLOSE_S", 0.2)
    sink, told = Hanging(), []
    worker = Worker(sink, told.append)
    worker.put(sample())
    assert sink.stuck.wait(PATIENCE_S)
    worker.put(sample(1))
    worker.close()
    assert told == ["list: does not end; 1 readings were not taken"]
    sink.go.set()
    until(lambda: sink.closed)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ResultError("a.csv: is the disk full?"), "broken ended: a.csv: is the disk full?"),
        (ZeroDivisionError("oh"), "broken ended: EmoScope failed (ZeroDivisionError: oh): please report it"),
    ],
)
def test_an_error_ends_its_sink_alone_and_is_told_once(error: Exception, line: str):
    sink, told = Broken(error), []
    worker = Worker(sink, told.append)
    worker.put(sample())
    until(lambda: not worker.running)
    worker.put(sample())
    worker.close()
    assert len(told) == 1 and told[0].startswith(line)
    assert sink.closed
