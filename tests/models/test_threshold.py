"""The threshold with a stated meaning: the least that keeps its promise."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.errors import DataError
from emoscope.models.evaluation.threshold import threshold


def answers(number: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Answers that are right as often as their confidence says."""
    random = np.random.default_rng(0)
    confidence = random.uniform(0.2, 1, number).astype(np.float32)
    return confidence, random.random(number) < confidence


def test_the_least_threshold_that_keeps_the_promise():
    confidence, right = answers()
    found = threshold(confidence, right, 0.8, "made up")
    said = confidence >= found.below
    assert found.accuracy == pytest.approx(right[said].mean(), abs=1e-4) and found.accuracy >= 0.8
    assert found.coverage == pytest.approx(said.mean(), abs=1e-4)
    assert right[confidence >= found.below - 0.01].mean() < 0.8
    assert (found.below, found.measured_on) == (pytest.approx(0.6, abs=0.06), "made up")


def test_a_network_that_is_good_enough_says_everything():
    confidence, _ = answers()
    found = threshold(confidence, np.ones(len(confidence), bool), 0.9, "made up")
    assert (found.below, found.accuracy, found.coverage) == (0.0, 1.0, 1.0)


def test_a_promise_that_cannot_be_kept():
    confidence, right = answers()
    with pytest.raises(DataError, match="no threshold leaves 50 answers of which 99% are right on made up"):
        threshold(confidence, right & (np.arange(len(right)) % 2 == 0), 0.99, "made up")
