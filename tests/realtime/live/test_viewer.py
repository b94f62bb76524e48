"""The viewer from end to end without a screen: pictures and keys from lists, a window that keeps what it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from threading import current_thread, main_thread
from time import sleep

import numpy as np
import pytest

from emoscope.errors import SourceError
from emoscope.live.analyst import LOOK_S, Analyst, Watching
from emoscope.live.controls import Controls
from emoscope.live.feed import Feed
from emoscope.live.film import Film
from emoscope.live.mailbox import Mailbox
from emoscope.live.notes import Notes
from emoscope.live.source import Source
from emoscope.live.viewer import Viewer
from emoscope.network.network import Network, Request
from emoscope.reading.session import Session, Wish
from emoscope.types import Frame, Image
from emoscope.view.actions import choose_face
from emoscope.view.state import ViewState, first_state
from tests.realtime.clips import make_clip
from tests.realtime.live.doubles import ListSource, ListWindow
from tests.realtime.live.test_feed import Script, frame
from tests.realtime.tiny import CONTRACT, FixedFinder, face, gray
from tests.waiting import PATIENCE_S, ending_threads, until

STATE = first_state(CONTRACT)


class Lasting(ListSource):
    """The last picture again and again, until it is closed: a camera."""

    def read(self) -> Frame | None:
        sleep(0.01)
        if self.closed:
            return None
        self._next = min(self._next, len(self._images) - 1)
        return super().read()


class Numbered(Lasting):
    """A camera whose frames have numbers from 1."""

    given = 0

    def read(self) -> Frame | None:
        frame = super().read()
        self.given += 1
        return frame and replace(frame, index=self.given, time_s=self.given / 25)


def watch(
    session: Session,
    keys: Sequence[str | Callable[[Viewer], object]],
    folder: Path,
    state: ViewState = STATE,
    source: Source | None = None,
    size: tuple[int, int] = (640, 480),
) -> tuple[Viewer, ListWindow]:
    """A viewer that was given some keys and then told to leave; conditions among the keys are asked about it."""
    window = ListWindow(size=size)
    viewer = Viewer(source or Lasting([gray(90)]), session, window, state, folder)
    window.keys = [partial(key, viewer) if callable(key) else key for key in (*keys, "q")]
    viewer.run()
    return viewer, window


def test_shows_pictures_of_the_windows_size_with_something_drawn(session: Session, tmp_path: Path):
    _, window = watch(session, [], tmp_path, size=(500, 300))
    assert window.shown[0].shape == (300, 500, 3)
    assert (window.shown[0][:, 60:440] != 90).any()
    assert (window.shown[0][:, 450:] < 30).any(), "bars beside a picture of another shape"


def test_a_picture_is_painted_before_the_next_is_waited_for(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    done, take = [], Mailbox.take

    class Noting(ListWindow):
        def show(self, image: Image) -> None:
            super().show(image)
            done.append("show")

        def key(self) -> str | None:
            done.append("key")  # which is when a window paints
            return super().key()

    def noted(box: Mailbox, timeout_s: float) -> object:
        if current_thread() is main_thread():
            done.append("wait")
        return take(box, timeout_s)

    monkeypatch.setattr(Mailbox, "take", noted)
    Viewer(Lasting([gray()]), session, Noting([*"bbhh", "q"]), STATE, tmp_path).run()
    after = [later for earlier, later in pairwise(done) if earlier == "show"]
    assert set(after) == {"key"}


def test_ends_its_threads_and_closes_its_source(session: Session, tmp_path: Path):
    source = Lasting([gray()])
    with ending_threads():
        watch(session, [], tmp_path, source=source)
    assert source.closed


def test_ends_with_its_source(session: Session, tmp_path: Path):
    window = ListWindow()
    Viewer(ListSource([gray()] * 3), session, window, STATE, tmp_path).run()
    assert window.shown


def test_ends_when_the_window_is_closed(session: Session, tmp_path: Path):
    window = ListWindow()
    window.closed = True
    Viewer(Lasting([gray()]), session, window, STATE, tmp_path).run()


def test_an_error_of_the_source_ends_the_run_with_its_own_message(session: Session, tmp_path: Path):
    with pytest.raises(SourceError, match="unplugged"):
        Viewer(Script(frame(0), SourceError("unplugged")), session, ListWindow(), STATE, tmp_path).run()


def slope() -> Image:
    """Darker to the left than to the right."""
    return np.broadcast_to(np.linspace(0, 255, 160, dtype=np.uint8)[:, None], (120, 160, 3)).copy()


KEYS = {
    "b": ("bars", False),
    "l": ("names", False),
    "d": ("hud", "table"),
    "h": ("help", True),
    "y": ("history", True),
    "o": ("heat", True),
    "w": ("mirror", True),
    "a": ("view", "maps"),
    "m": ("view", "map"),
    "i": ("view", "crop"),
    "g": ("view", "off"),
    "v": ("view", "maps"),
    "k": ("layer", 0),
    "n": ("view", "map"),
    "t": ("method", 1),
    "u": ("colours", 1),
    "+": ("opacity", 0.6),
    "1": ("target", 0),
    "tab": ("face", 1),
}


@pytest.mark.parametrize("key", KEYS)
def test_a_key_changes_the_state_and_the_picture(key: str, session: Session, tmp_path: Path):
    session.network.prepare(_request("gradcam"))
    session.network.prepare(_request(""))
    keys = [key, *[is_drawn_anew] * (key in "bldhyowamigv")]
    viewer, _ = watch(session, keys, tmp_path, source=Lasting([slope()]))
    name, value = KEYS[key]
    assert getattr(viewer.state, name) == value


def is_drawn_anew(viewer: Viewer) -> bool:
    """Whether another picture is shown than the first."""
    first, *_, last = viewer.window.shown
    return bool((first != last).any())


def _request(method: str):
    return Request("pool1", maps=not method, method=method)


def test_the_inset_follows_once_its_session_is_there(session: Session, tmp_path: Path):
    viewer, _ = watch(session, ["a", has_maps, is_drawn_anew], tmp_path)
    shown = viewer._latest.faces[0].reading.explanation
    assert shown.maps.shape == (2, 2, 2)


def test_until_another_layers_session_is_there_the_one_before_is_explained(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    before, after = Request("conv1", method="gradcam"), Request("pool1", method="gradcam")
    there = {Request(), before}
    monkeypatch.setattr(session.network, "ready", there.__contains__)
    with Feed(Lasting([gray()])) as feed, Analyst(feed, session, Watching(Wish(before))) as analyst:

        def layer() -> str:
            told = analyst.newest.take(PATIENCE_S)
            assert told is not None
            return told.faces[0].reading.explanation.layer

        until(lambda: layer() == "conv1")
        analyst.watching = Watching(Wish(after))
        assert [layer() for _ in range(5)] == ["conv1"] * 5
        there.add(after)
        until(lambda: layer() == "pool1")


def has_maps(viewer: Viewer) -> bool:
    """Whether the maps of the first face are there."""
    explanation = viewer._latest.faces[0].reading.explanation
    return explanation is not None and explanation.maps is not None


def is_explained(viewer: Viewer) -> bool:
    """Whether that is known which the inset shows."""
    subject = viewer._latest.seen.subject
    return subject is not None and subject.reading.explanation is not None


def test_pausing_a_camera_holds_its_picture_and_keys_still_answer(session: Session, tmp_path: Path):
    source, held = Numbered([gray()]), []

    def is_held(viewer: Viewer) -> bool:
        """Whether twenty frames came after the one that is shown."""
        held[:] = viewer._latest.frame.index, viewer.window.shown[-1]
        return source.given - held[0] > 20

    def is_answered(viewer: Viewer) -> bool:
        return bool((viewer.window.shown[-1] != held[1]).any())

    viewer, _ = watch(session, ["space", is_held, "b", is_answered], tmp_path, source=source)
    assert viewer.state.paused
    assert not viewer.state.bars
    assert viewer._latest.frame.index == held[0]


def test_pausing_a_film_pauses_the_film(session: Session, tmp_path: Path):
    paused: list[bool] = []
    film = Film(make_clip(tmp_path / "clip.mp4"))
    pause = film.pause
    film.pause = lambda on: (paused.append(on), pause(on))
    watch(session, ["space", "space"], tmp_path, source=film)
    assert paused == [True, False]


def test_a_snapshot_is_saved_and_said(session: Session, tmp_path: Path):
    viewer, _ = watch(session, ["s", "s"], tmp_path / "new")
    assert {path.name for path in (tmp_path / "new").glob("*.png")} == {
        "emoscope-0001.png",
        "emoscope-0001.clean.png",
        "emoscope-0002.png",
        "emoscope-0002.clean.png",
    }
    assert viewer.notes.text == f"saved {tmp_path / 'new' / 'emoscope-0002'}.png, .clean.png and .json"


def test_a_recording_that_still_runs_at_the_end_is_finished(session: Session, tmp_path: Path):
    watch(session, ["r", "b", "b", "b"], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["emoscope-0001.mp4"]


def test_what_a_source_cannot_do_is_said_and_the_viewer_goes_on(session: Session, tmp_path: Path):
    source = Lasting([gray()])
    viewer, _ = watch(session, ["c"] + ["b"] * 10, tmp_path, source=source)
    assert viewer.notes.text == "this is no camera"


def test_clicks_choose_a_face_or_a_map(network: Network, tmp_path: Path):
    session = Session(FixedFinder(face(20, 20, 30, 1), face(100, 20, 30, 2)), network)
    viewer, _ = watch(session, ["a", has_maps, lambda viewer: viewer._drawn.places.inset], tmp_path)
    assert viewer._at(460, 140)(STATE) == choose_face(2)(STATE)
    assert viewer._at(639, 479) is None
    place = viewer._drawn.places.inset
    assert viewer._at(place.x + 20, place.y + place.width // 2)(STATE).view == "map"
    assert viewer._at(place.x + 20, place.bottom - 2) == "enter", "below the maps the inset itself is meant"


@pytest.mark.parametrize("heat", [False, True])
def test_only_heat_on_the_faces_explains_more_than_the_one_in_the_inset(heat: bool, network: Network, tmp_path: Path):
    session = Session(FixedFinder(face(20, 20, 30, 1), face(100, 20, 40, 2)), network)
    viewer, _ = watch(session, [is_explained], tmp_path, replace(STATE, heat=heat))
    assert [shown.reading.explanation is not None for shown in viewer._latest.faces] == [heat, True]


def test_a_click_before_the_first_picture_means_nothing(session: Session, tmp_path: Path):
    assert Viewer(Lasting([gray()]), session, ListWindow(), STATE, tmp_path)._at(5, 5) is None


def test_controls_act_on_all_keys_and_clicks_at_once():
    window, done = ListWindow(["b", "l"]), []
    window.shown = [np.zeros((1, 1, 3), np.uint8)] * 2
    window.clicks = [(3, 4)]
    controls = Controls(window, STATE, Notes(), {"snapshot": lambda: done.append(1)}, lambda x, y: choose_face(x + y))
    assert controls.listen()
    assert (controls.state.bars, controls.state.names, controls.state.face) == (False, False, 7)
    assert not controls.listen()


def test_controls_say_what_fails():
    def fail() -> None:
        raise SourceError("no such thing")

    window, notes = ListWindow(["s", "q"]), Notes()
    window.shown = [np.zeros((1, 1, 3), np.uint8)] * 2
    controls = Controls(window, STATE, notes, {"snapshot": fail}, lambda x, y: None)
    controls.listen()
    assert notes.text == "no such thing"
    assert controls.leaving
    assert controls.state == STATE


@pytest.mark.parametrize(("due_s", "asked"), [(0.0, [LOOK_S]), (0.012, [LOOK_S, 0.012])])
def test_what_a_key_asks_for_is_not_read_again_where_the_next_frame_is_due(
    due_s: float, asked: list[float], session: Session, monkeypatch: pytest.MonkeyPatch
):
    waits: list[float] = []

    class Box(Mailbox[Frame]):
        def take(self, timeout_s: float) -> Frame | None:
            waits.append(timeout_s)
            return frame(1) if timeout_s == due_s else None

    feed = Feed(Lasting([gray()]))
    feed.newest = Box()
    analyst = Analyst(feed, session, Watching())
    monkeypatch.setattr(analyst._pace, "wait_s", lambda work_s: due_s)
    assert (analyst._next(Watching()) is not None) == bool(due_s)
    assert waits == asked


def test_a_held_picture_can_still_be_mirrored(session: Session):
    picture = gray(0)
    picture[:, : picture.shape[1] // 2] = 200
    with Feed(Lasting([picture])) as feed, Analyst(feed, session, Watching()) as analyst:
        assert analyst.newest.take(PATIENCE_S) is not None
        analyst.watching = Watching(hold=True)
        until(lambda: (told := analyst.newest.take(PATIENCE_S)) is not None and not told.fresh)
        analyst.watching = Watching(hold=True, mirror=True)
        flipped = analyst.newest.take(PATIENCE_S)
    assert flipped is not None
    assert not flipped.fresh, "an old frame would be counted and timed as a new one"
    np.testing.assert_array_equal(flipped.frame.image, picture[:, ::-1])
