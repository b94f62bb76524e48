"""Offsets: what a prior comes to, and that a graph which takes them and one which does not answer alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from emoscope.errors import ModelError, SettingsError
from emoscope.network.bundle import open_bundle
from emoscope.network.network import PREDICTED, Network, Request
from emoscope.network.offset import prior_offset, shifted
from tests.realtime.tiny import CONTRACT, write_bundle

TOLD = CONTRACT.with_(prior=(0.5, 0.3, 0.2), default_prior=0.5)
REQUESTS = [Request(), Request("conv1", maps=True), Request("pool1", method="gradcam")]


@pytest.fixture(params=[False, True], ids=["version 1", "version 2"])
def network(request: pytest.FixtureRequest, tmp_path: Path) -> Network:
    return Network(open_bundle(str(write_bundle(tmp_path, modern=request.param))), "cpu")


def faces(number: int = 5) -> np.ndarray:
    return np.random.default_rng(3).random((number, 4, 4, 1), dtype=np.float32)


def offsets(number: int = 5) -> np.ndarray:
    return np.random.default_rng(4).normal(0, 2, (number, 3)).astype(np.float32)


def test_the_prior_that_the_file_has_not_yet_taken_off():
    np.testing.assert_allclose(prior_offset(TOLD, 1.0), -0.5 * np.log(TOLD.prior), rtol=1e-6)
    np.testing.assert_allclose(prior_offset(TOLD, 0.0), 0.5 * np.log(TOLD.prior), rtol=1e-6)
    assert prior_offset(TOLD, 0.5) is None
    assert prior_offset(TOLD, None) is None
    assert prior_offset(CONTRACT, 0.0) is None


def test_a_model_that_does_not_say_what_it_was_trained_on():
    with pytest.raises(ModelError, match=r"leave --prior out, or write `prior` into its contract\.json"):
        prior_offset(CONTRACT, 1.0)


@pytest.mark.parametrize("share", [-0.1, 1.1, 50, float("nan"), "half"])
def test_a_share_of_the_prior_lies_between_nothing_and_all(share: float):
    with pytest.raises(SettingsError, match="prior is the share of it that is taken off, from 0 to 1, not"):
        prior_offset(TOLD, share)


def test_all_classes_alike_undoes_the_prior_of_a_network_that_knows_nothing_else():
    ignorant = np.array([TOLD.prior], np.float32)
    alike = shifted(ignorant, prior_offset(TOLD.with_(default_prior=0.0), 1.0))
    np.testing.assert_allclose(alike, 1 / 3, atol=1e-6)


def test_classes_that_are_asked_apart_stay_apart():
    odds = np.array([[0.5, 0.9, 0.1]], np.float32)
    by = np.array([[np.log(3), 0, -1]], np.float32)
    rare = 0.1 * np.exp(-1)
    np.testing.assert_allclose(shifted(odds, by), [[0.75, 0.9, rare / (0.9 + rare)]], rtol=1e-5)


@pytest.mark.parametrize("request_", REQUESTS)
def test_each_face_has_its_own_offset(network: Network, request_: Request):
    by = offsets()
    plain, after = network.answer(faces(), request_), network.answer(faces(), request_, offsets=by)
    np.testing.assert_allclose(after.probabilities, shifted(plain.probabilities, by), rtol=1e-5)
    assert (after.probabilities.argmax(1) != plain.probabilities.argmax(1)).any()


def test_offsets_of_zero_change_nothing(network: Network):
    plain, after = (network.answer(faces(), Request(), offsets=by) for by in (None, np.zeros((5, 3), np.float32)))
    np.testing.assert_allclose(plain.probabilities, after.probabilities, rtol=1e-6)


def test_heat_of_a_given_class_stays_and_that_of_the_predicted_one_follows_the_offset(network: Network):
    request_, by = Request("conv1", method="layercam"), offsets()
    for target in range(3):
        given = np.full(5, target)
        plain, after = (network.answer(faces(), request_, given, offset).heat for offset in (None, by))
        np.testing.assert_array_equal(plain, after)
    free = network.answer(faces(), request_, np.full(5, PREDICTED), by)
    chosen = network.answer(faces(), request_, free.probabilities.argmax(1))
    np.testing.assert_array_equal(free.heat, chosen.heat)


def test_a_script_that_feeds_only_faces_and_target_still_runs(tmp_path: Path):
    path = write_bundle(tmp_path, modern=True)
    classifier = onnxruntime.InferenceSession(path)
    assert [value.name for value in classifier.get_inputs()] == ["faces"]
    assert [value.name for value in classifier.get_overridable_initializers()] == ["offset"]
    explaining = onnxruntime.InferenceSession(path.with_suffix(".activations.onnx"))
    fed = {"faces": faces(), "target": np.full(5, PREDICTED)}
    (one,), (other,) = classifier.run(["probabilities"], {"faces": faces()}), explaining.run(["probabilities"], fed)
    np.testing.assert_allclose(one, other, rtol=1e-6)


def test_quality_comes_with_every_answer_of_a_network_that_tells_it(tmp_path: Path):
    network = Network(open_bundle(str(write_bundle(tmp_path, modern=True))), "cpu")
    for request_ in REQUESTS:
        np.testing.assert_allclose(network.answer(faces(), request_).quality, faces().mean((1, 2, 3)), rtol=1e-5)
    old = Network(open_bundle(str(write_bundle(tmp_path, "old"))), "cpu")
    assert old.answer(faces(), Request()).quality is None
