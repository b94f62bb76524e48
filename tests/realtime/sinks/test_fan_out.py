"""All sinks of a source: each is given what it takes; markers are counted; a log begins and ends by key."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from emoscope.errors import ResultError
from emoscope.sinks.fan_out import NOTHING_HEARS, FanOut
from emoscope.sinks.log import Log
from emoscope.sinks.sink import ListSink
from tests.realtime.sinks.samples import ABOUT, frame, two
from tests.realtime.tiny import LABELS, gray


def nowhere() -> Path:
    """Where a log would go for which a name was asked for already."""
    raise AssertionError("asked for a name")


def test_readings_and_pictures_go_to_those_that_take_them():
    readings, pictures = ListSink(), ListSink(wants_pictures=True)
    with FanOut(ABOUT, [readings, pictures]) as out:
        out.send(frame(7), two(), 0.5)
        out.mark("smile")
        out.show(gray())
    assert [(one.index, one.prior, one.source) for one in readings.samples] == [(7, 0.5, "list")]
    assert [one.event for one in readings.markers] == ["smile"] and readings.images == []
    assert len(pictures.images) == 1 and pictures.samples == pictures.markers == []
    assert readings.closed and pictures.closed


def test_markers_are_counted_and_name_their_frame():
    sink = ListSink()
    with FanOut(ABOUT, [sink]) as out:
        assert out.mark() == "no picture has come yet"
        out.send(frame(4), ())
        said = [out.mark(), out.mark()]
    assert [words[:8] for words in said] == ["marker 1", "marker 2"]
    assert [(one.event, one.index) for one in sink.markers] == [("marker 1", 4), ("marker 2", 4)]
    assert sink.markers[1].moment.wall_time[11:23] in said[1]


def test_another_source_is_an_event_and_names_what_follows():
    sink = ListSink()
    with FanOut(ABOUT, [sink]) as out:
        out.send(frame(5), ())
        out.send(frame(0), (), None, "camera 1")
        out.send(frame(1), (), None, "camera 1")
        out.mark()
    assert [one.source for one in sink.samples] == ["list", "camera 1", "camera 1"]
    assert [(one.event, one.index, one.source) for one in sink.markers] == [
        ("source: camera 1", 0, "camera 1"), ("marker 1", 1, "camera 1"),
    ]  # fmt: skip


def test_another_source_of_the_same_name_is_an_event_but_the_first_is_not():
    sink = ListSink()
    with FanOut(ABOUT, [sink]) as out:
        for index in (3, 4):
            out.send(frame(index), (), anew=True)
        out.send(frame(5), ())
    assert [(one.event, one.index) for one in sink.markers] == [("source: list", 4)]
    assert len(sink.samples) == 3


def test_a_marker_that_nobody_takes_says_so():
    with FanOut(ABOUT, [ListSink(wants_pictures=True)]) as out:
        out.send(frame(), ())
        assert out.mark() == NOTHING_HEARS


def test_a_log_begins_and_ends_by_key_each_time_in_a_file_of_its_own(tmp_path: Path):
    told: list[str] = []
    with FanOut(ABOUT, tell=told.append) as out:
        out.send(frame(0), two())
        assert not out.logging
        assert out.toggle_log(lambda: tmp_path / "a.log.csv") == f"logging into {tmp_path / 'a.log.csv'}"
        out.send(frame(1), two())
        assert out.logging and out.mark().startswith("marker 1")
        out.toggle_log(nowhere)
        assert not out.logging
        out.send(frame(2), two())
        assert out.toggle_log(nowhere).endswith("a.log-2.csv")
        out.send(frame(3), ())
    first, second = (list(csv.DictReader((tmp_path / name).open())) for name in ("a.log.csv", "a.log-2.csv"))
    assert [row["frame"] for row in first] == ["1", "1", "1"] and [row["frame"] for row in second] == ["3"]
    assert sorted(told) == [
        f"logged 1 rows into {tmp_path / 'a.log-2.csv'}", f"logged 3 rows into {tmp_path / 'a.log.csv'}",
    ]  # fmt: skip


def test_a_log_that_was_asked_for_runs_from_the_start(tmp_path: Path):
    with FanOut(ABOUT, log=Log(tmp_path / "a.csv", LABELS)) as out:
        assert out.logging
        out.toggle_log(nowhere)
        assert not out.logging


def test_a_log_that_cannot_begin_is_told_and_nothing_runs(tmp_path: Path):
    (tmp_path / "file").touch()
    with FanOut(ABOUT) as out:
        with pytest.raises(ResultError, match="cannot be written"):
            out.toggle_log(lambda: tmp_path / "file" / "a.csv")
        assert not out.logging
