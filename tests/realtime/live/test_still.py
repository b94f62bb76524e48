"""A picture that stands still, as a photo or a paused film does: the window answers all the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from time import perf_counter, sleep

import av
import cv2
import pytest

from emoscope.live.analyst import Analyst
from emoscope.live.pictures import PictureFiles
from emoscope.live.rate import SPAN_S
from emoscope.live.viewer import Viewer
from emoscope.network.network import Network
from emoscope.reading.session import NOBODY, Seen, Session
from emoscope.sinks.about import About
from emoscope.sinks.fan_out import FanOut
from emoscope.sinks.sink import ListSink
from emoscope.view.state import first_state
from tests.realtime.live.doubles import ListWindow
from tests.realtime.tiny import CONTRACT, LABELS, FixedFinder, face, gray
from tests.waiting import until

STATE = first_state(CONTRACT)


class Still:
    """A viewer of one picture of 160×120, turned by hand; its notes and figures go by a clock that stands still."""

    def __init__(self, viewer: Viewer, analyst: Analyst, monkeypatch: pytest.MonkeyPatch) -> None:
        self.viewer, self._analyst = viewer, analyst
        self.window: ListWindow = viewer.window
        self.now_s = perf_counter()
        monkeypatch.setattr("emoscope.live.scenes.perf_counter", lambda: self.now_s)
        viewer.notes._clock = lambda: self.now_s
        self.until(lambda: self.window.shown and any(shown.reading.explanation for shown in viewer._latest.faces))
        self.turn(5)

    def turn(self, times: int = 1) -> None:
        """Lets the viewer look at its keys."""
        for _ in range(times):
            self.viewer._turn(self._analyst)

    def until(self, done: Callable[[], object]) -> None:
        """Turns until something holds."""
        until(lambda: done() or self.turn())

    def press(self, *keys: str) -> None:
        """Presses keys, one after the other."""
        for key in keys:
            self.window.keys, self.window._told = [key], 0
            self.turn(2)


@pytest.fixture
def still(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Three faces, the middle one the largest."""
    session = Session(FixedFinder(face(5, 30, 20, 1), face(60, 30, 40, 2), face(120, 30, 20, 3)), network)
    cv2.imwrite(str(tmp_path / "a.png"), gray(90))
    viewer = Viewer(PictureFiles(tmp_path / "a.png"), session, ListWindow(size=(320, 240)), STATE, tmp_path)
    analyst = Analyst(viewer.feed, session, viewer._watching())
    with viewer.feed, analyst:
        yield Still(viewer, analyst, monkeypatch)


def test_it_is_drawn_anew_when_the_window_changes_its_size_and_only_then(still: Still):
    shown = len(still.window.shown)
    still.turn(5)
    assert len(still.window.shown) == shown
    still.window._size = (500, 300)
    still.turn(5)
    assert [image.shape for image in still.window.shown[shown:]] == [(300, 500, 3)]


def test_numbers_of_a_photo_are_not_called_smoothed(still: Still):
    assert still.viewer._drawn.scene.smoothed_s == 0


def test_its_figures_fall_to_nothing_by_themselves(still: Still):
    assert still.viewer.scenes._rate.latency_s is not None
    shown = len(still.window.shown)
    still.now_s += SPAN_S + 1
    still.until(lambda: len(still.window.shown) > shown)
    assert still.viewer.scenes.idle
    assert (still.viewer.scenes._told.fps, still.viewer.scenes._told.latency_s) == (0, None)


@pytest.mark.parametrize(("key", "name"), [("r", "emoscope-0001.mp4"), ("*", "emoscope-0001.clean.mp4")])
def test_it_can_be_recorded(still: Still, tmp_path: Path, key: str, name: str):
    still.press(key)
    top = still.window.shown[-1][:60]
    assert ((top[..., 2] > 200) & (top[..., :2].max(axis=2) < 90)).any(), "no red dot"
    sleep(0.3)
    still.press(key)
    assert still.viewer.notes.text == f"recorded {tmp_path / name}"
    with av.open(str(tmp_path / name)) as film:
        frames = list(film.decode(video=0))
        pictures = [frame.to_ndarray(format="bgr24") for frame in frames]
    assert frames[-1].time >= 0.3
    assert not any(((p[:60, :, 2] > 180) & (p[:60, :, :2].max(axis=2) < 90)).any() for p in pictures), (
        "a red dot is kept"
    )


def test_a_recording_holds_notices_where_that_is_asked_for(still: Still, tmp_path: Path):
    still.viewer._record_notices = True
    still.press("r")
    still.until(lambda: still.viewer._latest is not None and still.viewer.recording.running)
    still.turn(5)
    still.press("r")
    with av.open(str(tmp_path / "emoscope-0001.mp4")) as film:
        picture = [frame.to_ndarray(format="bgr24") for frame in film.decode(video=0)][-1]
    assert ((picture[:60, :, 2] > 180) & (picture[:60, :, :2].max(axis=2) < 90)).any()


def test_a_class_that_the_model_lacks_undoes_nothing_and_is_said(still: Still):
    still.press("2", "9")
    assert still.viewer.state.target == 1
    assert still.viewer.notes.text == "the model has 3 classes"


def test_the_next_face_is_the_one_beside_the_one_that_is_shown(still: Still):
    assert (still.viewer.state.face, still.viewer.state.subject) == (NOBODY, 2)
    still.press("tab")
    assert still.viewer.state.face == 3


def test_the_wheel_turns_to_another_map_or_another_layer(still: Still):
    still.press("<", "g")
    for view, turns, layer, unit in (("gradcam", -1, 1, 0), ("gradcam", 9, 0, 0), ("m", 0, 0, 0), ("map", -1, 0, 1)):
        if view == "m":
            still.press("m")
            continue
        still.window.turns = turns
        still.turn(2)
        assert (still.viewer.state.layer, still.viewer.state.unit) == (layer, unit), view
    assert still.window.turns == 0


def test_no_camera_is_said_at_once(still: Still):
    still.press("c")
    assert still.viewer.notes.text == "this is no camera"


def test_a_key_that_speaks_of_faces_says_that_there_is_none(still: Still):
    still.press("a")
    assert still.viewer.notes.text == ""
    still.viewer._latest = replace(still.viewer._latest, seen=Seen())
    still.press("k")
    assert still.viewer.notes.text == "no face in the picture"


def test_faces_of_a_photo_keep_their_numbers_when_it_comes_again(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    numbers = count(1)
    finder = FixedFinder()
    finder.find = lambda picture, time_s: [face(60, 30, 40, next(numbers))]
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / name), gray(90))
    source, session = PictureFiles(tmp_path), Session(finder, network)
    viewer = Viewer(source, session, ListWindow(size=(320, 240)), STATE, tmp_path)
    analyst, shown = Analyst(viewer.feed, session, viewer._watching()), []
    with viewer.feed, analyst:
        still = Still(viewer, analyst, monkeypatch)
        for keys in ((), ("x",), ("z",), ("w",), ("x",), ("w",)):
            before = len(shown) and viewer._latest
            still.press(*keys)
            still.until(lambda before=before: viewer._latest is not before)
            seen = viewer._latest.faces[0].reading.face
            shown.append((source.name, seen.track, round(seen.box_xyxy[0])))
    flipped = 160 - 60 - 40
    assert shown == [
        ("a.png", 1, 60),
        ("b.png", 2, 60),
        ("a.png", 1, 60),
        ("a.png", 1, flipped),
        ("b.png", 2, flipped),
        ("b.png", 2, 60),
    ]


def test_what_is_kept_of_a_picture_bears_its_name_though_another_has_come_meanwhile(session: Session, tmp_path: Path):
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / name), gray(90))
    source, window, sink = PictureFiles(tmp_path), ListWindow(size=(320, 240)), ListSink()
    with FanOut(About(LABELS, "tiny", "album"), [sink]) as sinks:
        viewer = Viewer(source, session, window, STATE, tmp_path / "out", sinks=sinks)
        analyst = Analyst(viewer.feed, session, viewer._watching())
        with viewer.feed, analyst:
            first = until(lambda: analyst.newest.take(1))
            source.move(+1)
            until(lambda: source.name == "b.png")
            viewer._take(first)
            viewer._snapshot()
        viewer._keep()
    told = json.loads((tmp_path / "out" / "emoscope-0001.json").read_text("utf-8"))
    assert (told["source"], told["position"]) == ("a.png", "1 / 2")
    assert [(sample.index, sample.source) for sample in sink.samples] == [(0, "a.png")]
    assert (viewer._status().source, viewer._status().position) == ("a.png", "1 / 2")
