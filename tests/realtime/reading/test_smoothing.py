"""Smoothing in seconds, a label with hysteresis, the honest *unsure*, and heat for the class that is said."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from emoscope.network.network import PREDICTED
from emoscope.reading.smoothing import UNSURE, LabelSmoother, SmoothedLabel, at_scale, raw, smoothed
from emoscope.types import Explanation, Prediction, Reading
from tests.realtime.tiny import LABELS as TINY
from tests.realtime.tiny import face, reading, shown

LABELS = ("angry", "happy", "sad")
HAPPY, SAD, NEUTRAL = range(3)


def p(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_the_first_answer_is_shown_as_it_is():
    said = LabelSmoother(LABELS).update(1, p(0.1, 0.7, 0.2), 0.0)
    assert said.probabilities == pytest.approx([0.1, 0.7, 0.2])
    assert (said.label, said.index, said.confidence) == ("happy", 1, pytest.approx(0.7))


@pytest.mark.parametrize("rate_hz", [5, 30, 120])
def test_after_one_time_constant_63_percent_of_a_step_is_done_at_any_rate(rate_hz):
    smoother = LabelSmoother(LABELS, constant_s=0.4)
    smoother.update(1, p(1, 0, 0), 0.0)
    for step in range(1, round(0.4 * rate_hz) + 1):
        said = smoother.update(1, p(0, 1, 0), step / rate_hz)
    assert said.probabilities[1] == pytest.approx(1 - math.exp(-1), abs=1e-4)
    assert said.probabilities.sum() == pytest.approx(1)


def test_each_track_has_its_own_past():
    smoother = LabelSmoother(LABELS, constant_s=10)
    smoother.update(1, p(1, 0, 0), 0.0)
    smoother.update(2, p(0, 1, 0), 0.0)
    assert smoother.update(1, p(0, 1, 0), 0.1).label == "angry"
    assert smoother.update(2, p(0, 1, 0), 0.1).label == "happy"


def test_a_label_stays_until_another_leads_by_the_margin():
    smoother = LabelSmoother(LABELS, constant_s=0, margin=0.1, unsure_below=0)
    assert smoother.update(1, p(0.5, 0.4, 0.1), 0.0).label == "angry"
    assert smoother.update(1, p(0.44, 0.46, 0.1), 0.1).label == "angry"
    assert smoother.update(1, p(0.40, 0.55, 0.05), 0.2).label == "happy"
    assert smoother.update(1, p(0.46, 0.44, 0.1), 0.3).label == "happy"


def test_the_confidence_is_that_of_the_label_shown():
    smoother = LabelSmoother(LABELS, constant_s=0, margin=0.1, unsure_below=0)
    smoother.update(1, p(0.5, 0.4, 0.1), 0.0)
    assert smoother.update(1, p(0.44, 0.46, 0.1), 0.1).confidence == pytest.approx(0.44)


def test_flicker_about_a_tie_never_changes_the_label():
    smoother, random = LabelSmoother(LABELS, constant_s=0.3, margin=0.1, unsure_below=0), np.random.default_rng(0)
    labels, best = [], []
    for step in range(300):
        share = 0.48 + random.normal(0, 0.06)
        said = smoother.update(1, p(share, 0.96 - share, 0.04), step / 30)
        labels.append(said.label)
        best.append(int(said.probabilities.argmax()))
    assert len(set(labels)) == 1
    assert sum(a != b for a, b in pairwise(best)) > 5, "without hysteresis this row would flicker"


def test_below_the_threshold_the_label_is_unsure_but_the_class_is_told():
    said = LabelSmoother(LABELS, unsure_below=0.5).update(1, p(0.45, 0.35, 0.2), 0.0)
    assert (said.label, said.index) == (UNSURE, 0)


def test_no_time_constant_means_no_smoothing():
    smoother = LabelSmoother(LABELS, constant_s=0)
    smoother.update(1, p(1, 0, 0), 0.0)
    assert smoother.update(1, p(0, 0.2, 0.8), 0.0).probabilities == pytest.approx([0, 0.2, 0.8])


def test_a_track_is_forgotten_after_its_time_and_by_a_reset():
    smoother = LabelSmoother(LABELS, constant_s=100, memory_s=2)
    smoother.update(1, p(1, 0, 0), 0.0)
    smoother.update(2, p(1, 0, 0), 3.0)
    assert smoother.update(1, p(0, 1, 0), 3.1).label == "happy"
    smoother.reset()
    assert smoother.update(2, p(0, 0, 1), 3.2).label == "sad"


def test_the_networks_array_is_not_kept():
    smoother, answer = LabelSmoother(LABELS), p(0.2, 0.5, 0.3)
    said = smoother.update(1, answer, 0.0)
    answer[:] = 0
    assert said.probabilities.sum() == pytest.approx(1)


def seen(best: int, track: int = 1) -> Reading:
    """A face whose raw answer is one class, explained for that class."""
    return reading(face(track=track), best, Explanation("conv1", target=TINY[best]))


def test_a_new_face_is_explained_for_its_prediction():
    smoother = LabelSmoother(TINY)
    assert smoother.targets() == {}
    first = seen(SAD)
    assert smoother.say([first], 0.0)[0].label == "sad"
    assert not smoother.disagrees(first)


def test_the_class_that_is_said_is_asked_for_until_the_label_changes():
    smoother = LabelSmoother(TINY)
    smoother.say([seen(SAD, track=1), seen(NEUTRAL, track=2)], 0.0)
    (one, two) = smoother.say([seen(HAPPY, track=1), seen(NEUTRAL, track=2)], 0.04)
    assert (one.reading.prediction.emotion, one.label, two.label) == ("happy", "sad", "neutral")
    assert smoother.targets() == {1: SAD, 2: NEUTRAL}
    smoother.say([seen(HAPPY, track=1)], 2.0)
    assert smoother.targets() == {1: HAPPY}


def test_an_unsure_label_still_has_its_class():
    even = replace(seen(SAD), prediction=Prediction(TINY, np.array([0.3, 0.36, 0.34], np.float32)))
    smoother = LabelSmoother(TINY)
    assert smoother.say([even], 0.0)[0].label == "unsure"
    assert smoother.targets() == {1: SAD} and not smoother.disagrees(even)


def test_disagreement_is_told_and_a_face_without_explanation_never_disagrees():
    smoother = LabelSmoother(TINY)
    smoother.say([seen(SAD)], 0.0)
    smoother.say([seen(HAPPY)], 0.04)
    assert smoother.disagrees(seen(HAPPY))
    assert not smoother.disagrees(replace(seen(HAPPY), explanation=None))


def test_a_pinned_class_goes_before_all():
    smoother = LabelSmoother(TINY)
    smoother.say([seen(SAD)], 0.0)
    assert smoother.targets(NEUTRAL) == NEUTRAL
    assert smoother.targets(PREDICTED) == {1: SAD}


def test_after_a_reset_nothing_is_remembered():
    smoother = LabelSmoother(TINY)
    smoother.say([seen(SAD)], 0.0)
    smoother.reset()
    assert smoother.targets() == {}
    assert smoother.say([seen(HAPPY)], 0.04)[0].label == "happy"


def test_raw_says_what_the_network_said():
    of = reading(best=2)
    one = raw(of)
    assert (one.label, one.confidence) == ("neutral", pytest.approx(0.7))
    assert one.probabilities is of.prediction.probabilities


def test_smoothed_says_what_is_said_over_time():
    said = SmoothedLabel(np.array([0.3, 0.3, 0.4], np.float32), 2, "unsure", 0.4)
    one = smoothed(reading(best=0), said)
    assert (one.label, one.confidence) == ("unsure", 0.4)
    assert one.probabilities is said.probabilities
    assert one.reading.prediction.emotion == "happy"


def test_at_scale_moves_box_square_and_eyes_and_nothing_else():
    before = shown(face(40, 30, 20))
    after = at_scale(before, 2.5)
    assert after.reading.face.box_xyxy == (100, 75, 150, 125)
    assert after.reading.square == (100, 75, 150, 125)
    assert after.reading.face.eyes == ((112.5, 100), (137.5, 100))
    assert after.reading.crop is before.reading.crop
    assert after.label == before.label
