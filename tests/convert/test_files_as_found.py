"""Files as people have them: weights beside an architecture, configurations of old Keras, files that are no models."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from emoscope.cli import run
from emoscope.convert import keras_files
from emoscope.convert.keras_files import architecture, loadable, weights_beside
from emoscope.errors import ConversionError, ModelError
from emoscope.network.contract import METADATA_KEY, Contract
from emoscope.system.libraries import tensorflow_cure
from tests.convert.test_onnx_models import TOLD, converts, torch_like, written

h5py = pytest.importorskip("h5py", reason="needs the extra train")

FIRST = {
    "class_name": "Conv2D",
    "config": {"name": "conv", "filters": 2, "kernel_size": [3, 3], "batch_input_shape": [None, 9, 9, 1]},
}
NORM = {"class_name": "BatchNormalization", "config": {"name": "norm", "axis": [3]}}
WISE = {"class_name": "DepthwiseConv2D", "config": {"name": "wise", "kernel_size": [3, 3], "groups": 1}}
WIDER = {"class_name": "Conv2DTranspose", "config": {"name": "wider", "filters": 2, "kernel_size": 3, "groups": 1}}


def weights(path: Path, config: Any = None) -> Path:
    """An HDF5 file as `save_weights` leaves it, or, with a configuration, `save` of old."""
    with h5py.File(path, "w") as file:
        if config is not None:
            file.attrs["model_config"] = json.dumps(config)
            file.create_group("model_weights").attrs["layer_names"] = [b"conv"]
        else:
            file.attrs["layer_names"] = [b"conv"]
            file.create_group("conv")["kernel"] = np.zeros(3)
    return path


def read(path: Path) -> dict[str, Any]:
    with h5py.File(path, "r") as file:
        assert list(file) == ["model_weights"]
        assert [str(name) for name in file["model_weights"].attrs["layer_names"]] == ["conv"]
        config: dict[str, Any] = json.loads(file.attrs["model_config"])
        return config


@pytest.mark.parametrize("layers", [[FIRST, NORM, WISE, WIDER], {"name": "net", "layers": [FIRST, NORM, WISE, WIDER]}])
def test_an_old_sequential_says_its_size_where_it_is_looked_for(layers: Any, tmp_path: Path):
    path = weights(tmp_path / "net.h5", {"class_name": "Sequential", "config": layers})
    with loadable(path) as whole:
        first, conv, norm, wise, wider = read(whole)["config"]["layers"]
    assert (first["class_name"], first["config"]["batch_shape"]) == ("InputLayer", [None, 9, 9, 1])
    assert "batch_input_shape" not in conv["config"] and "groups" not in {*wise["config"], *wider["config"]}
    assert norm["config"]["axis"] == 3


def test_an_architecture_finds_its_weights(tmp_path: Path):
    told = {"class_name": "Sequential", "config": {"name": "net", "layers": [FIRST]}}
    (tmp_path / "net.json").write_text(json.dumps(told), "utf-8")
    with pytest.raises(ModelError, match=r"net\.h5"):
        weights_beside(tmp_path / "net.json")
    weights(tmp_path / "net.h5")
    with loadable(tmp_path / "net.json") as whole:
        assert read(whole)["config"]["layers"][1]["config"]["filters"] == 2
    weights(tmp_path / "other.h5").rename(tmp_path / "best.h5")
    with loadable(tmp_path / "best.h5", tmp_path / "net.json") as whole:
        assert read(whole)["config"]["name"] == "net"


def test_weights_of_keras_3_become_the_archive_that_they_are_a_part_of(tmp_path: Path):
    told = {"class_name": "Sequential", "config": {"name": "net", "layers": [FIRST]}}
    (tmp_path / "net.json").write_text(json.dumps(told), "utf-8")
    with h5py.File(tmp_path / "net.weights.h5", "w") as file:
        file.create_group("layers/conv2d/vars")["0"] = np.zeros(3)
    with loadable(tmp_path / "net.json") as whole, zipfile.ZipFile(whole) as archive:
        assert json.loads(archive.read("config.json")) == told and whole.suffix == ".keras"
        assert archive.read("model.weights.h5") == (tmp_path / "net.weights.h5").read_bytes()


def test_weights_alone_ask_for_an_architecture(tmp_path: Path):
    path = weights(tmp_path / "bare.h5")
    with pytest.raises(ModelError, match="--arch"), loadable(path):
        pass


def test_code_in_an_architecture_is_refused(tmp_path: Path):
    code = {"class_name": "Lambda", "config": {"name": "odd"}}
    (tmp_path / "net.json").write_text(json.dumps({"class_name": "Sequential", "config": {"layers": [code]}}), "utf-8")
    with pytest.raises(ModelError, match="'odd'"):
        architecture(tmp_path / "net.json")


@pytest.mark.parametrize(
    ("name", "cure"), [("a.pt", "torch.onnx.export"), ("b.PTH", "export"), ("c.tflite", "tf2onnx")]
)
def test_what_cannot_be_read_is_told_how_to_become_readable(
    name: str, cure: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / name).write_bytes(b"\x80\x02")
    assert run(["convert", str(tmp_path / name)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and cure in error


def two_outputs() -> onnx.ModelProto:
    model = torch_like(opset=17)
    model.graph.node.append(helper.make_node("MatMul", ["k", "fc.side"], ["side"], name="/side/MatMul"))
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.ones((6, 2), np.float32), "fc.side"))
    model.graph.output.append(helper.make_tensor_value_info("side", TensorProto.FLOAT, [1, 2]))
    return model


def test_one_of_several_outputs_is_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = written(two_outputs(), tmp_path)
    assert not converts(path)
    assert "--output NAME" in capsys.readouterr().err
    assert not converts(path, "--output", "outputs")
    assert "output, side" in capsys.readouterr().err
    assert converts(path, "--output", "output")


def test_what_is_inside_is_shown_and_nothing_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = written(torch_like(opset=17), tmp_path)
    assert run(["convert", str(path), "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [
        "stem.Conv", "stem.Relu", "pool.MaxPool", "block.Conv", "block.ReLU6", "block.Add", "act.Mul",
    ]  # fmt: skip
    assert "3 classes" in lines[0] and "default" in lines[-1]
    assert list(tmp_path.iterdir()) == [path]


def test_crops_and_pixels_in_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path, told = written(torch_like(opset=17), tmp_path), ["--input-preset", "imagenet", "--crop-rule", "box:0.1"]
    layers = ["--layers", "act.Mul", "--methods", "gradcam", "-n", "ours"]
    assert run(["convert", str(path), "--labels", "a,b,c", *told, *layers]) == 0
    stamped = {item.key: item.value for item in onnx.load(tmp_path / "ours.onnx").metadata_props}
    contract = Contract.from_json(stamped[METADATA_KEY])
    assert contract.input.channels == "rgb"
    red = 128 * np.ravel(contract.input.scale)[0] + np.ravel(contract.input.offset)[0]
    assert red == pytest.approx((128 / 255 - 0.485) / 0.229, abs=1e-6)
    assert contract.crop.box_margin == 0.1
    assert run(["convert", str(path), *TOLD, "--crop-rule", "nose:3"]) == 2


def test_a_layer_taken_on_trust_is_stamped(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = written(torch_like(opset=17), tmp_path)
    assert not converts(path, "--unverified", "nowhere")
    assert "nowhere" in capsys.readouterr().err
    assert converts(path, "--unverified", "act.Mul", "--layers", "act.Mul", "--methods", "gradcam")
    stamped = {item.key: item.value for item in onnx.load(tmp_path / "ours.onnx").metadata_props}
    assert Contract.from_json(stamped[METADATA_KEY]).unverified == ("act.Mul",)


def test_keras_2_is_given_its_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Where it is installed; what Keras 3 is given, Keras 2 does not know."""
    given: list[Any] = []

    class Models:
        @staticmethod
        def load_model(path: Path, compile: bool) -> Any:
            given.append(read(path))
            return "the model"

    class Keras3:
        class keras:  # noqa: N801
            class models:  # noqa: N801
                @staticmethod
                def load_model(path: Path, **how: bool) -> Any:
                    raise TypeError("Unknown layer: 'ThresholdedReLU'. Please ensure …")

    config = {"class_name": "Sequential", "config": [FIRST, NORM, WISE]}
    path = weights(tmp_path / "net.h5", config)
    monkeypatch.setitem(sys.modules, "tf_keras", None)
    with pytest.raises(ConversionError, match="was Keras 2's, and Keras 3 has none: pip install tf_keras"):
        keras_files.load(path, start=lambda: Keras3)
    monkeypatch.setitem(sys.modules, "tf_keras", SimpleNamespace(models=Models))
    assert keras_files.load(path, start=lambda: Keras3) == "the model"
    bare = weights(tmp_path / "bare.h5")
    (tmp_path / "bare.json").write_text(json.dumps(config))
    assert keras_files.load(tmp_path / "bare.json", start=lambda: Keras3) == "the model"
    assert given == [config, config] and bare.is_file()


@pytest.mark.parametrize("name", ["net.h5", "net.json"])
def test_without_the_extra_the_way_to_it_is_told(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """What reads HDF5 comes with TensorFlow, and is wanted before it."""
    weights(tmp_path / "net.h5", {"class_name": "Sequential", "config": [FIRST]})
    (tmp_path / "net.json").write_text("{}")
    monkeypatch.setitem(sys.modules, "h5py", None)
    assert run(["convert", str(tmp_path / name)]) == 1
    told = capsys.readouterr().err
    assert told == f"emoscope: converting a Keras model needs TensorFlow: {tensorflow_cure()}\n"


def test_an_archive_of_keras_2_is_given_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """TensorFlow 2.12 to 2.15 wrote such; their words are not Keras 3's."""

    class Keras3:
        class keras:  # noqa: N801
            class models:  # noqa: N801
                @staticmethod
                def load_model(path: Path, **how: bool) -> Any:
                    raise TypeError("Could not locate class 'Functional'. Make sure …")

    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.15.0"}))
        archive.writestr("config.json", json.dumps({"class_name": "Functional", "config": {}}))
        archive.writestr("model.weights.h5", b"")
    monkeypatch.setitem(sys.modules, "tf_keras", None)
    with pytest.raises(ConversionError, match=r"was saved by Keras 2\.15\.0, .*: pip install tf_keras, and convert it"):
        keras_files.load(path, start=lambda: Keras3)
    models = SimpleNamespace(load_model=lambda given, compile: f"the model of {given.name}")
    monkeypatch.setitem(sys.modules, "tf_keras", SimpleNamespace(models=models))
    assert keras_files.load(path, start=lambda: Keras3) == "the model of net.keras"


@pytest.mark.parametrize("metadata", ["{not json", "[1]", b"\xff\xfe", '{"keras_version": 2}', None])
def test_an_archive_whose_metadata_are_damaged_is_refused(metadata: str | bytes | None, tmp_path: Path):
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w") as archive:
        if metadata is not None:
            archive.writestr("metadata.json", metadata)
        archive.writestr("config.json", json.dumps({"class_name": "Functional", "config": {}}))
        archive.writestr("model.weights.h5", b"")
    with pytest.raises(ConversionError, match="not a Keras model that can be loaded"):
        keras_files.load(path)


def test_an_operation_in_an_h5_file_is_told_how_to_be_kept(tmp_path: Path):
    """Keras writes `picture / 127.5` into .h5, and cannot read it again."""
    keras = pytest.importorskip("keras")
    picture = keras.Input((8, 8, 1))
    path = tmp_path / "net.h5"
    keras.Model(picture, keras.layers.Dense(3)(keras.layers.Flatten()(picture / 127.5))).save(path)
    with pytest.raises(ConversionError, match=r"own operation TrueDivide again: save the model as \.keras"):
        keras_files.load(path)
