"""Judging networks of other people: what they are fed is asked for, never guessed; what cannot be fed is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from emoscope.cli import run
from emoscope.convert.describe import Told
from emoscope.convert.presets import DEVIATION, MEAN
from emoscope.errors import ContractError, ConversionError, EmoscopeError, ModelError
from emoscope.models.evaluation.classifier import open_classifier
from emoscope.network.bundle import find_model
from emoscope.network.contract import METADATA_KEY, Contract, InputSpec

LABELS = ("happy", "sad", "angry")
HEIGHT, WIDTH = 6, 5
RGB = Told(LABELS, "rgb", 1 / 255)
PICTURES = np.random.default_rng(3).integers(0, 256, (70, HEIGHT, WIDTH, 3), np.uint8)
WEIGHTS = np.random.default_rng(4).normal(size=(3 * HEIGHT * WIDTH, 3)).astype(np.float32)


def theirs(
    folder: Path,
    batch: int | str = "N",
    outputs: tuple[tuple[str, int], ...] = (("output", 3),),
    kind: int = TensorProto.FLOAT,
    inputs: tuple[str, ...] = ("x",),
) -> Path:
    """A file as PyTorch's exporter leaves it: (N, 3, height, width) to numbers, without a word about itself."""
    faces, *others = (helper.make_tensor_value_info(name, kind, [batch, 3, HEIGHT, WIDTH]) for name in inputs)
    nodes = [helper.make_node("Flatten", [inputs[0]], ["flat"])]
    weights = []
    for name, width in outputs:
        nodes.append(helper.make_node("MatMul", ["flat", f"{name}.w"], [name]))
        numbers = np.resize(WEIGHTS, (len(WEIGHTS), width)) if width != 3 else WEIGHTS
        weights.append(
            numpy_helper.from_array(numbers.astype(helper.tensor_dtype_to_np_dtype(kind)), f"{name}.w"),
        )
    answers = [helper.make_tensor_value_info(name, kind, [batch, width]) for name, width in outputs]
    graph = helper.make_graph(nodes, "main_graph", [faces, *others], answers, weights)
    path = folder / "theirs.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def expected(fed: np.ndarray) -> np.ndarray:
    """What `theirs` answers about (N, h, w, 3), as probabilities."""
    powers = np.exp(fed.transpose(0, 3, 1, 2).reshape(len(fed), -1).astype(np.float64) @ WEIGHTS)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("batch", ["N", 1, 4])
def test_channels_first_and_a_fixed_batch_are_fed_as_the_file_says(batch: int | str, tmp_path: Path) -> None:
    classifier = open_classifier(theirs(tmp_path, batch), RGB)
    assert (classifier.input.shape, classifier.input.layout) == ((3, HEIGHT, WIDTH), "NCHW")
    np.testing.assert_allclose(classifier.answers(PICTURES), expected(PICTURES / 255), atol=1e-5)


def test_a_preset_says_scale_offset_and_channels(tmp_path: Path) -> None:
    classifier = open_classifier(theirs(tmp_path), Told(LABELS, preset="imagenet"))
    fed = (PICTURES / 255 - MEAN) / DEVIATION
    np.testing.assert_allclose(classifier.answers(PICTURES), expected(fed), atol=1e-5)


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        (Told(LABELS), "give --channels gray, rgb or bgr; --scale and --offset"),
        (Told(LABELS, "rgb"), "give --scale and --offset"),
        (Told(LABELS, "rgb", offset=-1.0), "give --scale and --offset"),
        (Told(channels="bgr", scale=1.0), "give --labels"),
        (Told(LABELS, "gray", 1.0), "takes pictures of 6×5×3, but it is described as 6×5×1"),
        (Told(LABELS[:2], "rgb", 1.0), "has 3 outputs, but 2 labels were given: --labels"),
    ],
)
def test_what_nobody_says_is_asked_for_and_what_contradicts_the_file_refused(
    told: Told, asked: str, tmp_path: Path
) -> None:
    with pytest.raises(ContractError, match=asked):
        open_classifier(theirs(tmp_path), told)


def test_a_contract_in_the_file_goes_before_one_beside_it(tmp_path: Path) -> None:
    path = theirs(tmp_path)
    beside = Contract(LABELS, InputSpec(HEIGHT, WIDTH, "bgr", "NCHW", 2.0))
    (tmp_path / "theirs.contract.json").write_text(beside.to_json())
    assert open_classifier(path).contract == beside
    model, own = onnx.load(path), Contract(LABELS[::-1], InputSpec(HEIGHT, WIDTH, "rgb", "NCHW"))
    helper.set_model_props(model, {METADATA_KEY: own.to_json()})
    onnx.save(model, path)
    assert open_classifier(path).contract == own


def test_what_is_told_of_one_file_is_not_taken_for_another_that_says_itself(tmp_path: Path) -> None:
    told = Told(LABELS, "rgb", 1 / 255)
    assert open_classifier(theirs(tmp_path), told, overrules=False).input.scale == 1 / 255
    ours, alone = (
        open_classifier(find_model("gmp"), Told(scale=1.0), overrules=one).input.scale for one in (False, True)
    )
    assert ours == open_classifier(find_model("gmp")).input.scale != alone == 1


def test_of_several_outputs_the_one_that_fits_the_labels_is_judged(tmp_path: Path) -> None:
    path = theirs(tmp_path, outputs=(("valence", 2), ("output", 3)))
    np.testing.assert_allclose(open_classifier(path, RGB).answers(PICTURES), expected(PICTURES / 255), atol=1e-5)
    with pytest.raises(ModelError, match=r"several outputs \(a: 3, b: 3\): convert it with --output NAME"):
        open_classifier(theirs(tmp_path, outputs=(("a", 3), ("b", 3))), RGB)


def test_a_file_of_half_precision_is_asked_in_single(tmp_path: Path) -> None:
    classifier = open_classifier(theirs(tmp_path, kind=TensorProto.FLOAT16), RGB)
    np.testing.assert_allclose(classifier.answers(PICTURES), expected(PICTURES / 255), atol=2e-2)


def test_what_takes_more_than_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="has one input, the picture; this has 2: x, age: export it"):
        open_classifier(theirs(tmp_path, inputs=("x", "age")), RGB)
    pair = find_model("gmp")
    with pytest.raises(ModelError, match=r"the half of a pair that explains: judge the other one, gmp\.onnx"):
        open_classifier(pair.with_name("gmp.activations.onnx"))


@pytest.mark.parametrize("domain", ["", "some.where"])
def test_what_does_not_run_is_said(domain: str, tmp_path: Path) -> None:
    """A weight too short for the pictures, and an operator that nobody here knows."""
    path = theirs(tmp_path)
    model = onnx.load(path)
    if domain:
        model.graph.node[0].domain = domain
        model.opset_import.append(helper.make_opsetid(domain, 1))
    else:
        model.graph.initializer[0].CopyFrom(numpy_helper.from_array(WEIGHTS[:7], "output.w"))
    onnx.save(model, path)
    with pytest.raises(ModelError, match=r"does not run on pictures .*: export it anew"):
        open_classifier(path, RGB)


def test_sizes_that_a_file_leaves_open_are_for_convert(tmp_path: Path) -> None:
    path = theirs(tmp_path)
    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "height"
    onnx.save(model, path)
    with pytest.raises(ModelError, match="leaves the size of its pictures open: convert it with --size"):
        open_classifier(path, RGB)


def test_a_network_of_keras_with_several_outputs_is_for_convert(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    from emoscope.models import backend

    keras = backend.keras()
    face = keras.Input((HEIGHT, WIDTH, 3))
    flat = keras.layers.Flatten()(face)
    keras.Model(face, [keras.layers.Dense(3)(flat), keras.layers.Dense(2)(flat)]).save(tmp_path / "two.keras")
    with pytest.raises(EmoscopeError, match="answers with several outputs: convert it with --output NAME"):
        open_classifier(tmp_path / "two.keras", RGB)


def test_the_command_asks_in_one_line(tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = theirs(tmp_path)
    assert run(["evaluate", str(path), str(tree), "--labels", ",".join(LABELS)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "give --channels gray, rgb or bgr; --scale and --offset" in line and "report" not in line
    assert run(["evaluate", "ferplus", str(tree), "--channels", "rgb"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("takes pictures of 48×48×1, but it is described as 48×48×3")
    assert run(["evaluate", str(path), str(tree), "--labels", ",".join(LABELS), "--input-preset", "imagenet"]) == 0
    assert "theirs" in capsys.readouterr().out
