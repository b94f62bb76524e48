"""Reading a bundle: what is no bundle is told apart, in one line that names the cure."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from emoscope.errors import ContractError, ModelError
from emoscope.network.bundle import DEFAULT_MODEL, find_model, open_bundle, read_onnx, shipped_models
from tests.realtime.tiny import CONTRACT, activations, classifier, write_bundle


def refusal(model: Path | str) -> str:
    """The message with which a model is refused, one line."""
    with pytest.raises(ModelError) as caught:
        open_bundle(str(model))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_both_halves_and_their_contract(tmp_path: Path):
    bundle = open_bundle(str(write_bundle(tmp_path, "mine")))
    assert bundle.name == "mine"
    assert bundle.contract == CONTRACT
    assert [output.name for output in bundle.classifier.graph.output] == ["probabilities"]
    assert "cam/layercam/pool1" in [output.name for output in bundle.activations.graph.output]


def test_naming_either_half_opens_the_pair(tmp_path: Path):
    path = write_bundle(tmp_path)
    assert find_model(str(path.with_suffix(".activations.onnx"))) == path


def test_every_shipped_pair_opens():
    assert DEFAULT_MODEL in shipped_models()
    for name in shipped_models():
        bundle = open_bundle(name)
        assert bundle.name == name
        assert bundle.contract.default_layer in bundle.contract.layer_names


def test_missing_model_names_the_shipped_ones(tmp_path: Path):
    message = refusal(tmp_path / "nowhere.onnx")
    assert "no such model" in message
    assert all(name in message for name in shipped_models())


def test_not_an_onnx_file(tmp_path: Path):
    (tmp_path / "model.keras").write_bytes(b"PK")
    assert "not an .onnx file: make a bundle with `emoscope convert`" in refusal(tmp_path / "model.keras")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a whole ONNX model"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "a git-lfs pointer"),
        (b"\n <!DOCTYPE html><html>", "a web page saved as .onnx"),
        (b"\x00\x01\x02\xff" * 99, "not a whole ONNX model"),
    ],
    ids=["empty", "pointer", "html", "noise"],
)
def test_a_file_that_is_something_else(content: bytes, reason: str, tmp_path: Path):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    message = refusal(path)
    assert message.startswith(f"{path}: {reason}")


def test_a_folder_of_that_name(tmp_path: Path):
    (tmp_path / "model.onnx").mkdir()
    assert "cannot be read" in refusal(tmp_path / "model.onnx")


@pytest.mark.parametrize("half", ["tiny.onnx", "tiny.activations.onnx"])
@pytest.mark.parametrize("part", [0.03, 0.5, 0.97])
def test_a_truncated_half(half: str, part: float, tmp_path: Path):
    path = write_bundle(tmp_path)
    whole = (tmp_path / half).read_bytes()
    (tmp_path / half).write_bytes(whole[: int(len(whole) * part)])
    assert half in refusal(path)


def test_without_its_other_half(tmp_path: Path):
    path = write_bundle(tmp_path)
    path.with_suffix(".activations.onnx").unlink()
    assert "tiny.activations.onnx: missing; it belongs to tiny.onnx" in refusal(path)


def test_without_a_contract(tmp_path: Path):
    path = write_bundle(tmp_path)
    model = classifier()
    del model.metadata_props[:]
    onnx.save(model, path)
    assert "says nothing about its labels and input: run `emoscope convert tiny.onnx -n NAME` first" in refusal(path)


def test_a_contract_of_a_newer_version(tmp_path: Path):
    assert "version 3 is newer than this program knows" in refusal(write_bundle(tmp_path, contract=_newer()))


def test_halves_of_different_models(tmp_path: Path):
    path = write_bundle(tmp_path)
    onnx.save(activations(CONTRACT.with_(source_sha256="other")), path.with_suffix(".activations.onnx"))
    with pytest.raises(ContractError, match="come from different models"):
        open_bundle(str(path))


def test_external_data_stays_in_its_folder(tmp_path: Path):
    (tmp_path / "secret.bin").write_bytes(bytes(24))
    (tmp_path / "inside").mkdir()
    model = classifier()
    _outside(model, "../secret.bin")
    path = tmp_path / "inside" / "tiny.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="not a whole ONNX model"):
        read_onnx(path)


def test_missing_external_data(shared: Path):
    message = refusal(shared / "damaged" / "adxstackdev_missing_external_data_emotion_model.onnx")
    assert "its weights lie in emotion_model.onnx.data, which is not beside it: get that file too" in message


def _newer():
    return CONTRACT.with_(version=3)


def _outside(model: onnx.ModelProto, location: str) -> None:
    tensor = onnx.helper.make_tensor("w", onnx.TensorProto.FLOAT, [2, 3], [0.0] * 6)
    tensor.ClearField("float_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    model.graph.initializer.append(tensor)


@pytest.mark.parametrize("half", [classifier, activations])
def test_a_graph_that_reads_another_shape_than_its_contract_says(half, tmp_path: Path):
    path = write_bundle(tmp_path)
    model = half()
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_value = 6
    name = "tiny.onnx" if half is classifier else "tiny.activations.onnx"
    (tmp_path / name).write_bytes(model.SerializeToString())
    assert f"{name}: reads 4×6×1, but its contract says 4×4×1" in refusal(path)


def test_a_shape_that_is_free_is_believed(tmp_path: Path):
    path = write_bundle(tmp_path)
    model = classifier()
    model.graph.input[0].type.tensor_type.shape.dim[1].ClearField("dim_value")
    path.write_bytes(model.SerializeToString())
    open_bundle(str(path))


def test_another_number_of_labels_than_of_classes(tmp_path: Path):
    path = write_bundle(tmp_path, contract=CONTRACT.with_(labels=("a", "b", "c", "d")))
    assert "gives 3 probabilities, but its contract has 4 labels" in refusal(path)


def test_offsets_for_another_number_of_classes(tmp_path: Path):
    path = write_bundle(tmp_path, modern=True)
    model = classifier(modern=True)
    model.graph.input[1].type.tensor_type.shape.dim[1].dim_value = 5
    path.write_bytes(model.SerializeToString())
    assert "takes offsets for 5 classes, but its contract has 3 labels" in refusal(path)


def test_two_classifiers_are_no_pair(tmp_path: Path):
    path = write_bundle(tmp_path)
    path.with_suffix(".activations.onnx").write_bytes(path.read_bytes())
    assert "has no output 'activation/conv1', though its contract says so" in refusal(path)
