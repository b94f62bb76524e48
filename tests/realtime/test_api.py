"""`from emoscope import analyse`: typed values, one frame at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from emoscope import FrameReadings, analyse
from emoscope.errors import SourceError
from emoscope.network.bundle import open_pair
from emoscope.system.bundled import assets
from tests.realtime.media.films import make_film
from tests.realtime.tiny import write_pair


def test_a_table_of_ones_own() -> None:
    frames = list(analyse(assets() / "demo.mp4", end_s=0.5))
    assert all(isinstance(frame, FrameReadings) for frame in frames)
    assert [frame.index for frame in frames] == list(range(len(frames))) and len(frames) > 10
    readings = [reading for frame in frames for reading in frame.readings]
    assert {reading.face.track for reading in readings} == {1}
    assert all(reading.prediction.emotion in reading.prediction.labels for reading in readings)
    assert readings[0].explanation is None


def test_explanations_come_where_they_are_asked_for() -> None:
    contract = open_pair().contract
    asked = {"layer": contract.default_layer, "method": contract.default_method}
    first = next(iter(analyse(assets() / "demo.mp4", **asked)))
    why = first.readings[0].explanation
    assert why is not None and why.heat is not None and why.maps is not None
    assert why.heat.max() == pytest.approx(1.0, abs=1e-5) and why.maps.shape[:2] == why.heat.shape


def test_every_second_frame(tmp_path: Path) -> None:
    model = str(write_pair(tmp_path))
    frames = list(analyse(make_film(tmp_path / "clip.mp4"), model=model, every=2))
    assert [frame.index for frame in frames] == [0, 2, 4, 6, 8, 10]


def test_leaving_early_closes_everything(tmp_path: Path) -> None:
    import threading

    before = threading.active_count()
    frames = analyse(make_film(tmp_path / "clip.mp4", range(0, 200 * 512, 512)), model=str(write_pair(tmp_path)))
    next(iter(frames))
    frames.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        list(analyse(tmp_path / "nothing.mp4", model=str(write_pair(tmp_path))))
