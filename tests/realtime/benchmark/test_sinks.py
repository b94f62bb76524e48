"""The benchmark of sinks: turns, and means and medians by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from emoscope.benchmark import sinks as benchmark
from emoscope.benchmark.sinks import Device, SinkCost, Turns, makers
from emoscope.sinks.sink import ListSink
from tests.realtime.sinks.samples import ABOUT, frame, two
from tests.realtime.tiny import gray


def test_a_sink_is_given_what_comes_in_every_other_turn(monkeypatch: pytest.MonkeyPatch):
    now_s = 100.0
    monkeypatch.setattr(benchmark, "perf_counter", lambda: now_s)
    sink = ListSink()
    with Turns(ABOUT, sink) as turns:
        for number in range(8):
            now_s = 100.0 + number * benchmark.TURN_S / 2
            turns.send(frame(number), two())
    assert [sample.index for sample in sink.samples] == [2, 3, 6, 7]
    assert len(turns.handed_ms) == 4 and min(turns.handed_ms) >= 0


def test_figures_are_means_of_time_and_medians_of_delay():
    cost = SinkCost(handed_ms=[1.0, 2.0])
    for on, values in ((False, [1.0, 3.0]), (True, [2.0, 2.0, 8.0])):
        cost.window_ms[on] += values
        cost.process_ms[on] += [2 * value for value in values]
        cost.delay_ms[on] += values
    assert cost.row() == {
        "handing over, ms": 1.0,
        "window without, ms": 2.0,
        "window with, ms": 4.0,
        "process without, ms": 4.0,
        "process with, ms": 8.0,
        "delay without, ms": 2.0,
        "delay with, ms": 2.0,
        "frames": 3,
    }


def test_every_kind_of_sink_is_measured(tmp_path: Path):
    assert [name.split(",")[0] for name in makers(tmp_path, ABOUT, 100)] == [
        "nothing", "log .csv", "log .jsonl", "log .parquet", "LSL", "ws://", "osc://", "virtual camera",
    ]  # fmt: skip
    device, picture = Device(), gray()
    device.show(picture)
    assert (device.images[0] == picture).all() and device.images[0] is not picture
