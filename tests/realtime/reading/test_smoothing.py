"""Smoothing in seconds, a label with hysteresis, and the honest *unsure*."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from emoscope.reading.smoothing import UNSURE, Smoother

LABELS = ("angry", "happy", "sad")


def p(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_the_first_answer_is_shown_as_it_is():
    mood = Smoother(LABELS).update(1, p(0.1, 0.7, 0.2), 0.0)
    assert mood.probabilities == pytest.approx([0.1, 0.7, 0.2])
    assert (mood.label, mood.index, mood.confidence) == ("happy", 1, pytest.approx(0.7))


@pytest.mark.parametrize("rate_hz", [5, 30, 120])
def test_after_one_time_constant_63_percent_of_a_step_is_done_at_any_rate(rate_hz):
    smoother = Smoother(LABELS, constant_s=0.4)
    smoother.update(1, p(1, 0, 0), 0.0)
    for step in range(1, round(0.4 * rate_hz) + 1):
        mood = smoother.update(1, p(0, 1, 0), step / rate_hz)
    assert mood.probabilities[1] == pytest.approx(1 - math.exp(-1), abs=1e-4)
    assert mood.probabilities.sum() == pytest.approx(1)


def test_each_track_has_its_own_past():
    smoother = Smoother(LABELS, constant_s=10)
    smoother.update(1, p(1, 0, 0), 0.0)
    smoother.update(2, p(0, 1, 0), 0.0)
    assert smoother.update(1, p(0, 1, 0), 0.1).label == "angry"
    assert smoother.update(2, p(0, 1, 0), 0.1).label == "happy"


def test_a_label_stays_until_another_leads_by_the_margin():
    smoother = Smoother(LABELS, constant_s=0, margin=0.1, unsure_below=0)
    assert smoother.update(1, p(0.5, 0.4, 0.1), 0.0).label == "angry"
    assert smoother.update(1, p(0.44, 0.46, 0.1), 0.1).label == "angry"
    assert smoother.update(1, p(0.40, 0.55, 0.05), 0.2).label == "happy"
    assert smoother.update(1, p(0.46, 0.44, 0.1), 0.3).label == "happy"


def test_the_confidence_is_that_of_the_label_shown():
    smoother = Smoother(LABELS, constant_s=0, margin=0.1, unsure_below=0)
    smoother.update(1, p(0.5, 0.4, 0.1), 0.0)
    assert smoother.update(1, p(0.44, 0.46, 0.1), 0.1).confidence == pytest.approx(0.44)


def test_flicker_about_a_tie_never_changes_the_label():
    smoother, random = Smoother(LABELS, constant_s=0.3, margin=0.1, unsure_below=0), np.random.default_rng(0)
    labels, best = [], []
    for step in range(300):
        share = 0.48 + random.normal(0, 0.06)
        mood = smoother.update(1, p(share, 0.96 - share, 0.04), step / 30)
        labels.append(mood.label)
        best.append(int(mood.probabilities.argmax()))
    assert len(set(labels)) == 1
    assert sum(a != b for a, b in pairwise(best)) > 5, "without hysteresis this row would flicker"


def test_below_the_threshold_the_label_is_unsure_but_the_class_is_told():
    mood = Smoother(LABELS, unsure_below=0.5).update(1, p(0.45, 0.35, 0.2), 0.0)
    assert (mood.label, mood.index) == (UNSURE, 0)


def test_no_time_constant_means_no_smoothing():
    smoother = Smoother(LABELS, constant_s=0)
    smoother.update(1, p(1, 0, 0), 0.0)
    assert smoother.update(1, p(0, 0.2, 0.8), 0.0).probabilities == pytest.approx([0, 0.2, 0.8])


def test_a_track_is_forgotten_after_its_time_and_by_a_reset():
    smoother = Smoother(LABELS, constant_s=100, memory_s=2)
    smoother.update(1, p(1, 0, 0), 0.0)
    smoother.update(2, p(1, 0, 0), 3.0)
    assert smoother.update(1, p(0, 1, 0), 3.1).label == "happy"
    smoother.reset()
    assert smoother.update(2, p(0, 0, 1), 3.2).label == "sad"


def test_the_networks_array_is_not_kept():
    smoother, answer = Smoother(LABELS), p(0.2, 0.5, 0.3)
    mood = smoother.update(1, answer, 0.0)
    answer[:] = 0
    assert mood.probabilities.sum() == pytest.approx(1)
