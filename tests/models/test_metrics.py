"""The figures, on answers small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from emoscope.models.evaluation.metrics import (
    Bin,
    calibration_error,
    confusion,
    figures,
    macro_f1,
    macro_f1_interval,
    reliability,
)
from emoscope.models.training.calibration import temperature

LABELS = ("happy", "sad", "fear")


def test_figures_by_hand() -> None:
    """Happy: 2 of 2 found, one sad called happy; sad: 1 of 2 found; fear never occurs."""
    answers = np.array([[0.9, 0.1, 0], [0.6, 0.4, 0], [0.7, 0.3, 0], [0.2, 0.8, 0]], np.float32)
    found = figures(answers, np.array([0, 0, 1, 1]), LABELS)
    assert (found.pictures, found.accuracy, found.balanced_accuracy) == (4, 0.75, 0.75)
    assert found.confusion == ((2, 0, 0), (1, 1, 0), (0, 0, 0))
    happy, sad, fear = found.classes
    assert (happy.precision, happy.recall, happy.support) == (pytest.approx(2 / 3), 1, 2)
    assert (sad.precision, sad.recall, sad.f1) == (1, 0.5, pytest.approx(2 / 3))
    assert (fear.f1, fear.support) == (0, 0)
    assert found.macro_f1 == pytest.approx((0.8 + 2 / 3) / 2), "a class that never occurs is in no mean"
    low, high = found.macro_f1_interval
    assert low < found.macro_f1 < high
    assert found.log_loss == pytest.approx(-np.log([0.9, 0.6, 0.3, 0.8]).mean(), rel=1e-5)
    gaps = [abs(1 - 0.9), abs(1 - 0.6), abs(0 - 0.7), abs(1 - 0.8)]
    assert found.calibration_error == pytest.approx(np.mean(gaps), rel=1e-5)


def test_a_bin_holds_its_upper_edge() -> None:
    bins = reliability(np.array([[0.5, 0.5], [0.51, 0.49], [1.0, 0.0]]), np.array([0, 1, 0]), bins=2)
    assert bins == (Bin(1, 0.5, 1.0), Bin(2, pytest.approx(0.755), 0.5))


def test_calibration_error_weighs_bins_by_size() -> None:
    assert calibration_error((Bin(3, 0.8, 0.6), Bin(1, 0.5, 0.5), Bin(0, 0, 0))) == pytest.approx(0.15)
    assert calibration_error(()) == 0


@pytest.mark.parametrize("true_temperature", [0.5, 1.0, 2.5])
def test_temperature_is_found_again(true_temperature: float) -> None:
    """Labels are drawn from softmax(z / T), so that T must come back."""
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, (40000, 4))
    honest = np.exp(logits / true_temperature)
    honest /= honest.sum(axis=1, keepdims=True)
    truth = (random.random((40000, 1)) > honest.cumsum(axis=1)).sum(axis=1)
    told = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert temperature(told.astype(np.float32), truth) == pytest.approx(true_temperature, rel=0.05)


def test_macro_f1_is_scikit_learns_of_the_classes_that_there_are() -> None:
    random = np.random.default_rng(0)
    truth, called = random.integers(0, 4, 300), random.integers(0, 5, 300)
    expected = f1_score(truth, called, labels=[0, 1, 2, 3], average="macro")
    assert macro_f1(confusion(called, truth, 5)) == pytest.approx(expected)
    assert macro_f1(np.zeros((5, 5), np.int64)) == 0


def test_what_is_all_right_is_not_certain() -> None:
    """Of 3 classes of 16 pictures, and of 500: 3 / n is the rule of three for what may be wrong where nothing was."""
    for count, least in ((16, 0.9), (500, 0.996)):
        truth = np.repeat([0, 1, 2], count)
        answers = np.eye(3, dtype=np.float32)[truth]
        found = figures(answers, truth, LABELS)
        for low, high in (found.accuracy_interval, found.balanced_interval, found.macro_f1_interval):
            assert least < low < 1 - 0.5 / (3 * count) and high == 1


def test_the_interval_of_macro_f1_holds_what_drawing_again_gives() -> None:
    """Against whole pictures drawn again within their class, one thousand times."""
    random = np.random.default_rng(1)
    truth = np.repeat([0, 1, 2], [80, 50, 20])
    called = np.where(random.random(150) < 0.7, truth, random.integers(0, 3, 150))
    drawn = []
    for _ in range(1000):
        again = np.concatenate([random.choice(np.flatnonzero(truth == one), (truth == one).sum()) for one in range(3)])
        drawn.append(f1_score(truth[again], called[again], average="macro"))
    assert macro_f1_interval(confusion(called, truth, 3)) == pytest.approx(np.percentile(drawn, [2.5, 97.5]), abs=0.02)
