"""One recording from end to end, with a finder that sees the same face in every frame."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoscope.draw.patch import Patch
from emoscope.draw.picture import compose
from emoscope.errors import ResultError
from emoscope.media.reader import Recording
from emoscope.media.span import Span
from emoscope.processing.settings import Settings
from emoscope.reading.session import Session
from emoscope.reading.smoothing import Shown
from emoscope.view.scene import Scene
from tests.realtime.media.films import look, make_film
from tests.realtime.processing.runs import processed, rows
from tests.realtime.tiny import FixedFinder, face

WIDE = (240, 180)
UNEVEN = [0, 512, 1024, 4000, 4100, 9000, 9512, 20_000]


def test_everything_is_written(session: Session, settings: Settings, tmp_path: Path) -> None:
    source = make_film(tmp_path / "clip.mp4", UNEVEN, size=WIDE, sound=("aac",), metadata={"title": "Take"})
    outcome = processed(source, session, settings)
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


def test_what_becomes_of_other_tracks_stands_in_the_summary(
    session: Session, settings: Settings, tmp_path: Path
) -> None:
    source = make_film(tmp_path / "clip.mov", size=WIDE, sound=("pcm_s24le",))
    outcome = processed(source, session, replace(settings, chart=False))
    told = "sound track 1: pcm_s24le is noise in many players of MP4, so it becomes AAC"
    assert outcome.notes == json.loads((tmp_path / "clip.summary.json").read_text())["sound_and_subtitles"] == [told]


def test_something_is_drawn_and_the_rest_is_the_film(session: Session, settings: Settings, tmp_path: Path) -> None:
    source = make_film(tmp_path / "clip.mp4", size=(640, 480))
    processed(source, session, settings)
    with Recording(source) as old, Recording(tmp_path / "clip.emoscope.mp4") as new:
        before, after = old.first.picture.bgr.astype(int), new.first.picture.bgr.astype(int)
    changed = np.abs(after - before).max(axis=2) > 40
    inset, far = changed[300:480, :190], changed[:150, 400:]
    assert inset.mean() > 0.3, "the inset stands in the lower left corner"
    assert far.mean() < 0.01


def test_rows_are_raw_and_the_emotion_is_their_largest(session: Session, settings: Settings, tmp_path: Path) -> None:
    processed(make_film(tmp_path / "clip.mp4", size=WIDE), session, settings)
    labels = session.network.contract.labels
    with Recording(tmp_path / "clip.mp4") as recording:
        expected = [
            session.read(frame.picture, frame.time_s).readings[0].prediction.probabilities
            for frame in recording.frames()
        ]
    for row, probabilities in zip(rows(tmp_path / "clip.faces.csv"), expected, strict=True):
        assert [float(row[label]) for label in labels] == pytest.approx(probabilities.tolist(), abs=2e-6)
        assert row["emotion"] == labels[int(probabilities.argmax())]


def test_label_inset_and_heat_speak_for_one_class_while_rows_stay_raw(
    session: Session, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(session.finder, FixedFinder)
    session.finder.faces = [face(x=100, y=100, edge=8)]  # where stripes move: the raw answer goes to and fro
    drawn: list[Shown] = []

    def composed(scene: Scene, *rest: Any, **calm: Any) -> list[Patch]:
        drawn.extend(scene.faces)
        return compose(scene, *rest, **calm)

    monkeypatch.setattr("emoscope.processing.painting.compose", composed)
    processed(make_film(tmp_path / "clip.mp4", range(0, 40 * 3840, 3840), size=WIDE), session, settings)
    said = [shown.label for shown in drawn]
    explained = [shown.reading.explanation.target for shown in drawn if shown.reading.explanation]
    raw = [row["emotion"] for row in rows(tmp_path / "clip.faces.csv")]
    assert len(said) == len(explained) == len(raw) == 40
    assert len(set(said) - {"unsure"}) == 2, "the label changes"
    assert all(label in (target, "unsure") for label, target in zip(said, explained, strict=True))
    assert raw == [shown.reading.prediction.emotion for shown in drawn] != explained


def test_a_film_without_faces_has_a_row_a_frame(session: Session, settings: Settings, tmp_path: Path) -> None:
    assert isinstance(session.finder, FixedFinder)
    session.finder.faces = []
    processed(make_film(tmp_path / "clip.mp4"), session, settings)
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
    changes: dict[str, object], kinds: set[str], session: Session, settings: Settings, tmp_path: Path
) -> None:
    changed = replace(settings, **changes)  # type: ignore[arg-type]
    processed(make_film(tmp_path / "clip.mp4"), session, changed)
    assert {path.name for path in tmp_path.iterdir()} == {"clip.mp4", *(f"clip.{kind}" for kind in kinds)}


def test_nothing_at_all_is_an_error(settings: Settings) -> None:
    with pytest.raises(ResultError, match="nothing is left to write"):
        replace(settings, video=False, rows=None, chart=False)


def test_every_third_frame_is_looked_at_and_all_are_kept(session: Session, settings: Settings, tmp_path: Path) -> None:
    processed(make_film(tmp_path / "clip.mp4"), session, replace(settings, every=3))
    assert [int(row["frame"]) for row in rows(tmp_path / "clip.faces.csv")] == [0, 3, 6, 9]
    assert len(look(tmp_path / "clip.emoscope.mp4").times) == 12


def test_a_part_keeps_the_recordings_own_numbers_and_times(
    session: Session, settings: Settings, tmp_path: Path
) -> None:
    make_film(tmp_path / "clip.mp4", range(0, 60 * 512, 512))
    processed(tmp_path / "clip.mp4", session, replace(settings, span=Span(1.0, 1.2)))
    table = rows(tmp_path / "clip.faces.csv")
    assert [int(row["frame"]) for row in table] == [30, 31, 32, 33, 34, 35]
    assert float(table[0]["time_s"]) == pytest.approx(1.0)
    assert look(tmp_path / "clip.emoscope.mp4").times[0] == 0
