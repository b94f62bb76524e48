"""Graphs against TensorFlow's GradientTape: our own architectures at every layer, and two of Keras Applications.

All eleven of Keras Applications, which take minutes: `python -m emoscope.convert.parity`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoscope.convert.parity import LIMIT, OWN_LIMIT, compare_model, worst
from emoscope.convert.tensorflow import tensorflow
from emoscope.system.bundled import pretrained


@pytest.fixture(scope="module")
def keras() -> Any:
    return tensorflow().keras


def unsettled(model: Any) -> Any:
    """The model with statistics in its normalisations as if it had been trained."""
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            layer.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
    return model


@pytest.mark.parametrize("path", sorted(pretrained().glob("*.keras")), ids=lambda path: path.name)
def test_shipped_networks(path: Path):
    """Their pixels at some layers only, of which the last are behind all operators; small ones below have them all."""
    from emoscope.convert.parity import compare

    found = compare(str(path), every=6).deviations
    assert {"unit guided", "unit deconvolution", "unit field"} <= found.keys()
    assert max(found.values()) <= OWN_LIMIT


@pytest.mark.parametrize(
    ("name", "every"), [("gmp", 3), ("emoscope", 1), ("emodetect", 3), ("deep4", 3), ("minixception", 1)]
)
def test_architectures_of_our_own(keras: Any, name: str, every: int):
    from emoscope.models.architectures import Design, architecture, build

    keras.utils.set_random_seed(0)
    model = unsettled(build(name, Design(architecture(name).input, classes=7, width=0.25)))
    row = compare_model(name, model, everywhere=True, every=every)
    assert len(row.layers) >= 6
    assert max(row.deviations.values()) <= OWN_LIMIT


def test_mobilenet(keras: Any):
    keras.utils.set_random_seed(0)
    model = keras.applications.MobileNetV2(weights=None, input_shape=(64, 64, 3), classes=7, alpha=0.35)
    row = compare_model("MobileNetV2", model)
    assert max(row.deviations.values()) <= LIMIT


def test_zero_maps_do_not_count():
    got, wanted = np.ones((2, 3, 3)), np.zeros((2, 3, 3))
    assert np.isnan(worst(got, wanted))
    wanted[1] = 2
    assert worst(got, wanted) == 0.5


def test_what_is_faint_beside_other_pictures_does_not_count():
    wanted = np.stack([np.full((3, 3), 1e-5), np.ones((3, 3))])
    got = wanted * np.array([2.0, 1.25])[:, None, None]
    assert worst(got, wanted) == 1.0
    assert worst(got, wanted, faint=1e-3) == 0.25
