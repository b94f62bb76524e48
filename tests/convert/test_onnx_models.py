"""Classifiers in .onnx files as other people write them: PyTorch's exporter, older opsets, either layout."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from emoscope.cli import run
from emoscope.network.contract import METADATA_KEY, Contract

LABELS = "angry,happy,sad"
TOLD = ["--labels", LABELS, "--channels", "rgb", "--scale", "0.0039"]


def weights(**shapes: tuple[int, ...]) -> list[onnx.TensorProto]:
    """Random weights; names with a single axis that say so are a normalisation's variance."""
    rng = np.random.default_rng(0)
    return [
        numpy_helper.from_array(
            (rng.uniform(0.5, 1.5, shape) if "var" in name else rng.normal(0, 0.3, shape)).astype(np.float32),
            name.replace("__", "."),
        )
        for name, shape in shapes.items()
    ]


def torch_like(opset: int = 11, batch: int | str = 1) -> onnx.ModelProto:
    """A small residual network in the words of PyTorch's exporter: NCHW, logits, a batch of one and a reshape to it."""
    node = helper.make_node
    nodes = [
        node("Conv", ["input.1", "stem.w", "stem.b"], ["a"], name="/stem/Conv", pads=[1, 1, 1, 1], strides=[2, 2]),
        node("Relu", ["a"], ["b"], name="/stem/Relu"),
        node("MaxPool", ["b"], ["c"], name="/pool/MaxPool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        node("Conv", ["c", "deep.w"], ["d"], name="/block/Conv", pads=[1, 1, 1, 1]),
        node("BatchNormalization", ["d", "g", "s", "m", "var"], ["e"], name="/block/Norm"),
        node("Constant", [], ["low"], value=numpy_helper.from_array(np.float32(0))),
        node("Constant", [], ["high"], value=numpy_helper.from_array(np.float32(6))),
        node("Clip", ["e", "low", "high"], ["f"], name="/block/ReLU6"),
        node("Add", ["f", "c"], ["logits"], name="/block/Add"),
        node("Sigmoid", ["logits"], ["h"], name="/act/Sigmoid"),
        node("Mul", ["logits", "h"], ["i"], name="/act/Mul"),
        node("GlobalAveragePool", ["i"], ["j"], name="/gap/GlobalAveragePool"),
        node("Reshape", ["j", "flat"], ["k"], name="/Reshape"),
        node("Gemm", ["k", "fc.w", "fc.b"], ["output"], name="/fc/Gemm", transB=1),
    ]
    stored = weights(stem__w=(6, 3, 3, 3), stem__b=(6,), deep__w=(6, 6, 3, 3), g=(6,), s=(6,), m=(6,), var=(6,))
    stored += [*weights(fc__w=(3, 6), fc__b=(3,)), numpy_helper.from_array(np.array([1, -1]), "flat")]
    graph = helper.make_graph(
        nodes,
        "main_graph",
        [helper.make_tensor_value_info("input.1", TensorProto.FLOAT, [batch, 3, 24, 20])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [batch, 3])],
        stored,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def written(model: onnx.ModelProto, folder: Path) -> Path:
    path = folder / "theirs.onnx"
    onnx.save(model, path)
    return path


def converts(path: Path, *options: str) -> bool:
    """Whether a file is converted to a bundle called `ours` beside it."""
    return run(["convert", str(path), *TOLD, "-n", "ours", *options]) == 0


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    return written(torch_like(), tmp_path)


def answers(path: Path, feed: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    session = ort.InferenceSession(path)
    names = [output.name for output in session.get_outputs()]
    wanted = {value.name for value in session.get_inputs()}
    return dict(zip(names, session.run(names, {k: v for k, v in feed.items() if k in wanted}), strict=True))


def test_pytorch_style_file_explains_itself(theirs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["convert", str(theirs), *TOLD, "-o", str(tmp_path), "-n", "ours"]) == 0
    told = capsys.readouterr().out
    assert re.search(r"^finite differences \(\d+ layers\) +\S+ +\S+  \w", told, re.MULTILINE), "with the worst layer"
    assert len(told.splitlines()) < 30, "a line for each kind of output, however many layers there are"
    faces = np.random.default_rng(1).normal(size=(5, 3, 24, 20)).astype(np.float32)
    ours = answers(tmp_path / "ours.activations.onnx", {"faces": faces, "target": np.array([-1, 0, 1, 2, -1])})
    for face, logits in zip(faces, ours["logits"], strict=True):
        np.testing.assert_allclose(answers(theirs, {"input.1": face[None]})["output"][0], logits, atol=1e-5)
    assert ours["activation/stem.Conv"].shape == (5, 12, 10, 6)
    assert ours["cam/gradcam/act.Mul"].shape == (5, 6, 5)
    assert ours["cam/saliency/input"].shape == (5, 24, 20)
    assert {round(float(heat.max()), 6) for heat in ours["cam/layercam/act.Mul"]} <= {0.0, 1.0}


def test_layers_of_a_pytorch_style_file(theirs: Path, tmp_path: Path):
    run(["convert", str(theirs), *TOLD, "-o", str(tmp_path), "-n", "ours"])
    stamped = {item.key: item.value for item in onnx.load(tmp_path / "ours.onnx").metadata_props}
    contract = Contract.from_json(stamped[METADATA_KEY])
    assert [(layer.name, layer.kind) for layer in contract.layers] == [
        ("stem.Conv", "conv"),
        ("stem.Relu", "activation"),
        ("pool.MaxPool", "pool"),
        ("block.Conv", "conv"),
        ("block.ReLU6", "activation"),
        ("block.Add", "block"),
        ("act.Mul", "activation"),
    ]
    assert contract.input.layout == "NCHW"
    assert contract.default_layer == "act.Mul"


def test_grad_cam_is_the_gradient_of_the_file_itself(theirs: Path, tmp_path: Path):
    """At the last map the weights are known by hand: the class's row of the last matrix."""
    run(["convert", str(theirs), *TOLD, "-o", str(tmp_path), "-n", "ours"])
    faces = np.random.default_rng(2).normal(size=(2, 3, 24, 20)).astype(np.float32)
    ours = answers(tmp_path / "ours.activations.onnx", {"faces": faces, "target": np.array([2, 0])})
    rows = numpy_helper.to_array(next(w for w in torch_like().graph.initializer if w.name == "fc.w"))[[2, 0]]
    heat = np.maximum(np.einsum("nhwc,nc->nhw", ours["activation/act.Mul"], rows), 0)
    peak = heat.max((1, 2), keepdims=True)
    np.testing.assert_allclose(ours["cam/gradcam/act.Mul"] * peak, heat, atol=1e-5)
    assert set(ours["cam/gradcam/act.Mul"].max((1, 2))) <= {0.0, 1.0}
    assert heat.any()


def test_what_the_file_does_not_say_is_asked_for_at_once(theirs: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["convert", str(theirs), "-n", "ours"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert all(option in error for option in ("--labels", "--channels", "--scale", "contract.json"))
    assert "--layout" not in error and "--size" not in error


def test_contract_beside_the_file_answers(theirs: Path, tmp_path: Path):
    told = '{"version": 1, "labels": ["a", "b", "c"], "input": {"height": 24, "width": 20, "channels": "bgr", '
    theirs.with_name("contract.json").write_text(told + '"layout": "NCHW", "scale": 1.0, "offset": [1, 2, 3]}}')
    assert run(["convert", str(theirs), "-o", str(tmp_path / "out")]) == 0
    stamped = {item.key: item.value for item in onnx.load(tmp_path / "out" / "theirs.onnx").metadata_props}
    assert Contract.from_json(stamped[METADATA_KEY]).input.offset == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--labels", "a,b", "--channels", "rgb", "--scale", "1"], ["3 outputs", "2 labels"]),
        (["--labels", LABELS, "--channels", "gray", "--scale", "1"], ["24×20×3", "24×20×1"]),
        ([*TOLD, "--size", "48x48"], ["24×20×3", "48×48×3"]),
        ([*TOLD, "--layers", "nose"], ["nose", "stem.Conv"]),
    ],
)
def test_what_contradicts_the_file_is_refused(
    theirs: Path, options: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
):
    assert run(["convert", str(theirs), "-n", "ours", *options]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert all(word in error for word in words)
    assert sorted(path.name for path in theirs.parent.iterdir()) == ["theirs.onnx"]


@pytest.mark.parametrize("options", [["--size", "48"], ["--size", "axb"], ["--methods", "tea"], ["--scale", "much"]])
def test_options_that_make_no_sense_are_wrong_usage(theirs: Path, options: list[str]):
    assert run(["convert", str(theirs), *TOLD, *options]) == 2


def test_operator_without_a_rule_names_what_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    model = torch_like(opset=17)
    place = next(i for i, node in enumerate(model.graph.node) if node.name == "/block/Conv")
    model.graph.node.insert(place, helper.make_node("Atan", ["c"], ["cc"], name="/odd/Atan"))
    model.graph.node[place + 1].input[0] = "cc"
    path = written(model, tmp_path)
    assert not converts(path)
    error = capsys.readouterr().err
    assert "Atan" in error and "/odd/Atan" in error
    left = error.split("--layers ")[1].strip()
    assert left == "block.Conv,block.ReLU6,block.Add,act.Mul"
    assert converts(path, "--layers", left)


@pytest.mark.parametrize("opset", [9, 13, 20])
def test_opsets_old_and_new(opset: int, tmp_path: Path):
    model = torch_like(opset=opset)
    if opset < 11:  # Clip had its bounds as attributes then
        clip = next(node for node in model.graph.node if node.op_type == "Clip")
        clip.CopyFrom(helper.make_node("Clip", ["e"], ["f"], name="/block/ReLU6", min=0.0, max=6.0))
        pool = next(node for node in model.graph.node if node.op_type == "MaxPool")
        pool.CopyFrom(helper.make_node("MaxPool", ["b"], ["c"], name=pool.name, kernel_shape=[2, 2], strides=[2, 2]))
    assert converts(written(model, tmp_path))


def same_padded(operator: str, opset: int, channels: int, **style: object) -> onnx.ModelProto:
    """A network with one pooling that leaves its pads to the runtime."""
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]),
        node(operator, ["a"], ["b"], **style),
        node("Conv", ["b", "u"], ["c"], pads=[1, 1, 1, 1]),
        node("GlobalAveragePool", ["c"], ["d"]),
        node("Flatten", ["d"], ["e"]),
        node("Gemm", ["e", "v"], ["f"], transB=1),
        node("Softmax", ["f"], ["p"], axis=1),
    ]
    stored = weights(w=(channels, 3, 3, 3), u=(channels, channels, 3, 3), v=(3, channels))
    faces = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 12, 15])
    answer = helper.make_tensor_value_info("p", TensorProto.FLOAT, ["N", 3])
    graph = helper.make_graph(nodes, "main_graph", [faces], [answer], stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


POOLINGS = [
    ("AveragePool", 13, 16, {"kernel_shape": [1, 2], "strides": [3, 5]}, "SAME_UPPER"),
    ("AveragePool", 20, 4, {"kernel_shape": [1, 1], "strides": [4, 5]}, "SAME_LOWER"),
    ("AveragePool", 20, 4, {"kernel_shape": [3, 3], "dilations": [2, 2], "count_include_pad": 1}, "SAME_UPPER"),
    ("AveragePool", 20, 4, {"kernel_shape": [3, 2], "strides": [2, 2], "dilations": [2, 3]}, "SAME_LOWER"),
    ("LpPool", 13, 4, {"kernel_shape": [2, 1], "strides": [4, 3]}, "SAME_UPPER"),
    ("LpPool", 20, 4, {"kernel_shape": [1, 1], "strides": [5, 5]}, "SAME_LOWER"),
    ("MaxPool", 13, 16, {"kernel_shape": [2, 2], "strides": [4, 5]}, "SAME_UPPER"),
    ("MaxPool", 20, 4, {"kernel_shape": [3, 3], "strides": [2, 2], "dilations": [2, 2]}, "SAME_UPPER"),
]


@pytest.mark.parametrize(("operator", "opset", "channels", "style", "pads"), POOLINGS)
def test_pads_that_only_the_runtime_knows_are_those_of_the_file(
    operator: str, opset: int, channels: int, style: dict[str, object], pads: str, tmp_path: Path
):
    """The file itself is run by onnxruntime; converting compares heat with finite differences."""
    path = written(same_padded(operator, opset, channels, **style, auto_pad=pads), tmp_path)
    faces = np.random.default_rng(2).normal(size=(3, 3, 12, 15)).astype(np.float32)
    try:
        (theirs,) = answers(path, {"x": faces}).values()
    except Exception as refused:  # where channels are not kept in blocks, this kernel is another one
        pytest.skip(str(refused))
    assert converts(path, "--methods", "gradcam")
    np.testing.assert_allclose(answers(tmp_path / "ours.onnx", {"faces": faces})["probabilities"], theirs, atol=1e-6)


def test_a_file_that_does_not_run_by_itself_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    model = same_padded("AveragePool", 13, 5, kernel_shape=[1, 1], strides=[3, 3], auto_pad="SAME_UPPER")
    assert not converts(written(model, tmp_path))
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(r"theirs\.onnx: onnxruntime does not run the file as it is.*non-negative\): export it anew", line)


def test_softmax_at_the_end_is_taken_off_for_the_logits(tmp_path: Path):
    model = torch_like()
    model.graph.node[-1].output[0] = "scores"
    model.graph.node.append(helper.make_node("Softmax", ["scores"], ["output"], axis=1))
    assert converts(written(model, tmp_path))
    ours = answers(
        tmp_path / "ours.activations.onnx",
        {"faces": np.ones((2, 3, 24, 20), np.float32), "target": np.array([0, 1])},
    )
    raised = np.exp(ours["logits"])
    np.testing.assert_allclose(ours["probabilities"], raised / raised.sum(1, keepdims=True), atol=1e-6)
    assert np.abs(ours["logits"].sum(1) - 1).min() > 1e-3


def test_two_inputs_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    model = torch_like()
    model.graph.input.append(helper.make_tensor_value_info("age", TensorProto.FLOAT, [1, 1]))
    assert not converts(written(model, tmp_path))
    assert "input.1, age" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["version https://git-lfs.github.com/spec/v1\n", "<html>no model</html>", ""])
def test_files_that_are_no_models(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "damaged.onnx"
    path.write_text(text)
    assert not converts(path)
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "damaged.onnx" in error


def test_missing_external_weights(shared: Path, capsys: pytest.CaptureFixture[str]):
    path = shared / "damaged" / "adxstackdev_missing_external_data_emotion_model.onnx"
    assert run(["convert", str(path), *TOLD]) == 1
    assert capsys.readouterr().err.count("\n") == 1
