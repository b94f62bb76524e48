"""The long watch in short, and that its judge would notice what it is there to notice."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from emoscope.system.bundled import assets
from tests.reliability import endurance
from tests.reliability.endurance import Sample, faults, growth, watch

FINE = [Sample(minute, 400 + minute % 3, 3, 10, 25.0) for minute in range(1, 31)]


def test_a_few_seconds_of_watching_end_as_they_began(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(endurance, "MINUTE_S", 1.0)
    monkeypatch.setattr(endurance, "KEY_S", 0.1)
    before = threading.active_count()
    samples = watch(assets() / "demo.mp4", 4)
    assert len(samples) == 4
    assert all(sample.fps > 0 for sample in samples)
    assert samples[-1].files <= samples[1].files + 1
    assert threading.active_count() <= before + 1


def test_nothing_wrong_is_nothing_told():
    assert faults(FINE) == []
    assert abs(growth(FINE)) <= 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"memory_mb": 420.0}, "memory grew by"),
        ({"threads": 4}, "threads grew from 3 to 4"),
        ({"files": 12}, "files grew from 10 to 12"),
        ({"fps": 20.0}, "the frame rate fell from 25.0 to 20.0"),
    ],
)
def test_what_became_worse_is_told(change: dict[str, float], told: str):
    worse = [replace(sample, **change) if sample.minute > 20 else sample for sample in FINE]
    (fault,) = faults(worse)
    assert fault.startswith(told)
