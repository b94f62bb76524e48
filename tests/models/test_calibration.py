"""A temperature folded into the weights changes how sure a network is, never what it says."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.models import backend
from emoscope.models.architectures import Design, build
from emoscope.models.data.dataset import Split
from emoscope.models.training.batches import scaled
from emoscope.network.contract import InputSpec

backend.start()

from emoscope.models.training.calibration import ENOUGH, calibrate, cross_calibrated, fold, temperature  # noqa: E402
from emoscope.models.training.validation import answers, judge  # noqa: E402

SPEC = InputSpec(48, 48)


@pytest.mark.parametrize("arch", ["gmp", "minixception"])
def test_folding_divides_the_logits(arch: str) -> None:
    network = build(arch, Design(SPEC, 4, width=0.25))
    faces = np.random.default_rng(0).random((5, 48, 48, 1), np.float32)
    before = np.log(np.asarray(network(faces)))
    fold(network, 2.0)
    after = np.log(np.asarray(network(faces)))
    centred = [table - table.mean(axis=1, keepdims=True) for table in (before, after)]
    np.testing.assert_allclose(centred[1], centred[0] / 2, atol=1e-5)


def test_calibration_lowers_the_loss_and_keeps_the_answers(split: Split) -> None:
    network = build("gmp", Design(SPEC, 2, width=0.25))
    fold(network, 0.02)
    called = answers(network, split.images, SPEC).argmax(axis=1)
    loss, accuracy, *_ = judge(network, split, SPEC)
    assert calibrate(network, split, SPEC) == 1 and judge(network, split, SPEC)[0] == loss, "too few pictures"
    assert calibrate(network, split.take(np.arange(210) % 30), SPEC) > 1
    assert judge(network, split, SPEC)[0] < loss
    assert judge(network, split, SPEC)[1] == accuracy
    np.testing.assert_array_equal(answers(network, split.images, SPEC).argmax(axis=1), called)


def test_undecided_pictures_are_not_judged(split: Split) -> None:
    network = build("gmp", Design(SPEC, 2, width=0.25))
    undecided = split.targets.copy()
    undecided[10:] = 0.5
    probabilities = answers(network, split.images[:10], SPEC)
    loss, *_ = judge(network, Split(split.images, undecided, split.names, split.digests), SPEC)
    assert loss == pytest.approx(-np.log(probabilities[:, 0]).mean(), rel=1e-5)


def test_scaling_follows_the_contract() -> None:
    pixels = np.array([[[[0, 128, 255]]]], np.uint8)
    spec = InputSpec(1, 1, "rgb", scale=(1.0, 0.5, 0.1), offset=(0.0, 1.0, -5.0))
    assert scaled(pixels, spec).tolist() == [[[[0, 65, pytest.approx(20.5)]]]]


def test_what_was_always_right_is_not_taken_for_certain() -> None:
    """Of n right answers no more is believed than (n + 1) / (n + K)."""
    answers = np.full((ENOUGH, 7), 0.2 / 6, np.float32)
    answers[:, 0] = 0.8
    sharp = temperature(answers, np.zeros(ENOUGH, np.int64))
    told = answers[0] ** (1 / sharp)
    assert 0.9 < told[0] / told.sum() < (ENOUGH + 1) / (ENOUGH + 7)


def test_calibration_is_measured_on_others_than_it_was_fitted_on() -> None:
    random = np.random.default_rng(0)
    answers = random.dirichlet(np.ones(3), 1000).astype(np.float32)
    truth = (random.random((1000, 1)) > answers.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    crossed = cross_calibrated(answers, truth, seed=3)
    half = random_half(1000, 3)
    powers = answers[half] ** (1 / temperature(answers[~half], truth[~half]))
    np.testing.assert_allclose(crossed[half], powers / powers.sum(axis=1, keepdims=True), rtol=1e-5)
    np.testing.assert_array_equal(crossed.argmax(axis=1), answers.argmax(axis=1))
    calmed = answers**0.5 / (answers**0.5).sum(axis=1, keepdims=True)
    assert np.abs(cross_calibrated(calmed, truth, seed=3) - crossed).max() < 0.03
    np.testing.assert_array_equal(cross_calibrated(answers[:150], truth[:150]), answers[:150])


def random_half(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).permutation(count) % 2 == 0
