"""Keras classifiers of every file format and shape, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from emoscope.cli import run
from emoscope.convert import keras_to_onnx
from emoscope.convert.tensorflow import tensorflow
from emoscope.network.contract import METADATA_KEY, Contract

TOLD = ["--labels", "happy,sad,angry", "--scale", "0.0039"]


@pytest.fixture(scope="module")
def keras() -> Any:
    return tensorflow().keras


def small(keras: Any, end: str | None = "softmax") -> Any:
    """A convolution, an activation inside a layer, a branch, a nested model and a head."""
    keras.utils.set_random_seed(1)
    layers = keras.layers
    inner = keras.Sequential(
        [layers.Input((10, 10, 4)), layers.DepthwiseConv2D(3, padding="same"), layers.LeakyReLU()], name="inner"
    )
    hidden = inputs = keras.Input((20, 20, 1))
    hidden = layers.Conv2D(4, 3, strides=2, padding="same", activation="silu", name="stem")(hidden)
    hidden = layers.Add(name="join")([hidden, inner(hidden)])
    hidden = layers.GlobalAveragePooling2D()(layers.AveragePooling2D(2, name="mean")(hidden))
    return keras.Model(inputs, layers.Dense(3, activation=end, name="head")(hidden))


def contract_of(path: Path) -> Contract:
    stamped = {item.key: item.value for item in onnx.load(path).metadata_props}
    return Contract.from_json(stamped[METADATA_KEY])


@pytest.mark.parametrize("suffix", [".keras", ".h5", ".hdf5"])
def test_formats(keras: Any, suffix: str, tmp_path: Path):
    small(keras).save(tmp_path / f"model{suffix}")
    assert run(["convert", str(tmp_path / f"model{suffix}"), *TOLD, "-n", "ours"]) == 0
    contract = contract_of(tmp_path / "ours.onnx")
    assert [layer.kind for layer in contract.layers] == ["conv", "conv", "activation", "block", "pool"]
    assert contract.input.channels == "gray"
    assert contract.default_layer == "join"


def test_saved_model(keras: Any, tmp_path: Path):
    model = small(keras)
    model.export(tmp_path / "saved", verbose=False)
    assert run(["convert", str(tmp_path / "saved"), *TOLD, "-o", str(tmp_path)]) == 0
    faces = np.random.default_rng(0).random((3, 20, 20, 1), dtype=np.float32)
    answer = ort.InferenceSession(tmp_path / "saved.onnx").run(["probabilities"], {"faces": faces})[0]
    np.testing.assert_allclose(answer, model.predict(faces, verbose=0), atol=1e-5)


@pytest.mark.parametrize("end", [None, "softmax", "sigmoid"])
def test_endings(keras: Any, end: str | None, tmp_path: Path):
    model = small(keras, end)
    model.save(tmp_path / "model.keras")
    assert run(["convert", str(tmp_path / "model.keras"), *TOLD, "-n", "ours"]) == 0
    faces = np.random.default_rng(0).random((3, 20, 20, 1), dtype=np.float32)
    session = ort.InferenceSession(tmp_path / "ours.activations.onnx")
    logits, probabilities = session.run(["logits", "probabilities"], {"faces": faces, "target": np.full(3, -1)})
    head = model.get_layer("head")
    direct = keras.Model(model.inputs, head.input)(faces).numpy() @ head.weights[0].numpy() + head.weights[1].numpy()
    np.testing.assert_allclose(logits, direct, atol=1e-5)
    raised = 1 / (1 + np.exp(-direct)) if end == "sigmoid" else np.exp(direct) / np.exp(direct).sum(1, keepdims=True)
    np.testing.assert_allclose(probabilities, raised, atol=1e-5)


def test_layers_that_do_the_same_keep_their_own_gradients(keras: Any, tmp_path: Path):
    """Two equal activations of one tensor; merged into one node they would share one gradient."""
    keras.utils.set_random_seed(2)
    layers = keras.layers
    inputs = keras.Input((8, 8, 1))
    stem = layers.Conv2D(4, 3, name="stem")(inputs)
    one, two = layers.ReLU(name="one")(stem), layers.ReLU(name="two")(stem)
    joined = layers.Add()([layers.Conv2D(3, 3)(one), layers.Conv2D(3, 3)(two)])
    model = keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.Flatten()(joined)))
    model.save(tmp_path / "model.keras")
    assert run(["convert", str(tmp_path / "model.keras"), *TOLD, "-n", "ours"]) == 0
    tensors = {layer.tensor for layer in contract_of(tmp_path / "ours.onnx").layers if layer.kind == "activation"}
    assert len(tensors) == 2


def test_gelu_and_grouped_convolutions(keras: Any, tmp_path: Path):
    keras.utils.set_random_seed(3)
    layers = keras.layers
    inputs = keras.Input((8, 8, 1))
    hidden = layers.Conv2D(8, 3, padding="same", activation="gelu", name="stem")(inputs)
    hidden = layers.Conv2D(8, 3, groups=4, name="grouped")(hidden)
    hidden = layers.LayerNormalization()(hidden)
    model = keras.Model(inputs, layers.Dense(3)(layers.GlobalMaxPooling2D()(hidden)))
    model.save(tmp_path / "model.keras")
    exported = run(["convert", str(tmp_path / "model.keras"), *TOLD, "-n", "ours"])
    assert exported == 0


@pytest.mark.parametrize("way", ["cell by cell", "a sparse matrix held whole", "its numbers and where they stand"])
def test_a_layer_with_weights_of_its_own_in_every_cell(
    keras: Any, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """LocallyConnected2D as the three implementations of Keras 2 compute it, which Keras 3 has not."""
    tf = tensorflow()
    rng = np.random.default_rng(0)
    size, maps = 6 * 6 * 4, (5, 5, 3)

    class LocallyConnected2D(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            flat = tf.reshape(x, (-1, size))
            if way == "cell by cell":
                cells = [tf.reshape(x[:, row : row + 2, column : column + 2], (1, -1, 16)) for row, column in CELLS]
                said = tf.matmul(tf.concat(cells, 0), self.kernel)
                return tf.transpose(tf.reshape(said, (5, 5, -1, 3)), (2, 0, 1, 3))
            if way == "a sparse matrix held whole":
                return tf.reshape(tf.matmul(flat, self.matrix, b_is_sparse=True), (-1, *maps))
            held = tf.SparseTensor(self.places, self.numbers, (75, size))
            return tf.reshape(tf.transpose(tf.sparse.sparse_dense_matmul(held, flat, adjoint_b=True)), (-1, *maps))

    layer = LocallyConnected2D(name="local")
    layer.kernel = tf.constant(rng.normal(size=(25, 16, 3)), tf.float32)
    sparse = rng.normal(size=(size, 75)) * (rng.random((size, 75)) < 0.2)
    layer.matrix = tf.constant(sparse, tf.float32)
    layer.places = np.argwhere(sparse.T)
    layer.numbers = tf.constant(sparse.T[tuple(layer.places.T)], tf.float32)
    keras.utils.set_random_seed(4)
    inputs = keras.Input((8, 8, 1))
    hidden = layer(keras.layers.Conv2D(4, 3, activation="relu")(inputs))
    model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(hidden)))
    small(keras).save(tmp_path / "model.keras")
    monkeypatch.setattr(keras_to_onnx, "load", lambda *_: model)
    assert run(["convert", str(tmp_path / "model.keras"), *TOLD, "-n", "ours"]) == 0  # checked with GradientTape
    contract = contract_of(tmp_path / "ours.onnx")
    assert contract.default_layer == "local"
    told = contract.layer("local")
    assert (told.kind, told.height, told.width, told.channels) == ("conv", *maps)


CELLS = [(row, column) for row in range(5) for column in range(5)]


def test_custom_layers_are_refused_not_run(keras: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    class Strange(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs

    inputs = keras.Input((8, 8, 1))
    flat = keras.layers.Flatten()(Strange()(inputs))
    keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(flat)).save(tmp_path / "model.keras")
    assert run(["convert", str(tmp_path / "model.keras"), *TOLD]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "Strange" in error
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]


def test_code_in_a_model_is_never_run(keras: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    inputs = keras.Input((8, 8, 1))
    hidden = keras.layers.Lambda(lambda x: x + 1)(inputs)
    keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Flatten()(hidden))).save(tmp_path / "model.keras")
    assert run(["convert", str(tmp_path / "model.keras"), *TOLD]) == 1
    assert "Lambda" in capsys.readouterr().err


def test_single_output_is_refused(keras: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    inputs = keras.Input((8, 8, 1))
    hidden = keras.layers.Conv2D(2, 3)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(keras.layers.Flatten()(hidden)))
    model.save(tmp_path / "model.keras")
    assert run(["convert", str(tmp_path / "model.keras"), *TOLD]) == 1
    assert "two classes or more" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["log_softmax", "softmax, flatten", "softmax of one cell"])
def test_endings_in_other_words(keras: Any, ending: str, tmp_path: Path):
    keras.utils.set_random_seed(4)
    layers = keras.layers
    inputs = keras.Input((8, 8, 1))
    hidden = layers.Conv2D(4, 3, activation="relu")(inputs)
    hidden = layers.Conv2D(3, 6, activation=None if ending == "log_softmax" else "softmax")(hidden)
    if ending == "log_softmax":
        hidden = layers.Activation("log_softmax")(layers.Flatten()(hidden))
    model = keras.Model(inputs, layers.Flatten()(hidden) if ending == "softmax, flatten" else hidden)
    model.save(tmp_path / "model.keras")
    assert run(["convert", str(tmp_path / "model.keras"), *TOLD, "-n", "ours"]) == 0


def refusal(model: Any, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Saves a model and returns the one line that says why it is not converted."""
    model.save(folder / "model.keras")
    assert run(["convert", str(folder / "model.keras"), *TOLD, "-n", "ours"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


def parts(keras: Any) -> tuple[Any, Any, Any]:
    """Keras' layers, an input and its maps."""
    inputs = keras.Input((8, 8, 1))
    return keras.layers, inputs, keras.layers.Conv2D(4, 3, name="stem")(inputs)


def test_two_outputs_are_refused(keras: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    layers, inputs, hidden = parts(keras)
    flat = layers.Flatten()(hidden)
    error = refusal(keras.Model(inputs, [layers.Dense(3)(flat), layers.Dense(3)(flat)]), tmp_path, capsys)
    assert "one output" in error and "2" in error


def test_a_named_output_is_one(keras: Any, tmp_path: Path):
    layers, inputs, hidden = parts(keras)
    keras.Model(inputs, {"mood": layers.Dense(3)(layers.Flatten()(hidden))}).save(tmp_path / "model.keras")
    assert run(["convert", str(tmp_path / "model.keras"), *TOLD, "-n", "ours"]) == 0


def test_channels_first_are_refused(keras: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    layers = keras.layers
    inputs = keras.Input((1, 8, 8))
    hidden = layers.GlobalAveragePooling2D(data_format="channels_first", name="mean")(inputs)
    assert "channels_first" in refusal(keras.Model(inputs, layers.Dense(3)(hidden)), tmp_path, capsys)


@pytest.mark.parametrize("kind", ["mixed_float16", "float64"])
def test_other_precisions_are_refused(keras: Any, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    layers, inputs, hidden = parts(keras)
    hidden = layers.Conv2D(4, 3, dtype=kind, name="odd")(hidden)
    error = refusal(keras.Model(inputs, layers.Dense(3)(layers.Flatten()(hidden))), tmp_path, capsys)
    assert "'odd'" in error and kind.removeprefix("mixed_") in error


def test_resizings_without_a_gradient_are_refused(keras: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    layers, inputs, hidden = parts(keras)
    hidden = layers.Flatten()(layers.Resizing(3, 3, interpolation="area")(hidden))
    assert "ResizeArea" in refusal(keras.Model(inputs, layers.Dense(3)(hidden)), tmp_path, capsys)


@pytest.mark.parametrize(
    "style",
    [
        {"kernel_size": 3, "strides": 2, "padding": "valid", "output_padding": 1},
        {"kernel_size": 2, "strides": 3, "padding": "same"},
        {"kernel_size": 1, "strides": 4, "padding": "valid"},
    ],
    ids=["output padding", "gaps", "wide gaps"],
)
def test_transposed_convolutions_with_gaps(keras: Any, style: dict[str, Any], tmp_path: Path):
    keras.utils.set_random_seed(5)
    layers, inputs, hidden = parts(keras)
    hidden = layers.Conv2DTranspose(3, **style, activation="celu", bias_initializer="ones", name="up")(hidden)
    hidden = layers.Flatten()(layers.Conv2D(2, 3, name="after")(hidden))
    keras.Model(inputs, layers.Dense(3)(hidden)).save(tmp_path / "model.keras")
    assert run(["convert", str(tmp_path / "model.keras"), *TOLD, "-n", "ours"]) == 0


def test_saved_models_are_repaired_like_others(keras: Any, tmp_path: Path):
    layers, inputs, hidden = parts(keras)
    hidden = layers.Flatten()(layers.Activation("gelu")(hidden))
    keras.Model(inputs, layers.Dense(3, activation="sigmoid")(hidden)).export(tmp_path / "saved", verbose=False)
    assert run(["convert", str(tmp_path / "saved"), *TOLD]) == 0


def test_saved_models_with_two_inputs_are_refused(keras: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    layers, inputs, hidden = parts(keras)
    age = keras.Input((1,), name="age")
    joined = layers.Concatenate()([layers.Flatten()(hidden), age])
    keras.Model([inputs, age], layers.Dense(3)(joined)).export(tmp_path / "saved", verbose=False)
    capsys.readouterr()
    assert run(["convert", str(tmp_path / "saved"), *TOLD]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "one input" in error and "age" in error and "only input of its signature" in error


def test_a_model_with_two_inputs_is_told_how_to_become_one(
    keras: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """And becomes it in that way."""
    layers, inputs, hidden = parts(keras)
    other = keras.Input((8, 8, 1), name="other")
    joined = layers.Concatenate()([layers.Flatten()(hidden), layers.Flatten()(other)])
    model = keras.Model([inputs, other], layers.Dense(3)(joined))
    error = refusal(model, tmp_path, capsys)
    assert "one input" in error and "other 8×8×1" in error
    assert "keras.Model(picture, model([picture, …]))" in error and "keras.Input((height, width, channels))" in error
    picture = keras.Input((8, 8, 1))
    keras.Model(picture, model([picture, picture])).save(tmp_path / "model.keras")
    assert run(["convert", str(tmp_path / "model.keras"), *TOLD, "-n", "ours"]) == 0
