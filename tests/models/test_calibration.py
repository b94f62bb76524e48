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

from emoscope.models.training.calibration import calibrated, fold  # noqa: E402
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
    loss, accuracy = judge(network, split, SPEC)
    calmer = calibrated(network, split, SPEC)
    assert judge(calmer, split, SPEC)[0] < loss
    assert judge(calmer, split, SPEC)[1] == accuracy
    np.testing.assert_array_equal(answers(calmer, split.images, SPEC).argmax(axis=1), called)


def test_undecided_pictures_are_not_judged(split: Split) -> None:
    network = build("gmp", Design(SPEC, 2, width=0.25))
    undecided = split.targets.copy()
    undecided[10:] = 0.5
    probabilities = answers(network, split.images[:10], SPEC)
    loss, _ = judge(network, Split(split.images, undecided, split.names, split.digests), SPEC)
    assert loss == pytest.approx(-np.log(probabilities[:, 0]).mean(), rel=1e-5)


def test_scaling_follows_the_contract() -> None:
    pixels = np.array([[[[0, 128, 255]]]], np.uint8)
    spec = InputSpec(1, 1, "rgb", scale=(1.0, 0.5, 0.1), offset=(0.0, 1.0, -5.0))
    assert scaled(pixels, spec).tolist() == [[[[0, 65, pytest.approx(20.5)]]]]
