"""Everybody's own neutral face, from a first look at a recording: rows hold both answers, the film shows the second."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from emoscope.errors import SourceError
from emoscope.network.offset import shifted
from emoscope.processing.batch import results_of
from emoscope.processing.film import process_film
from emoscope.processing.rests import FIRST, MOST, _Answers, rests
from emoscope.processing.settings import AUTO, Settings
from emoscope.reading.baseline import own_offset, typical
from emoscope.reading.session import Session
from emoscope.types import Prediction
from tests.realtime.media.films import make_film
from tests.realtime.processing.runs import ignore, processed, rows
from tests.realtime.tiny import LABELS, face, reading

LONG = range(0, 60 * 512, 512)
RELATIVE = [f"relative_{label}" for label in LABELS]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return make_film(tmp_path / "clip.mp4", LONG, size=(160, 120))


def numbers(table: list[dict[str, str]], columns: list[str] | tuple[str, ...]) -> np.ndarray:
    return np.array([[float(row[column]) for column in columns] for row in table])


def test_both_answers_stand_in_every_row_and_differ_by_what_is_typical(
    source: Path, session: Session, settings: Settings
):
    processed(source, session, settings)
    alone = numbers(rows(source.with_suffix(".faces.csv")), LABELS)
    processed(source, session, replace(settings, baseline=AUTO))
    table = rows(source.with_suffix(".faces.csv"))
    plain, relative = numbers(table, LABELS), numbers(table, RELATIVE)
    np.testing.assert_allclose(plain, alone, atol=2e-6)
    offset = own_offset(typical(plain.astype(np.float32)), LABELS)
    np.testing.assert_allclose(relative, shifted(plain, offset), atol=1e-3)
    assert [row["relative_emotion"] for row in table] == [LABELS[best] for best in relative.argmax(1)]
    told = json.loads(source.with_suffix(".summary.json").read_text())
    assert (told["baseline"], told["faces_with_baseline"], told["prior"]) == (AUTO, [1], None)


def test_off_unless_it_is_asked_for(source: Path, session: Session, settings: Settings):
    processed(source, session, settings)
    assert "relative_emotion" not in rows(source.with_suffix(".faces.csv"))[0]
    told = json.loads(source.with_suffix(".summary.json").read_text())
    assert told["baseline"] is None and "faces_with_baseline" not in told


def test_the_next_recording_knows_nobody(source: Path, session: Session, settings: Settings):
    processed(source, session, replace(settings, baseline=AUTO))
    processed(source, session, settings)
    assert session.baselines.offset(1) is None


def test_a_face_that_is_seen_too_shortly_has_no_rest(tmp_path: Path, session: Session, settings: Settings):
    short = make_film(tmp_path / "short.mp4", range(0, 4 * 512, 512), size=(160, 120))
    processed(short, session, replace(settings, baseline=AUTO))
    table = rows(short.with_suffix(".faces.csv"))
    assert table and {row[column] for row in table for column in ("relative_emotion", *RELATIVE)} == {""}
    assert np.isfinite(numbers(table, LABELS)).all()
    assert json.loads(short.with_suffix(".summary.json").read_text())["faces_with_baseline"] == []


def test_the_share_of_the_work_rises_over_both_looks(source: Path, session: Session, settings: Settings):
    told: list[tuple[int, float | None]] = []
    results = results_of(source, None, settings)
    process_film(results, session, replace(settings, baseline=AUTO), lambda *now: told.append(now))
    shares = [share for _, share in told]
    assert shares == sorted(shares) and shares[-1] > 0.95
    assert {frames for frames, share in told if share < FIRST} == {0}


def test_ctrl_c_in_the_first_look_leaves_nothing_behind(source: Path, session: Session, settings: Settings):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    outcome = process_film(results_of(source, None, settings), session, replace(settings, baseline=AUTO), interrupt)
    assert outcome.interrupted and outcome.written == []
    assert [path.name for path in source.parent.iterdir()] == [source.name]


def test_what_can_be_read_only_once_is_not_looked_at_twice(
    source: Path, session: Session, settings: Settings, tmp_path: Path
):
    pipe, data = tmp_path / "pipe.ts", make_film(tmp_path / "clip.ts", LONG, tick=Fraction(1, 90_000)).read_bytes()
    os.mkfifo(pipe)

    def pour() -> None:
        with suppress(BrokenPipeError), pipe.open("wb") as file:
            file.write(data)

    writer = threading.Thread(target=pour, daemon=True)
    writer.start()
    with pytest.raises(SourceError, match="--baseline looks twice: save it as a file first"):
        processed(pipe, session, replace(settings, baseline=AUTO))
    writer.join(5)
    assert not writer.is_alive()


def said(best: int, readable: bool = True) -> Prediction:
    return replace(reading(best=best).prediction, readable=readable)


def heard(answers: _Answers, *moments: tuple[float, Prediction]) -> np.ndarray | None:
    for time_s, prediction in moments:
        answers.add(replace(reading(face()), prediction=prediction), time_s)
    rest = answers.typical()
    return None if rest is None else np.exp(rest)


def test_seconds_are_the_first_ones_in_which_the_face_is_seen():
    moments = [(5 + number / 10, said(1 if number <= 20 else 0)) for number in range(100)]
    assert heard(_Answers(2.0), *moments).argmax() == 1
    assert heard(_Answers(AUTO), *moments).argmax() == 0


def test_what_cannot_be_read_is_not_typical():
    moments = [(number / 10, said(0, readable=False) if number % 3 else said(2)) for number in range(60)]
    assert heard(_Answers(AUTO), *moments).argmax() == 2
    assert heard(_Answers(AUTO), *((number, said(0, readable=False)) for number in range(9))) is None


def test_of_a_long_recording_answers_are_thinned_evenly():
    answers = _Answers(AUTO)
    rest = heard(answers, *((number / 25, said(number < 2 * MOST)) for number in range(5 * MOST)))
    assert len(answers._kept) < MOST
    assert rest.argmax() == 0


def test_both_looks_number_faces_alike(shared: Path, settings: Settings):
    from emoscope.reading.session import open_session

    source = shared / "videos" / "grid4_1280x720.mp4"
    asked = replace(settings, baseline=AUTO, every=2)
    with open_session(pace=0.5) as session:
        one, two = (rests(source, session, asked, ignore) for _ in range(2))
    assert len(one) >= 4
    assert one.keys() == two.keys()
    for track, rest in one.items():
        np.testing.assert_array_equal(rest, two[track])
