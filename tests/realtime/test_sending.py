"""The window's own sinks in scripts: each frame lands in each of them, and they are closed at the end."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from time import perf_counter

import pytest

import emoscope
from emoscope.errors import EmoscopeError
from emoscope.sinks.publish import Target
from tests.realtime.clips import make_clip
from tests.realtime.tiny import write_bundle
from tests.waiting import PATIENCE_S


@pytest.fixture
def reader(tmp_path: Path) -> emoscope.Reader:
    def whole(image):
        height, width = image.shape[:2]
        return [(0, 0, width, height)]

    return emoscope.Reader(model=str(write_bundle(tmp_path)), detector=whole, smoothing=0)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "film.mp4", 6)


def test_a_film_lands_in_a_log_frame_by_frame(reader: emoscope.Reader, clip: Path, tmp_path: Path):
    sink = reader.sink(tmp_path / "a.csv", str(tmp_path / "a.jsonl"))
    frames = reader.send(clip, sink)
    rows = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8", newline="")))
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert [int(row["frame"]) for row in rows] == [line["frame"] for line in lines] == list(range(frames))
    assert all(float(row["monotonic_s"]) <= perf_counter() and row["wall_time"] for row in rows)
    assert sink.news == [f"logged {frames} rows into {tmp_path / name}" for name in ("a.csv", "a.jsonl")]


def test_a_loop_of_ones_own_marks_what_happens(reader: emoscope.Reader, clip: Path, tmp_path: Path):
    with reader.sink(tmp_path / "a.csv") as sink:
        for frame in reader.watch(clip):
            sink(frame)
            if frame.index == 2:
                sink.mark("smile")
    rows = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8", newline="")))
    assert [(row["frame"], row["event"]) for row in rows][3] == ("2", "smile")


def test_addresses_are_published_under(reader: emoscope.Reader, clip: Path):
    client = pytest.importorskip("websockets.sync.client", reason="the extra `stream` is not installed")
    with reader.sink("ws://127.0.0.1:0") as sink:
        (told,) = sink.news
        port = Target.of(told.removeprefix("publishing at ")).port
        with client.connect(f"ws://127.0.0.1:{port}", proxy=None) as receiver:
            assert json.loads(receiver.recv(PATIENCE_S))["labels"] == list(reader.labels)
            for frame in reader.watch(clip):
                sink(frame)
            numbers = [json.loads(receiver.recv(PATIENCE_S))["frame"] for _ in range(2)]
    assert numbers[0] < numbers[1]


def test_what_cannot_be_had_closes_the_rest(reader: emoscope.Reader, tmp_path: Path):
    with pytest.raises(EmoscopeError, match=r"a log is a \.csv"):
        reader.sink(tmp_path / "a.csv", tmp_path / "b.txt")
    assert not (tmp_path / "a.csv").exists()
    with pytest.raises(EmoscopeError, match="exists already"):
        reader.sink(tmp_path / "a.csv", tmp_path / "a.csv")
    with pytest.raises(EmoscopeError, match="is no address to publish under"):
        reader.sink("http://127.0.0.1:1")
    with pytest.raises(EmoscopeError, match="announces on the machine or the network, not 'nowhere'"):
        reader.sink(lsl="nowhere")


def test_a_closed_sink_loses_no_film_silently(reader: emoscope.Reader, clip: Path, tmp_path: Path):
    sink = reader.sink(tmp_path / "a.csv")
    reader.send(clip, sink)
    with pytest.raises(EmoscopeError, match="the sink is closed: give each `send` a sink of its own"):
        reader.send(clip, sink)
    with pytest.raises(EmoscopeError, match="the sink is closed"):
        sink.mark("late")
    sink.close()
