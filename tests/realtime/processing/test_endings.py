"""How a run ends: damaged, interrupted, failed, with new faces for the next recording."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emoscope.processing.batch import process_one, results_of
from emoscope.processing.film import process_film
from emoscope.processing.settings import Settings
from emoscope.reading.session import Session
from tests.realtime.media.films import SIZE, damage, look, make_film
from tests.realtime.processing.runs import ignore, processed, rows
from tests.realtime.tiny import FixedFinder
from tests.waiting import ending_threads


def test_damage_is_skipped_and_told_in_outcome_and_summary(
    session: Session, settings: Settings, tmp_path: Path
) -> None:
    source = damage(make_film(tmp_path / "clip.mp4", range(0, 90 * 512, 512), size=(160, 120)), 0.02)
    outcome = processed(source, session, settings)
    told = json.loads((tmp_path / "clip.summary.json").read_text())["damage"]
    assert told["lost"] > 0 and f"{told['lost']} damaged picture" in outcome.damage
    assert outcome.frames + told["lost"] == 90
    assert len(look(tmp_path / "clip.emoscope.mp4").times) == outcome.frames == len(rows(tmp_path / "clip.faces.csv"))


def test_an_interrupt_keeps_what_is_done_as_partial(session: Session, settings: Settings, tmp_path: Path) -> None:
    source = make_film(tmp_path / "clip.mp4", range(0, 100 * 512, 512), sound=("aac",))

    def interrupt(frames: int, share: float | None) -> None:
        if frames == 40:
            raise KeyboardInterrupt

    with ending_threads():
        outcome = process_film(results_of(source, None, settings), session, settings, interrupt)
    assert outcome.interrupted
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


def test_an_error_leaves_nothing_behind_and_is_told(session: Session, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"no film")
    outcome = process_one(results_of(tmp_path / "clip.mp4", None, settings), session, settings, ignore)
    assert "clip.mp4: not a recording" in outcome.error
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_an_error_while_running_leaves_nothing_behind(
    session: Session, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_film(tmp_path / "clip.mp4")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("emoscope.processing.painting.compose", broken)
    with ending_threads(), pytest.raises(RuntimeError, match="a defect"):
        processed(source, session, settings)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_each_recording_starts_with_new_faces(session: Session, settings: Settings, tmp_path: Path) -> None:
    assert isinstance(session.finder, FixedFinder)
    for number, name in enumerate(("a.mp4", "b.mp4"), start=1):
        processed(make_film(tmp_path / name), session, settings)
        assert (session.finder.resets, session.finder.starts) == (number, number)


def test_progress_rises_to_the_end(session: Session, settings: Settings, tmp_path: Path) -> None:
    heard: list[tuple[int, float | None]] = []
    source = make_film(tmp_path / "clip.mp4", range(0, 30 * 512, 512), size=SIZE)
    process_film(results_of(source, None, settings), session, settings, lambda *news: heard.append(news))
    assert [frames for frames, _ in heard] == list(range(1, 31))
    shares = [share for _, share in heard if share is not None]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] > 0.9
