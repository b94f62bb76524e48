"""What the viewer and `capture` hand to sinks: every fresh frame once, markers, the picture without passing words."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import sleep
from types import SimpleNamespace

import av
import numpy as np
import pytest

from emoscope.live.capture import _frames, capture
from emoscope.live.naming import next_name
from emoscope.live.viewer import Viewer
from emoscope.network.bundle import open_bundle
from emoscope.network.network import Network
from emoscope.reading.session import Session
from emoscope.sinks.about import About
from emoscope.sinks.fan_out import FanOut
from emoscope.sinks.log import Log
from emoscope.sinks.sink import ListSink
from emoscope.types import Frame
from emoscope.view.state import first_state
from tests.realtime.live.doubles import ListSource, ListWindow
from tests.realtime.live.test_viewer import Lasting, Numbered
from tests.realtime.tiny import CONTRACT, LABELS, FixedFinder, face, gray, write_bundle

STATE = first_state(CONTRACT)
ABOUT = About(LABELS, "tiny", "list")


def watched(
    session: Session, keys: Sequence[str | Callable[[], object]], folder: Path, *sinks: ListSink
) -> tuple[Viewer, ListWindow, list[str]]:
    """A viewer of a camera that was given some keys and then told to leave; what it said."""
    window, said = ListWindow([*keys, "q"], (640, 480)), []
    viewer = Viewer(Lasting([gray(90)]), session, window, STATE, folder, said.append, sinks=FanOut(ABOUT, sinks))
    viewer.run()
    return viewer, window, said


def test_every_fresh_frame_is_handed_over_once_with_its_moment(session: Session, tmp_path: Path):
    sink = ListSink()
    window = ListWindow(["b", lambda: len(sink.samples) > 5, "b", "q"], (640, 480))
    Viewer(Numbered([gray(90)]), session, window, STATE, tmp_path, sinks=FanOut(ABOUT, [sink])).run()
    indices = [sample.index for sample in sink.samples]
    assert indices == sorted(set(indices))
    assert all(len(sample.faces) == 1 and sample.size == (160, 120) for sample in sink.samples)
    moments = [sample.moment.monotonic_s for sample in sink.samples]
    assert moments == sorted(moments)
    assert sink.closed


def test_a_marker_key_names_the_frame_that_is_shown_and_says_so(session: Session, tmp_path: Path):
    sink = ListSink()
    viewer, _, _ = watched(session, ["!", "f12"], tmp_path, sink)
    assert [marker.event for marker in sink.markers] == ["marker 1", "marker 2"]
    assert {marker.index for marker in sink.markers} <= {sample.index for sample in sink.samples}
    assert viewer.notes.text.startswith("marker 2 • ")


def test_a_key_logs_beside_the_snapshots_and_ends_it(session: Session, tmp_path: Path):
    path = tmp_path / "emoscope-0001.log.csv"
    is_written = lambda: path.exists() and len(path.read_bytes().splitlines()) > 5  # noqa: E731
    _, _, said = watched(session, ["b", "f8", is_written, "!", "b", "f8", "b", "b"], tmp_path)
    rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    assert [row["event"] for row in rows if row["event"]] == ["marker 1"]
    assert len(rows) >= 5 and {row["face"] for row in rows if not row["event"]} == {"1"}
    assert said == [f"logged {len(rows)} rows into {path}"]


def test_a_log_by_key_takes_its_number_from_nobody(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    names: list[str] = []

    def other(path: Path) -> Path:
        with next_name(tmp_path) as name:
            names.append(name)
        return path

    monkeypatch.setattr("emoscope.sinks.fan_out.next_log", other)
    watched(session, ["f8", "b"], tmp_path)
    assert names == ["emoscope-0002"]
    assert [path.name for path in tmp_path.iterdir()] == ["emoscope-0001.log.csv"]


def test_without_a_log_a_marker_says_what_is_missing(session: Session, tmp_path: Path):
    viewer, _, _ = watched(session, ["!"], tmp_path)
    assert viewer.notes.text == "nobody takes markers: start a log first"
    assert list(tmp_path.iterdir()) == []


def test_a_log_that_cannot_begin_is_a_note(session: Session, tmp_path: Path):
    (tmp_path / "file").touch()
    _, _, said = watched(session, ["f8", "b"], tmp_path / "file")
    assert len(said) == 1 and "cannot be written" in said[0]


def test_the_prior_of_a_sample_is_that_of_its_frame(tmp_path: Path):
    modern = replace(CONTRACT, prior=(0.5, 0.3, 0.2), default_prior=0.0)
    network = Network(open_bundle(str(write_bundle(tmp_path, contract=modern, modern=True))), "cpu")
    sink = ListSink()
    priors = lambda: {sample.prior for sample in sink.samples}  # noqa: E731
    window = ListWindow([lambda: 0.0 in priors(), "f7", lambda: 1.0 in priors(), "q"], (640, 480))
    with Session(FixedFinder(face()), network) as session, FanOut(ABOUT, [sink]) as sinks:
        Viewer(Lasting([gray(90)]), session, window, first_state(modern), tmp_path, sinks=sinks).run()
    shares = {sample.prior: sample.readings[0].prediction.probabilities[0] for sample in sink.samples}
    assert shares[1.0] < shares[0.0], "the commonest class is said less"


def test_what_is_shown_is_handed_over_without_passing_words(session: Session, tmp_path: Path):
    sink = ListSink(wants_pictures=True)
    _, window, _ = watched(session, ["d", "d", "h", "b", "b"], tmp_path, sink)
    assert sink.images and sink.samples == []
    assert all(image.shape == window.shown[0].shape for image in sink.images)
    helped = max(range(len(window.shown)), key=lambda number: window.shown[number].std())
    assert not any(np.array_equal(window.shown[helped], image) for image in sink.images)


def test_capture_hands_over_every_frame_of_its_clip(session: Session, tmp_path: Path):
    readings, pictures = ListSink(), ListSink(wants_pictures=True)
    path = tmp_path / "a.csv"
    source = ListSource([gray(90)] * 12)
    with FanOut(ABOUT, [readings, pictures], Log(path, LABELS)) as sinks:
        taken = list(capture(source, session, STATE, tmp_path, 2, 10.0, sinks))
    rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    assert len(taken) == 2 or len(readings.samples) == 1
    assert [int(row["frame"]) for row in rows] == [sample.index for sample in readings.samples]
    assert pictures.images


class Slow(ListSource):
    """A source whose frames lie further apart than the pictures that are wanted."""

    def read(self) -> Frame | None:
        sleep(0.05)
        return super().read()


def test_pictures_that_a_slow_machine_lacks_come_behind_the_clip(session: Session, tmp_path: Path):
    source = Slow([gray(90)] * 60, fps=10)
    taken = [(name, read.frame.time_s) for name, read in capture(source, session, STATE, tmp_path, 8, 0.5)]
    assert len(taken) == len({name for name, _ in taken}) == 8
    times = [time_s for _, time_s in taken]
    assert times == sorted(times) and times[-1] - times[0] >= 0.5
    with av.open(str(next(tmp_path.glob("*.mp4")))) as clip:
        assert sum(1 for _ in clip.decode(video=0)) <= 5


def test_capture_waits_for_a_picture_that_takes_long_to_read():
    read, said = SimpleNamespace(fresh=True), iter([(True, None), (True, None), (False, "read"), (False, None)])
    analyst = SimpleNamespace(error=None)

    def take(timeout_s: float) -> object:
        analyst.busy, found = next(said)
        return found and read

    analyst.newest = SimpleNamespace(ended=False, take=take)
    assert list(_frames(analyst, SimpleNamespace(error=None))) == [read]
