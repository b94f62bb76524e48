"""What the viewer keeps when it is asked to: snapshots and recordings, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import sleep

import av
import cv2
import numpy as np
import pytest

from emoscope.draw.picture import annotate
from emoscope.errors import ResultError
from emoscope.live import naming, snapshot
from emoscope.live.naming import next_name
from emoscope.live.notes import Notes
from emoscope.live.recorder import QUEUE, Recorder
from emoscope.live.recording import WindowRecording
from emoscope.live.snapshot import Snapshots, circumstances, describe, save_snapshot
from emoscope.media.raster import Bgr
from emoscope.network.network import RUNNER_UP
from emoscope.reading.session import Session
from emoscope.types import Frame, Image
from emoscope.view.scene import Scene
from emoscope.view.state import ViewState, first_state
from tests.realtime.tiny import CONTRACT, face, gray, shown
from tests.waiting import PATIENCE_S, until

STATE = first_state(CONTRACT, "off")
FRAME = Frame(7, 1.23456, Bgr(gray(90)), 0.0)
CALM = np.array([0.5, 0.4, 0.1], np.float32)
SAID = replace(shown(face(40.04, 30, 20, 3), best=1), probabilities=CALM, label="happy", confidence=0.5)
SCENE = Scene((SAID,), 0)


def test_a_snapshot_says_prior_quality_and_what_would_be_said_without_the_baseline(tmp_path: Path):
    plain = replace(SAID.reading.prediction, probabilities=CALM)
    raw = replace(SAID.reading.prediction, quality=0.87654)
    scene = Scene((replace(SAID, reading=replace(SAID.reading, prediction=raw, plain=plain)),), 0)
    name = save_snapshot(tmp_path, FRAME, scene, replace(STATE, prior=0.5))
    told = json.loads((tmp_path / f"{name}.json").read_text())
    assert (told["prior"], told["faces"][0]["quality"]) == (0.5, 0.8765)
    assert (told["faces"][0]["network"]["label"], told["faces"][0]["plain"]["label"]) == ("sad", "happy")


def names(folder: Path) -> list[str]:
    """Everything in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def test_a_snapshot_of_a_film_tells_number_and_time_in_the_file():
    told = describe(replace(FRAME, in_file=(3, 0.12)), SCENE)
    assert (told["frame"], told["time_s"]) == (3, 0.12)


def test_a_snapshot_is_three_files_that_agree(tmp_path: Path):
    folder = tmp_path / "new" / "folder"
    name = save_snapshot(folder, FRAME, SCENE, STATE)
    assert names(folder) == [f"{name}.clean.png", f"{name}.json", f"{name}.png"]
    np.testing.assert_array_equal(cv2.imread(str(folder / f"{name}.clean.png")), FRAME.image)
    np.testing.assert_array_equal(cv2.imread(str(folder / f"{name}.png")), annotate(FRAME.image, SCENE, STATE))
    assert json.loads((folder / f"{name}.json").read_text()) == {
        "frame": 7,
        "time_s": 1.235,
        "width": 160,
        "height": 120,
        "prior": None,
        "faces": [
            {
                "face": 3,
                "box_xyxy": [40.0, 30, 60.0, 50],
                "quality": None,
                "shown": {
                    "label": "happy",
                    "confidence": 0.5,
                    "probabilities": {"happy": 0.5, "sad": 0.4, "neutral": 0.1},
                },
                "network": {
                    "label": "sad",
                    "confidence": 0.7,
                    "probabilities": {"happy": 0.15, "sad": 0.7, "neutral": 0.15},
                },
            }
        ],
    }


def test_numbers_go_on_and_nothing_is_overwritten(tmp_path: Path):
    assert [save_snapshot(tmp_path, FRAME, SCENE, STATE) for _ in range(2)] == ["emoscope-0001", "emoscope-0002"]
    (tmp_path / "emoscope-0003.mp4").touch()
    assert next_number(tmp_path) == "emoscope-0004"
    (tmp_path / ".emoscope-0004.mp4.part").touch()
    assert next_number(tmp_path) == "emoscope-0005"
    (tmp_path / "emoscope-12345.log.csv").touch()
    assert next_number(tmp_path) == "emoscope-12346", "a gap is left"


def next_number(folder: Path) -> str:
    """The next name, which is not kept."""
    with next_name(folder) as name:
        return name


def test_a_number_is_taken_before_the_picture_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    others: list[str] = []

    def drawn(image: Image, scene: Scene, state: ViewState) -> Image:
        if not others:  # meanwhile another program takes one
            others.append("")
            others[0] = save_snapshot(tmp_path, replace(FRAME, index=8), SCENE, STATE)
        return annotate(image, scene, state)

    monkeypatch.setattr(snapshot, "annotate", drawn)
    assert (save_snapshot(tmp_path, FRAME, SCENE, STATE), *others) == ("emoscope-0001", "emoscope-0002")
    assert [json.loads(path.read_text())["frame"] for path in sorted(tmp_path.glob("*.json"))] == [7, 8]
    assert len(names(tmp_path)) == 6


@pytest.mark.parametrize("there", ["emoscope-0001.png", ".emoscope-0001.taken"])
def test_a_number_that_was_taken_while_the_folder_was_looked_at_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str
):
    (tmp_path / there).touch()
    looks, before = naming._numbers, [set[int]()]
    monkeypatch.setattr(naming, "_numbers", lambda *where: before.pop() if before else looks(*where))
    assert next_number(tmp_path) == "emoscope-0002"
    assert names(tmp_path) == [there]


def test_a_recording_keeps_its_number_from_the_start(tmp_path: Path):
    with next_name(tmp_path) as name:
        recorder = Recorder(tmp_path / f"{name}.mp4", (160, 120))
    with recorder:
        assert next_number(tmp_path) == "emoscope-0002"
    assert names(tmp_path) == []


def test_a_snapshot_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").touch()
    with pytest.raises(ResultError, match="cannot be written"):
        save_snapshot(tmp_path / "file", FRAME, SCENE, STATE)
    monkeypatch.setattr(Path, "replace", _full)
    with pytest.raises(ResultError, match=r"cannot be written \(No space left on device\)"):
        save_snapshot(tmp_path, FRAME, SCENE, STATE)
    assert names(tmp_path) == ["file"]


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_recording_has_the_moments_at_which_it_was_shown(tmp_path: Path):
    path = tmp_path / "new" / "a.mp4"
    moments = [50.0, 50.04, 50.5, 52.0]
    with Recorder(path, (160, 120)) as recorder:
        for number, moment in enumerate(moments):
            recorder.add(gray(40 * number), moment)
        assert not path.exists()
    assert recorder.error == ""
    assert names(path.parent) == ["a.mp4"]
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    assert [frame.time for frame in frames] == pytest.approx([moment - 50 for moment in moments], abs=0.002)
    assert [frame.to_ndarray(format="gray").mean() for frame in frames] == pytest.approx([0, 40, 80, 120], abs=20)


def test_odd_sizes_and_changing_ones_are_recorded(tmp_path: Path):
    with Recorder(tmp_path / "a.mp4", (161, 121)) as recorder:
        for number, size in enumerate([(161, 121), (64, 48), (320, 240)]):
            recorder.add(gray(99, *size), float(number))
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert [(frame.width, frame.height) for frame in container.decode(video=0)] == [(160, 120)] * 3


def test_a_picture_of_another_shape_is_recorded_whole_between_bars(tmp_path: Path):
    with Recorder(tmp_path / "a.mp4", (160, 120)) as recorder:
        recorder.add(gray(200), 0.0)
        recorder.add(gray(200, 60, 120), 1.0)
    with av.open(str(tmp_path / "a.mp4")) as container:
        _, tall = (frame.to_ndarray(format="gray") for frame in container.decode(video=0))
    assert (tall[:, 54:106] > 150).all()
    assert (tall[:, :46] < 60).all()
    assert (tall[:, 114:] < 60).all()


def add(recorder: Recorder, image: Image, now_s: float) -> None:
    """Adds a picture as soon as there is room for it."""
    until(lambda: not recorder._pictures.full(), every_s=0.001)
    recorder.add(image, now_s)


def test_an_encoder_that_is_too_slow_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    begun, go, frame = Event(), Event(), Recorder._frame
    monkeypatch.setattr(Recorder, "_frame", lambda *them: (begun.set(), go.wait(PATIENCE_S)) and frame(*them))
    with Recorder(tmp_path / "a.mp4", (160, 120)) as recorder:
        recorder.add(gray(), 0.0)
        assert begun.wait(PATIENCE_S)
        for number in range(1, 50):
            recorder.add(gray(), number / 25)
        go.set()
    assert recorder.left_out == 49 - QUEUE
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 1 + QUEUE


def test_a_recording_of_nothing_leaves_nothing(tmp_path: Path):
    with Recorder(tmp_path / "a.mp4", (160, 120)):
        pass
    assert names(tmp_path) == []


def test_a_folder_that_goes_away_ends_the_recording_with_a_reason(tmp_path: Path):
    folder = tmp_path / "gone"
    with Recorder(folder / "a.mp4", (160, 120)) as recorder:
        recorder.add(gray())
        shutil.rmtree(folder)
    assert recorder.error.endswith("No such file or directory")
    assert not folder.exists()


def test_a_file_that_cannot_get_its_name_is_an_error(tmp_path: Path):
    with Recorder(tmp_path / "a.mp4", (160, 120)) as recorder:
        recorder.add(gray())
        (tmp_path / "a.mp4").mkdir()
    assert recorder.error == f"recording lost its name: Is a directory • kept {tmp_path / 'a.partial.mp4'}"
    assert names(tmp_path) == ["a.mp4", "a.partial.mp4"]


def test_an_encoder_that_fails_tells_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Recorder, "_frame", lambda *_: _full())
    with Recorder(tmp_path / "a.mp4", (160, 120)) as recorder:
        recorder.add(gray())
        until(lambda: recorder.error)
        for _ in range(3 * QUEUE):
            recorder.add(gray())
    assert recorder.error == "recording ended: No space left on device"
    assert names(tmp_path) == []


def test_a_draft_plays_to_its_last_second_whenever_the_program_is_killed(tmp_path: Path):
    """The draft is copied while the recording runs: that is what kill -9 leaves."""
    random, killed = np.random.default_rng(0), tmp_path / "killed.mp4"

    def last_s() -> float:
        shutil.copy(tmp_path / ".a.mp4.part", killed)
        with av.open(str(killed)) as film:
            return max(frame.time for frame in film.decode(video=0))

    with Recorder(tmp_path / "a.mp4", (160, 120)) as recorder:
        for number in range(90):
            add(recorder, random.integers(0, 255, (120, 160, 3), dtype=np.uint8), number / 30)
        until(lambda: recorder._pictures.empty())
        until(lambda: last_s() >= 90 / 30 - 1.0, every_s=0.1)


def test_a_disk_that_fills_up_keeps_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    whole, count = Recorder._frame, [0]

    def full_later(*them: object) -> av.VideoFrame:
        count[0] += 1
        return _full() if count[0] > 60 else whole(*them)

    monkeypatch.setattr(Recorder, "_frame", full_later)
    with Recorder(tmp_path / "a.mp4", (160, 120)) as recorder:
        for number in range(61):
            add(recorder, gray(number), number / 30)
        until(lambda: recorder.error)
    assert recorder.error == f"recording ended: No space left on device • kept {tmp_path / 'a.partial.mp4'}"
    with av.open(str(tmp_path / "a.partial.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) > 30


def test_the_next_start_names_what_a_killed_one_left(tmp_path: Path):
    with Recorder(tmp_path / "emoscope-0001.mp4", (160, 120)) as recorder:
        for number in range(10):
            recorder.add(gray(number), number / 30)
    draft = tmp_path / ".emoscope-0001.mp4.part"
    (tmp_path / "emoscope-0001.mp4").rename(draft)
    notes = Notes()
    WindowRecording(tmp_path, notes).rescue()
    assert draft.exists(), "it may belong to a program that runs"
    os.utime(draft, (0, 0))
    WindowRecording(tmp_path, notes).rescue()
    assert names(tmp_path) == ["emoscope-0001.partial.mp4"]
    assert notes.text == f"an earlier recording was cut off: kept {tmp_path / 'emoscope-0001.partial.mp4'}"


def test_both_recordings_at_once_go_by_one_number(tmp_path: Path):
    recording = WindowRecording(tmp_path, Notes())
    recording.toggle(clean=False)
    recording.add(gray(200), gray(50))
    recording.toggle(clean=True)
    recording.add(gray(200), gray(50))
    recording.toggle(clean=False)
    assert recording.running
    recording.add(gray(200), gray(50))
    recording.finish()
    assert names(tmp_path) == ["emoscope-0001.clean.mp4", "emoscope-0001.mp4"]


def test_another_size_is_kept_to_and_said(tmp_path: Path):
    notes = Notes()
    recording = WindowRecording(tmp_path, notes)
    recording.toggle(clean=False)
    recording.add(gray(200), gray(50))
    assert notes.text == ""
    recording.add(gray(200, 320, 200), gray(50))
    assert notes.text == "the recording keeps the size that it began with"
    recording.finish()


def test_a_snapshot_tells_under_which_circumstances_it_was_taken(session: Session):
    frame = replace(FRAME, source="list", position="1 / 2")
    told = circumstances(frame, session, replace(STATE, target=1, mirror=True))
    assert (told["source"], told["position"]) == ("list", "1 / 2")
    assert (told["target"], told["mirror"], told["method"], told["against"]) == ("sad", True, "gradcam", "")
    for against, words in ((RUNNER_UP, "the runner-up"), (0, "happy")):
        assert circumstances(frame, session, replace(STATE, against=against))["against"] == words
    assert {"emoscope", "onnxruntime", "numpy"} <= set(told["versions"])
    assert json.dumps(told)


def test_snapshots_are_written_aside_and_failures_are_told(tmp_path: Path):
    heard: list[str] = []
    snapshots = Snapshots(tmp_path, Notes(echo=heard.append))
    snapshots.save(FRAME, SCENE, STATE, {"source": "here"})
    snapshots.close()
    assert heard == [f"saved {tmp_path / 'emoscope-0001'}.png, .clean.png and .json"]
    assert json.loads((tmp_path / "emoscope-0001.json").read_text())["source"] == "here"
    (tmp_path / "file").touch()
    broken = Snapshots(tmp_path / "file", Notes(echo=heard.append))
    broken.save(FRAME, SCENE, STATE, {})
    broken.close()
    assert "cannot be written" in heard[-1]


def test_a_recording_where_none_can_be(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(ResultError, match="cannot be recorded"):
        Recorder(tmp_path / "file" / "a.mp4", (160, 120))


@pytest.mark.parametrize(
    ("clean", "name", "shade"), [(False, "emoscope-0001.mp4", 200), (True, "emoscope-0001.clean.mp4", 50)]
)
def test_recording_by_key_of_what_is_shown_or_of_the_clean_picture(tmp_path: Path, clean: bool, name: str, shade: int):
    notes = Notes()
    recording = WindowRecording(tmp_path, notes)
    recording.add(gray(200), gray(50))
    recording.toggle(clean)
    assert recording.running
    for _ in range(3):
        recording.add(gray(200), gray(50, 64, 48))
        sleep(0.01)
    recording.toggle(clean)
    assert not recording.running
    assert notes.text == f"recorded {tmp_path / name}"
    with av.open(str(tmp_path / name)) as container:
        (first, *_) = frames = list(container.decode(video=0))
    assert len(frames) == 3
    assert float(first.to_ndarray(format="bgr24").mean()) == pytest.approx(shade, abs=6)


def test_a_picture_that_stands_still_lasts_until_the_recording_ends(tmp_path: Path):
    now = [5.0]
    recording = WindowRecording(tmp_path, Notes(), lambda: now[0])
    recording.toggle(clean=False)
    recording.add(gray(200), gray(50))
    now[0] = 9.0
    recording.finish()
    with av.open(str(tmp_path / "emoscope-0001.mp4")) as container:
        assert [frame.time for frame in container.decode(video=0)] == [0.0, 4.0]


def test_a_recording_of_no_picture_says_so(tmp_path: Path):
    notes = Notes()
    recording = WindowRecording(tmp_path, notes)
    recording.finish()
    assert notes.text == ""
    for _ in range(2):
        recording.toggle(clean=False)
    assert notes.text == "nothing was recorded: no picture came"


def test_a_recording_that_cannot_start_says_why_and_the_viewer_goes_on(tmp_path: Path):
    (tmp_path / "file").touch()
    notes = Notes()
    recording = WindowRecording(tmp_path / "file", notes)
    recording.toggle(clean=False)
    recording.add(gray(), gray())
    assert "cannot be written" in notes.text
    assert not recording.running
    recording.finish()
