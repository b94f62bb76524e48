"""`emoscope convert` end to end on an untrained network of the shipped family."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from emoscope.cli import run
from emoscope.network.contract import METADATA_KEY, Contract

LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like the one that `emoscope train` leaves."""
    from emoscope.convert.tensorflow import tensorflow

    folder = tmp_path_factory.mktemp("run")
    _network(tensorflow().keras).save(folder / "model.keras")
    (folder / "contract.json").write_text(Contract(LABELS).to_json())
    return folder


def _network(keras: Any) -> Any:
    keras.utils.set_random_seed(0)
    layers = keras.layers
    hidden = inputs = keras.Input((48, 48, 1))
    for number, maps in enumerate((8, 16, 24), 1):
        hidden = layers.Conv2D(maps, 3, padding="same", use_bias=False, name=f"conv{number}")(hidden)
        hidden = layers.BatchNormalization(name=f"bn{number}")(hidden)
        hidden = layers.ReLU(name=f"relu{number}")(hidden)
        hidden = layers.MaxPooling2D(name=f"pool{number}")(hidden)
    hidden = layers.Dense(16, activation="relu")(layers.GlobalMaxPooling2D()(hidden))
    return keras.Model(inputs, layers.Dense(7, activation="softmax")(hidden))


def test_pair_is_written_verified_and_described(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["convert", str(trained / "model.keras"), "-o", str(tmp_path), "-n", "tiny"]) == 0
    assert "\ncam/gradcam (" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny.activations.onnx", "tiny.onnx"]
    for path in tmp_path.iterdir():
        properties = {item.key: item.value for item in onnx.load(path).metadata_props}
        contract = Contract.from_json(properties[METADATA_KEY])
        assert contract.labels == LABELS
        assert contract.layer("pool2").channels == 16
        assert contract.default_layer == "relu3"


def test_a_contract_beside_the_model_wishes_for_defaults(trained: Path, tmp_path: Path):
    for file in trained.iterdir():
        shutil.copy(file, tmp_path)
    told = json.loads((trained / "contract.json").read_text())
    wish = {"default_layer": "pool1", "default_method": "layercam"}
    (tmp_path / "contract.json").write_text(json.dumps(told | wish))
    assert run(["convert", str(tmp_path / "model.keras"), "-n", "tiny"]) == 0
    contract = Contract.from_json(onnx.load(tmp_path / "tiny.onnx").metadata_props[0].value)
    assert (contract.default_layer, contract.default_method) == ("pool1", "layercam")


def test_explains_every_face_of_a_batch_for_its_own_class(trained: Path, tmp_path: Path):
    run(["convert", str(trained / "model.keras"), "-o", str(tmp_path), "-n", "tiny"])
    session = ort.InferenceSession(tmp_path / "tiny.activations.onnx")
    faces = np.random.default_rng(1).random((3, 48, 48, 1), dtype=np.float32)
    names = ["probabilities", "cam/gradcam/relu2"]
    probabilities, free = session.run(names, {"faces": faces, "target": np.full(3, -1)})
    _, chosen = session.run(names, {"faces": faces, "target": probabilities.argmax(1)})
    _, single = session.run(names, {"faces": faces[1:2], "target": np.array([-1])})
    np.testing.assert_array_equal(free, chosen)
    np.testing.assert_allclose(free[1:2], single, atol=1e-5)
    assert free.shape == (3, 24, 24)
    assert free.max() == 1
