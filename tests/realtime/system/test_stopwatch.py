"""The stopwatch: averages that forget, in the order of the stages."""

from __future__ import annotations

import pytest

from emoscope.system.stopwatch import WEIGHT, Stopwatch


def test_the_first_measurement_counts_in_full():
    watch = Stopwatch()
    watch.add("draw", 0.4)
    assert watch.seconds == {"draw": 0.4}


def test_later_ones_move_the_average():
    watch = Stopwatch()
    watch.add("draw", 0.4)
    watch.add("draw", 1.4)
    assert watch.seconds["draw"] == pytest.approx(0.4 + WEIGHT)
    for _ in range(200):
        watch.add("draw", 2.0)
    assert watch.seconds["draw"] == pytest.approx(2.0, abs=1e-3)


def test_a_stage_is_timed_and_stages_keep_their_order(monkeypatch: pytest.MonkeyPatch):
    ticks = iter([10.0, 10.5, 20.0, 20.25])
    monkeypatch.setattr("emoscope.system.stopwatch.perf_counter", lambda: next(ticks))
    watch = Stopwatch()
    with watch.stage("faces"):
        pass
    with watch.stage("crops"):
        pass
    assert list(watch.seconds.items()) == [("faces", 0.5), ("crops", 0.25)]
