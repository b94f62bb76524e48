"""Lab Streaming Layer, received in a second process, in a network that nothing can leave."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from emoscope.errors import SystemLibraryError
from emoscope.sinks.lsl import channels_of, load_lsl, samples_of
from tests.command import ROOT, environment
from tests.realtime.sinks.loopback import namespace
from tests.realtime.sinks.lsl_pair import FRAMES
from tests.realtime.sinks.samples import sample
from tests.realtime.tiny import LABELS, shown

PAIR = "tests.realtime.sinks.lsl_pair"


def test_a_sample_a_face_in_the_order_of_the_channels():
    names = [name for name, _ in channels_of(LABELS)]
    assert names == ["frame", "face", "x", "y", "width", "height", "confidence", *LABELS, "quality"]
    first, second = (dict(zip(names, values, strict=True)) for values in samples_of(sample(3), len(LABELS)))
    assert (first["frame"], first["face"], second["face"]) == (3, 1, 2)
    assert (first["x"], first["width"], first["confidence"]) == (80, 20, 0.9)
    assert first["sad"] == pytest.approx(0.7) and math.isnan(first["quality"])


def test_quality_where_there_is_one():
    one = shown()
    told = replace(one.reading.prediction, quality=0.5)
    (values,) = samples_of(sample(faces=(replace(one, reading=replace(one.reading, prediction=told)),)), 3)
    assert values[-1] == 0.5


def test_nobody_is_face_0_and_nan():
    (values,) = samples_of(sample(5, faces=()), len(LABELS))
    assert len(values) == len(channels_of(LABELS))
    assert values[:2] == [5, 0] and all(math.isnan(value) for value in values[2:])


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pylsl", None)
    with pytest.raises(SystemLibraryError, match=r'pylsl.*: run `pip install "emoscope\[lsl\]"`'):
        load_lsl("machine")


def test_another_process_receives_readings_and_markers_with_the_stamps_of_the_log(tmp_path: Path):
    pytest.importorskip("pylsl", reason="the extra `lsl` is not installed", exc_type=(ImportError, RuntimeError))
    command = [*namespace(), sys.executable, "-m", PAIR, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    log = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text("utf-8").splitlines()]
    received = json.loads((tmp_path / "received.json").read_text())
    readings, markers = received["EmoScope"], received["EmoScope markers"]
    assert (readings["type"], readings["rate"], readings["model"]) == ("Emotion", 0.0, "tiny")
    assert readings["labels"] == [list(channel) for channel in channels_of(LABELS)]
    rows = [row for row in log if row["event"] is None]
    assert len(readings["samples"]) == len(rows) == 2 * FRAMES + 1
    for (values, stamp), row in zip(readings["samples"], rows, strict=True):
        assert stamp == pytest.approx(row["monotonic_s"], abs=0.001)
        assert (float(values[0]), float(values[1])) == (row["frame"], row["face"] or 0)
        assert row["face"] is None or float(values[7]) == pytest.approx(row["happy"])
    assert abs(readings["correction_s"]) < 1.0, "one clock, read by two processes one after the other"
    ((event, stamp),) = markers["samples"]
    (marked,) = [row for row in log if row["event"]]
    assert event == ["smile"] == [marked["event"]] and stamp == pytest.approx(marked["monotonic_s"], abs=0.001)
