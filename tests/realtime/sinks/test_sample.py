"""What sinks are given: two clocks, numbers without pictures, JSON that every reader takes."""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path
from time import perf_counter, time

import pytest

from emoscope.sinks.sample import Moment, ahead_s
from tests.realtime.sinks.samples import ABOUT, marker, sample, wild

SLIP_S = 0.05
"""By how much the two clocks may be set against each other meanwhile, and be read one after the other."""
README = Path(__file__).parents[3] / "README.md"


def test_the_wall_clock_is_that_of_the_capture():
    before_s = time() - 0.5
    moment = Moment.of(perf_counter() - 0.5)
    assert before_s - SLIP_S <= moment.unix_s <= time() - 0.5 + SLIP_S
    assert datetime.fromisoformat(moment.wall_time).timestamp() == pytest.approx(moment.unix_s, abs=0.001)
    assert datetime.fromisoformat(moment.wall_time).utcoffset() is not None
    assert len(moment.wall_time.partition(".")[2]) >= len("123+00:00")


def test_a_program_that_runs_between_two_readings_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    now_s, pauses_s = 100.0, iter([0.0, 0.3, 0.0, 0.0, 0.0, 0.0])

    def running() -> float:
        nonlocal now_s
        now_s += next(pauses_s)
        return now_s

    monkeypatch.setattr("emoscope.sinks.sample.time.perf_counter", running)
    assert ahead_s(lambda: now_s + 1000) == pytest.approx(1000)


def test_a_frame_without_a_moment_has_that_of_now():
    before = perf_counter(), time()
    moment = Moment.of(math.nan)
    assert before[0] <= moment.monotonic_s <= perf_counter()
    assert before[1] - SLIP_S <= moment.unix_s <= time() + SLIP_S


def test_a_sample_holds_no_picture():
    assert all(reading.crop.size == 0 and reading.explanation is None for reading in sample().readings)


def test_json_says_what_the_rows_say_and_what_is_shown():
    told = sample(3, prior=0.5).as_json()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert (told["type"], told["frame"], told["time_s"], told["size"]) == ("frame", 3, 0.1, [160, 120])
    assert (told["source"], told["prior"]) == ("list", 0.5)
    first, second = told["faces"]
    assert (first["face"], second["face"]) == (1, 2), "in the order of their numbers"
    assert [first[name] for name in ("x", "y", "width", "height")] == [80.0, 10.0, 20.0, 20.0]
    assert first["emotion"] == "sad" and first["probabilities"]["sad"] == pytest.approx(0.7)
    assert first["shown"] == {"label": "unsure", "confidence": 0.25}
    assert second["quality"] is None


def test_numbers_that_json_does_not_know_are_null():
    (face,) = json.loads(json.dumps(sample(faces=wild()).as_json(), allow_nan=False))["faces"]
    assert (face["x"], face["confidence"], face["shown"]["confidence"]) == (None, None, None)


def test_a_marker_names_the_frame_that_was_shown():
    told = marker("smile", 6).as_json()
    assert (told["type"], told["event"], told["frame"], told["time_s"]) == ("marker", "smile", 6, 0.2)
    assert told["wall_time"] and told["monotonic_s"] <= perf_counter()


def test_the_readme_shows_messages_as_they_are():
    text = README.read_text("utf-8").split("```json\n")[1].split("```")[0]
    frame, event = sample(3).as_json(), marker().as_json()
    shown = [json.loads(one) for one in text.replace("\n ", " ").splitlines()]
    assert [list(one) for one in shown] == [list(ABOUT.as_json()), list(frame), list(event)]
    (face,) = shown[1]["faces"]
    assert list(face) == list(frame["faces"][0]) and list(face["shown"]) == list(frame["faces"][0]["shown"])
