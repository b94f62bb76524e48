"""Every network of the table: what it is fed, what it answers, and that its weights move into plain layers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emoscope.errors import ModelError
from emoscope.models import backend
from emoscope.models.architectures import ARCHITECTURES, Design, architecture, build

keras = backend.keras()

PARAMETERS = {
    "emoscope": 1_269_000,
    "gmp": 405_000,
    "emodetect": 684_000,
    "deep4": 5_488_000,
    "minixception": 58_000,
    "mobilenetv2": 2_267_000,
    "resnet50v2": 23_579_000,
}


def design(name: str) -> Design:
    return Design(architecture(name).input, 7)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_network_answers_with_probabilities(name: str) -> None:
    network = build(name, design(name))
    faces = np.random.default_rng(0).random((2, *architecture(name).input.shape), np.float32)
    answers = np.asarray(network(faces, training=False))
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)
    assert answers.shape == (2, 7)
    assert [layer.name for layer in network.layers[-2:]] == ["logits", "probabilities"]
    assert network.count_params() == pytest.approx(PARAMETERS[name], rel=0.01)


@pytest.mark.parametrize("name", ["emoscope", "gmp", "minixception"])
def test_what_the_fused_norm_learns_fits_the_plain_network(name: str) -> None:
    from emoscope.models.training.norm import FusedNorm

    fused, plain = build(name, replace(design(name), norm=FusedNorm)), build(name, design(name))
    random = np.random.default_rng(1)
    fused.set_weights([random.uniform(0.1, 0.3, weight.shape) for weight in fused.get_weights()])
    plain.set_weights(fused.get_weights())
    faces = random.random((3, *architecture(name).input.shape), np.float32)
    np.testing.assert_allclose(fused(faces, training=False), plain(faces, training=False), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", ["emoscope", "gmp", "emodetect", "deep4", "minixception"])
def test_width_and_size_are_parameters(name: str) -> None:
    spec = replace(architecture(name).input, height=56, width=56)
    slim = build(name, Design(spec, 3, width=0.5))
    assert slim.input_shape == (None, 56, 56, 1) and slim.output_shape == (None, 3)
    assert slim.count_params() < 0.6 * build(name, Design(spec, 3)).count_params()


@pytest.mark.parametrize("include_top", [False, True])
def test_pretrained_weights_are_taken_over(tmp_path: Path, include_top: bool) -> None:
    shape = (96, 96, 3) if not include_top else (224, 224, 3)
    source = keras.applications.MobileNetV2(include_top=include_top, weights=None, alpha=0.35, input_shape=shape)
    source.save_weights(tmp_path / "some.weights.h5")
    chosen = Design(architecture("mobilenetv2").input, 7, width=0.35, weights=str(tmp_path / "some.weights.h5"))
    network = build("mobilenetv2", chosen)
    for name in ("Conv1", "block_3_expand_BN", "Conv_1"):
        for ours, theirs in zip(
            network.get_layer(name).get_weights(), source.get_layer(name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(ours, theirs)


def test_other_weights_are_refused(tmp_path: Path) -> None:
    build("gmp", design("gmp")).save_weights(tmp_path / "gmp.weights.h5")
    wrong = replace(design("mobilenetv2"), weights=str(tmp_path / "gmp.weights.h5"))
    with pytest.raises(ModelError, match=r"gmp\.weights\.h5: not the weights of mobilenetv2"):
        build("mobilenetv2", wrong)
    with pytest.raises(ModelError, match="no such file of weights"):
        build("mobilenetv2", replace(wrong, weights=str(tmp_path / "nowhere.h5")))
    with pytest.raises(ModelError, match="gmp does not start from pretrained weights"):
        build("gmp", replace(design("gmp"), weights="some.h5"))


def test_an_unknown_network_is_named() -> None:
    with pytest.raises(ModelError, match="unknown network 'vgg'; there are emoscope, gmp"):
        architecture("vgg")
