"""The figures, on answers small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.models.evaluation.metrics import Bin, calibration_error, figures, reliability
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
    assert found.macro_f1 == pytest.approx((0.8 + 2 / 3 + 0) / 3)
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
