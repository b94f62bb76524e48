"""What every converted classifier takes and some tell: `offset` on the logits, `quality` of a face."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import helper

from emoscope.cli import run
from emoscope.convert.describe import Told
from emoscope.convert.tensorflow import tensorflow
from emoscope.models.evaluation.classifier import open_classifier
from emoscope.network.contract import METADATA_KEY, Contract, InputSpec, Threshold
from emoscope.network.offset import shifted
from tests.convert.test_onnx_models import TOLD, torch_like, written

TOLD_GRAY = ["--labels", "happy,sad,angry", "--scale", "0.0039"]
FACES = np.random.default_rng(0).random((4, 8, 8, 1), dtype=np.float32)
SHIFT = np.random.default_rng(1).normal(0, 3, (4, 3)).astype(np.float32)
BY_CLASS = np.array([0, 1, 2, 0])


@pytest.fixture(scope="module")
def keras() -> Any:
    return tensorflow().keras


def network(keras: Any, ending: str = "softmax", style: type = list) -> Any:
    """Three classes, and how bright the face is as its quality."""
    keras.utils.set_random_seed(3)
    layers, inputs = keras.layers, keras.Input((8, 8, 1))
    hidden = layers.GlobalAveragePooling2D(name="gap")(layers.Conv2D(6, 3, activation="relu", name="stem")(inputs))
    classes = layers.Dense(3, activation=ending, name="classes")(hidden)
    quality = layers.Dense(1, activation="sigmoid", name="quality")(hidden)
    return keras.Model(inputs, [classes, quality] if style is list else {"mood": classes, "quality": quality})


def converted(model: Any, folder: Path) -> Path:
    model.save(folder / "model.keras")
    assert run(["convert", str(folder / "model.keras"), *TOLD_GRAY, "-n", "ours"]) == 0
    return folder / "ours.onnx"


def asked(path: Path, **feed: np.ndarray) -> dict[str, np.ndarray]:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(path, options)
    known = {value.name for value in (*session.get_inputs(), *session.get_overridable_initializers())}
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {k: v for k, v in feed.items() if k in known}), strict=True))


def halves(path: Path) -> tuple[Path, Path]:
    return path, path.with_suffix(".activations.onnx")


@pytest.mark.parametrize("style", [list, dict])
def test_both_graphs_tell_the_quality_of_each_face(keras: Any, style: type, tmp_path: Path):
    model = network(keras, style=style)
    _, wanted = model(FACES).values() if style is dict else model(FACES)
    for half in halves(converted(model, tmp_path)):
        found = asked(half, faces=FACES, target=BY_CLASS)["quality"]
        assert found.shape == (4,)
        np.testing.assert_allclose(found, np.ravel(wanted), atol=1e-6)


def test_a_quality_that_goes_astray_is_noticed(keras: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from emoscope.convert import ending

    right = ending._tell_quality
    monkeypatch.setattr(ending, "_tell_quality", lambda model, tensor: right(model, _negated(model, tensor)))
    network(keras).save(tmp_path / "model.keras")
    assert run(["convert", str(tmp_path / "model.keras"), *TOLD_GRAY, "-n", "ours"]) == 1
    assert not (tmp_path / "ours.onnx").exists()


def _negated(model: onnx.ModelProto, tensor: str) -> str:
    model.graph.node.append(helper.make_node("Neg", [tensor], [f"{tensor}/wrong"]))
    return f"{tensor}/wrong"


@pytest.mark.parametrize("ending", ["softmax", "sigmoid"])
def test_an_offset_shifts_what_is_called_and_no_given_class_s_heat(keras: Any, ending: str, tmp_path: Path):
    path = converted(network(keras, ending), tmp_path)
    plain, after = (asked(halves(path)[1], faces=FACES, target=BY_CLASS, **more) for more in ({}, {"offset": SHIFT}))
    np.testing.assert_allclose(after["logits"], plain["logits"] + SHIFT, atol=1e-5)
    np.testing.assert_allclose(after["probabilities"], shifted(plain["probabilities"], SHIFT), atol=1e-6)
    fast = asked(path, faces=FACES, offset=SHIFT)
    np.testing.assert_allclose(fast["probabilities"], after["probabilities"], atol=1e-6)
    np.testing.assert_array_equal(fast["quality"], asked(path, faces=FACES)["quality"])
    for name in (name for name in plain if name.startswith(("cam/", "activation/"))):
        np.testing.assert_array_equal(plain[name], after[name])


def test_heat_of_the_predicted_class_is_that_of_the_one_predicted_with_the_offset(keras: Any, tmp_path: Path):
    path = halves(converted(network(keras), tmp_path))[1]
    free = asked(path, faces=FACES, target=np.full(4, -1), offset=SHIFT)
    called = free["probabilities"].argmax(1)
    assert (called != asked(path, faces=FACES, target=BY_CLASS)["probabilities"].argmax(1)).any()
    np.testing.assert_array_equal(free["cam/gradcam/stem"], asked(path, faces=FACES, target=called)["cam/gradcam/stem"])


def test_one_row_of_offsets_is_for_all_faces(keras: Any, tmp_path: Path):
    path = converted(network(keras), tmp_path)
    row, all_rows = SHIFT[:1], np.repeat(SHIFT[:1], 4, 0)
    one, other = (asked(path, faces=FACES, offset=offset)["probabilities"] for offset in (row, all_rows))
    np.testing.assert_array_equal(one, other)


def test_files_of_other_people_take_offsets_too(tmp_path: Path):
    path = written(torch_like(), tmp_path)
    assert run(["convert", str(path), *TOLD, "-n", "ours"]) == 0
    faces = np.random.default_rng(2).normal(size=(4, 3, 24, 20)).astype(np.float32)
    for half in halves(tmp_path / "ours.onnx"):
        plain, after = (asked(half, faces=faces, target=BY_CLASS, **more) for more in ({}, {"offset": SHIFT}))
        np.testing.assert_allclose(after["probabilities"], shifted(plain["probabilities"], SHIFT), atol=1e-6)


def test_evaluation_asks_the_same_of_every_file(keras: Any, tmp_path: Path):
    model = network(keras)
    files = [converted(model, tmp_path), tmp_path / "model.keras"]
    (tmp_path / "contract.json").write_text(Contract(("happy", "sad", "angry"), InputSpec(8, 8)).to_json())
    pictures = np.random.default_rng(5).integers(0, 256, (300, 8, 8, 1), dtype=np.uint8)
    classes, quality = model(pictures * np.float32(1 / 255))
    for file in files:
        classifier = open_classifier(file, Told(scale=1 / 255))
        np.testing.assert_allclose(classifier.answers(pictures), classes, atol=1e-6)
        np.testing.assert_allclose(classifier.qualities(pictures), np.ravel(quality), atol=1e-6)


def test_a_converted_classifier_converts_again(keras: Any, tmp_path: Path):
    path = converted(network(keras), tmp_path)
    assert run(["convert", str(path), "-n", "again"]) == 0
    for one, other in zip(halves(path), halves(tmp_path / "again.onnx"), strict=True):
        first, second = (asked(half, faces=FACES, target=BY_CLASS, offset=SHIFT) for half in (one, other))
        for name in ("probabilities", "quality"):
            np.testing.assert_allclose(first[name], second[name], atol=1e-6)


def test_what_the_contract_says_of_prior_stretch_and_thresholds_goes_into_both_files(keras: Any, tmp_path: Path):
    told = Contract(
        ("happy", "sad", "angry"),
        InputSpec(8, 8, stretch=(1.0, 99.0)),
        prior=(0.5, 0.3, 0.2),
        default_prior=0.5,
        unsure=Threshold(0.5, 0.9, 0.95, "PublicTest"),
        unreadable=Threshold(0.3),
    )
    network(keras).save(tmp_path / "model.keras")
    (tmp_path / "contract.json").write_text(told.to_json())
    assert run(["convert", str(tmp_path / "model.keras"), "-n", "ours"]) == 0
    for half in halves(tmp_path / "ours.onnx"):
        stamped = {item.key: item.value for item in onnx.load(half).metadata_props}[METADATA_KEY]
        found = Contract.from_json(stamped)
        assert json.loads(stamped)["version"] == 2
        assert (found.input, found.prior, found.default_prior) == (told.input, told.prior, told.default_prior)
        assert (found.unsure, found.unreadable) == (told.unsure, told.unreadable)


def test_a_stretch_can_be_told_on_the_command_line(keras: Any, tmp_path: Path):
    network(keras).save(tmp_path / "model.keras")
    line = ["convert", str(tmp_path / "model.keras"), *TOLD_GRAY, "-n", "ours", "--stretch"]
    assert run([*line, "1,99"]) == 0
    stamped = {item.key: item.value for item in onnx.load(tmp_path / "ours.onnx").metadata_props}
    assert Contract.from_json(stamped[METADATA_KEY]).input.stretch == (1.0, 99.0)
    assert run([*line, "99,1"]) == 1
