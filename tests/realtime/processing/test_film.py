"""One recording from end to end, with a finder that sees the same face in every frame."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from realtime.analysis import Analyser
from realtime.crops import levelled
from realtime.draw.patch import Patch
from realtime.draw.picture import compose
from realtime.errors import ResultError
from realtime.processing.batch import process_one, results_of
from realtime.processing.film import Outcome, process_film
from realtime.processing.settings import Settings
from realtime.scene import Scene, Shown
from realtime.video.encoding import Encoding
from realtime.video.reader import Recording
from realtime.video.span import Span
from realtime.view import first_state
from tests.realtime.tiny import FixedFinder, face
from tests.realtime.video.films import SIZE, damage, look, make_film

WIDE = (240, 180)
UNEVEN = [0, 512, 1024, 4000, 4100, 9000, 9512, 20_000]


def ignore(*_: object) -> None:
    """Hears of progress and does nothing."""


@pytest.fixture
def settings(analyser: Analyser) -> Settings:
    @contextmanager
    def opened() -> Iterator[Analyser]:
        yield analyser

    return Settings(opened, first_state, encoding=Encoding(preset="ultrafast"))


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8", newline="")))


def processed(source: Path, analyser: Analyser, settings: Settings) -> Outcome:
    return process_film(results_of(source, None, settings), analyser, settings, ignore)


def test_everything_is_written(analyser: Analyser, settings: Settings, tmp_path: Path) -> None:
    source = make_film(tmp_path / "clip.mp4", UNEVEN, size=WIDE, sound=("aac",), metadata={"title": "Take"})
    outcome = processed(source, analyser, settings)
    assert (outcome.frames, outcome.damage, outcome.error, outcome.interrupted) == (8, "", "", False)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "clip.emoscope.mp4",
        "clip.faces.csv",
        "clip.mp4",
        "clip.summary.json",
        "clip.timeline.png",
    ]
    old, new = look(source), look(tmp_path / "clip.emoscope.mp4")
    assert (new.times, new.sound, new.size, new.metadata["title"]) == (old.times, old.sound, WIDE, "Take")
    table = rows(tmp_path / "clip.faces.csv")
    assert [int(row["frame"]) for row in table] == list(range(8))
    assert [float(row["time_s"]) for row in table] == pytest.approx([float(time) for time in old.times], abs=1e-6)
    assert {row["face"] for row in table} == {"1"}


def test_something_is_drawn_and_the_rest_is_the_film(analyser: Analyser, settings: Settings, tmp_path: Path) -> None:
    source = make_film(tmp_path / "clip.mp4", size=(640, 480))
    processed(source, analyser, settings)
    with Recording(source) as old, Recording(tmp_path / "clip.emoscope.mp4") as new:
        before, after = old.first.picture.bgr.astype(int), new.first.picture.bgr.astype(int)
    changed = np.abs(after - before).max(axis=2) > 40
    inset, far = changed[300:480, :190], changed[:150, 400:]
    assert inset.mean() > 0.3, "the inset stands in the lower left corner"
    assert far.mean() < 0.01


def test_rows_are_raw_and_the_emotion_is_their_largest(analyser: Analyser, settings: Settings, tmp_path: Path) -> None:
    processed(make_film(tmp_path / "clip.mp4", size=WIDE), analyser, settings)
    labels = analyser.network.contract.labels
    with Recording(tmp_path / "clip.mp4") as recording:
        expected = [
            analyser.read(levelled(frame.picture.luma, frame.picture.levels), frame.time_s)[0].prediction.probabilities
            for frame in recording.frames()
        ]
    for row, probabilities in zip(rows(tmp_path / "clip.faces.csv"), expected, strict=True):
        assert [float(row[label]) for label in labels] == pytest.approx(probabilities.tolist(), abs=2e-6)
        assert row["emotion"] == labels[int(probabilities.argmax())]


def test_label_inset_and_heat_speak_for_one_class_while_rows_stay_raw(
    analyser: Analyser, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(analyser.finder, FixedFinder)
    analyser.finder.faces = [face(x=100, y=100, edge=8)]  # where stripes move: the raw answer goes to and fro
    drawn: list[Shown] = []

    def composed(scene: Scene, *rest: Any) -> list[Patch]:
        drawn.extend(scene.faces)
        return compose(scene, *rest)

    monkeypatch.setattr("realtime.processing.painting.compose", composed)
    processed(make_film(tmp_path / "clip.mp4", range(0, 40 * 3840, 3840), size=WIDE), analyser, settings)
    said = [shown.label for shown in drawn]
    explained = [shown.reading.explanation.target for shown in drawn if shown.reading.explanation]
    raw = [row["emotion"] for row in rows(tmp_path / "clip.faces.csv")]
    assert len(said) == len(explained) == len(raw) == 40
    assert len(set(said) - {"unsure"}) == 2, "the label changes"
    assert all(label in (target, "unsure") for label, target in zip(said, explained, strict=True))
    assert raw == [shown.reading.prediction.emotion for shown in drawn] != explained


def test_a_film_without_faces_has_a_row_a_frame(analyser: Analyser, settings: Settings, tmp_path: Path) -> None:
    assert isinstance(analyser.finder, FixedFinder)
    analyser.finder.faces = []
    processed(make_film(tmp_path / "clip.mp4"), analyser, settings)
    table = rows(tmp_path / "clip.faces.csv")
    assert len(table) == 12 and {row["face"] for row in table} == {""}
    assert json.loads((tmp_path / "clip.summary.json").read_text())["frames_with_faces"] == 0


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"video": False}, {"faces.csv", "timeline.png", "summary.json"}),
        ({"rows": None}, {"emoscope.mp4", "timeline.png", "summary.json"}),
        ({"chart": False, "rows": "jsonl"}, {"emoscope.mp4", "faces.jsonl", "summary.json"}),
    ],
)
def test_what_is_not_wanted_is_not_written(
    changes: dict[str, object], kinds: set[str], analyser: Analyser, settings: Settings, tmp_path: Path
) -> None:
    changed = replace(settings, **changes)  # type: ignore[arg-type]
    processed(make_film(tmp_path / "clip.mp4"), analyser, changed)
    assert {path.name for path in tmp_path.iterdir()} == {"clip.mp4", *(f"clip.{kind}" for kind in kinds)}


def test_nothing_at_all_is_an_error(settings: Settings) -> None:
    with pytest.raises(ResultError, match="nothing is left to write"):
        replace(settings, video=False, rows=None, chart=False)


def test_every_third_frame_is_looked_at_and_all_are_kept(
    analyser: Analyser, settings: Settings, tmp_path: Path
) -> None:
    processed(make_film(tmp_path / "clip.mp4"), analyser, replace(settings, every=3))
    assert [int(row["frame"]) for row in rows(tmp_path / "clip.faces.csv")] == [0, 3, 6, 9]
    assert len(look(tmp_path / "clip.emoscope.mp4").times) == 12


def test_a_part_keeps_the_recordings_own_numbers_and_times(
    analyser: Analyser, settings: Settings, tmp_path: Path
) -> None:
    make_film(tmp_path / "clip.mp4", range(0, 60 * 512, 512))
    processed(tmp_path / "clip.mp4", analyser, replace(settings, span=Span(1.0, 1.2)))
    table = rows(tmp_path / "clip.faces.csv")
    assert [int(row["frame"]) for row in table] == [30, 31, 32, 33, 34, 35]
    assert float(table[0]["time_s"]) == pytest.approx(1.0)
    assert look(tmp_path / "clip.emoscope.mp4").times[0] == 0


def test_damage_is_skipped_and_told_in_outcome_and_summary(
    analyser: Analyser, settings: Settings, tmp_path: Path
) -> None:
    source = damage(make_film(tmp_path / "clip.mp4", range(0, 90 * 512, 512), size=(160, 120)), 0.02)
    outcome = processed(source, analyser, settings)
    told = json.loads((tmp_path / "clip.summary.json").read_text())["damage"]
    assert told["lost"] > 0 and f"{told['lost']} damaged picture" in outcome.damage
    assert outcome.frames + told["lost"] == 90
    assert len(look(tmp_path / "clip.emoscope.mp4").times) == outcome.frames == len(rows(tmp_path / "clip.faces.csv"))


def test_an_interrupt_keeps_what_is_done_as_partial(analyser: Analyser, settings: Settings, tmp_path: Path) -> None:
    source = make_film(tmp_path / "clip.mp4", range(0, 100 * 512, 512), sound=("aac",))
    before = threading.active_count()

    def interrupt(frames: int, share: float | None) -> None:
        if frames == 40:
            raise KeyboardInterrupt

    outcome = process_film(results_of(source, None, settings), analyser, settings, interrupt)
    assert outcome.interrupted and threading.active_count() == before
    assert {path.name for path in tmp_path.iterdir()} == {
        "clip.mp4",
        "clip.emoscope.partial.mp4",
        "clip.faces.partial.csv",
        "clip.timeline.partial.png",
        "clip.summary.partial.json",
    }
    partial = look(tmp_path / "clip.emoscope.partial.mp4")
    assert partial.times == look(source).times[:40]
    assert len(rows(tmp_path / "clip.faces.partial.csv")) == 40
    assert len(partial.sound[0]) > 20


def test_an_error_leaves_nothing_behind_and_is_told(analyser: Analyser, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"no film")
    outcome = process_one(results_of(tmp_path / "clip.mp4", None, settings), analyser, settings, ignore)
    assert "clip.mp4: not a recording" in outcome.error
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_an_error_while_running_leaves_nothing_behind(
    analyser: Analyser, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_film(tmp_path / "clip.mp4")

    def broken(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("realtime.processing.painting.compose", broken)
    before = threading.active_count()
    with pytest.raises(RuntimeError, match="a defect"):
        processed(source, analyser, settings)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
    assert threading.active_count() == before


def test_each_recording_starts_with_new_faces(analyser: Analyser, settings: Settings, tmp_path: Path) -> None:
    assert isinstance(analyser.finder, FixedFinder)
    for number, name in enumerate(("a.mp4", "b.mp4")):
        analyser.finder.faces = [face(track=7 + number), face(x=100, track=3 + number)]
        processed(make_film(tmp_path / name), analyser, settings)
        assert [row["face"] for row in rows(tmp_path / name.replace("mp4", "faces.csv"))][:4] == ["1", "2", "1", "2"]
    assert analyser.finder.resets == 2


def test_progress_rises_to_the_end(analyser: Analyser, settings: Settings, tmp_path: Path) -> None:
    heard: list[tuple[int, float | None]] = []
    source = make_film(tmp_path / "clip.mp4", range(0, 30 * 512, 512), size=SIZE)
    process_film(results_of(source, None, settings), analyser, settings, lambda *news: heard.append(news))
    assert [frames for frames, _ in heard] == list(range(1, 31))
    shares = [share for _, share in heard if share is not None]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] > 0.9
