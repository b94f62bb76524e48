"""A person's own neutral face: found among other moments, taken off within limits, and forgotten."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.network.offset import shifted
from emoscope.reading.baseline import LIMIT, RESTING, Baselines, own_offset, typical

LABELS = ("angry", "happy", "neutral", "sad")
GLOOMY = np.array([0.06, 0.04, 0.30, 0.60], np.float32)
"""Rest of a person who always looks a little sad."""
SMILE = np.array([0.01, 0.90, 0.04, 0.05], np.float32)


def around(answer: np.ndarray, number: int, seed: int = 0) -> np.ndarray:
    """So many answers like this one."""
    logits = np.log(answer) + np.random.default_rng(seed).normal(0, 0.15, (number, len(answer)))
    return (np.exp(logits) / np.exp(logits).sum(1, keepdims=True)).astype(np.float32)


def test_rest_is_what_a_face_returns_to_though_it_smiles_nearly_half_of_the_time():
    answers = np.concatenate([around(GLOOMY, 60), around(SMILE, 45, seed=1)])
    rest = np.exp(typical(answers))
    np.testing.assert_allclose(rest / rest.sum(), GLOOMY, atol=0.05)
    mean = answers.mean(0)
    assert mean.argmax() == LABELS.index("happy")


def test_too_few_answers_are_typical_of_nothing():
    assert typical(around(GLOOMY, 4)) is None
    assert typical(around(GLOOMY, 5)) is not None


def test_a_person_at_rest_is_neutral_and_a_smile_remains_one():
    offset = own_offset(np.log(GLOOMY), LABELS)
    rest, smile = (shifted(one[None], offset)[0] for one in (GLOOMY, SMILE))
    assert rest.argmax() == LABELS.index("neutral")
    assert smile.argmax() == LABELS.index("happy")


def test_rest_within_the_limit_becomes_the_same_in_everybody():
    for seed in range(5):
        own = np.array([0.1, 0.08, 0.6, 0.22]) * np.random.default_rng(seed).uniform(0.8, 1.25, 4)
        rest = shifted((own / own.sum())[None], own_offset(np.log(own), LABELS))[0]
        np.testing.assert_allclose(rest, [(1 - RESTING) / 3] * 2 + [RESTING, (1 - RESTING) / 3], atol=1e-6)


def test_a_grin_that_was_taken_for_rest_does_not_make_happy_neutral():
    offset = own_offset(np.log(np.array([0.001, 0.997, 0.001, 0.001])), LABELS)
    assert offset.min() == -LIMIT
    assert shifted(np.array([[0.001, 0.997, 0.001, 0.001]]), offset)[0].argmax() == LABELS.index("happy")


def test_neutral_itself_is_what_the_others_are_moved_against():
    assert own_offset(np.log(GLOOMY), LABELS)[LABELS.index("neutral")] == 0
    np.testing.assert_array_equal(own_offset(np.log(GLOOMY[:3]), ("angry", "happy", "sad")), 0)


def test_a_baseline_stands_after_its_seconds_for_the_face_that_was_asked_for():
    baselines = Baselines(LABELS, seconds=2.0)
    baselines.keep((7,))
    for number in range(21):
        assert baselines.offset(7) is None
        assert baselines.progress(7, number / 10) == pytest.approx(min(0.99, number / 20), abs=1e-9)
        for track in (7, 8):
            baselines.add(track, GLOOMY, number / 10)
    np.testing.assert_allclose(baselines.offset(7), own_offset(np.log(GLOOMY), LABELS), rtol=1e-5)
    assert (baselines.progress(7, 9.0), baselines.progress(8, 9.0), baselines.offset(8)) == (1.0, None, None)


def test_what_comes_later_does_not_move_it_and_letting_go_forgets_it():
    baselines = Baselines(LABELS, seconds=1.0)
    baselines.keep((7,))
    for number in range(12):
        baselines.add(7, GLOOMY, number / 10)
    before = baselines.offset(7)
    for number in range(50):
        baselines.add(7, SMILE, 2 + number / 10)
    np.testing.assert_array_equal(baselines.offset(7), before)
    baselines.keep(())
    baselines.keep((7,))
    assert baselines.offset(7) is None
    baselines.add(7, GLOOMY, 9.0)
    baselines.reset()
    assert baselines.progress(7, 9.0) is None


def test_rest_is_neutral_whatever_the_prior():
    prior = np.array([0.6, 0.05, -0.4, 0.1], np.float32)
    baselines = Baselines(LABELS)
    baselines.know({7: np.log(np.array([0.1, 0.1, 0.6, 0.2], np.float32))})
    for offset in (baselines.offset(7), prior + baselines.offset(7, prior)):
        rest = shifted(np.array([[0.1, 0.1, 0.6, 0.2]]), offset)[0]
        np.testing.assert_allclose(rest[2], RESTING, atol=1e-5)
    assert baselines.offset(8, prior) is None


def test_a_source_whose_clock_runs_back_begins_again():
    baselines = Baselines(LABELS, seconds=1.0)
    baselines.keep((7,))
    for time_s in (50.0, 50.1, 0.0, 0.5):
        baselines.add(7, GLOOMY, time_s)
    assert baselines.progress(7, 0.5) == 0.5


def test_a_stalled_source_never_makes_a_baseline_of_too_few_answers():
    baselines = Baselines(LABELS, seconds=1.0)
    baselines.keep((7,))
    for time_s in (0.0, 5.0):
        baselines.add(7, GLOOMY, time_s)
    assert baselines.offset(7) is None
    for time_s in np.arange(5.1, 6.5, 0.1):
        baselines.add(7, GLOOMY, float(time_s))
    assert baselines.offset(7) is not None
