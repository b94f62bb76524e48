"""What other programs write in ways of their own: fixed batches, weights among the inputs, old resizings, endings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.convert.test_onnx_models import answers, converts, torch_like, written


def same_answers(theirs: onnx.ModelProto, folder: Path, batch: int = 1) -> None:
    """Converts a file and compares the logits of five faces with what the file itself says of each."""
    path = written(theirs, folder)
    assert converts(path)
    faces = np.random.default_rng(1).random((5, 3, 24, 20), dtype=np.float32)
    ours = answers(folder / "ours.activations.onnx", {"faces": faces, "target": np.full(5, -1)})["logits"]
    session = ort.InferenceSession(path)
    for face, logits in zip(faces, ours, strict=True):
        wanted = session.run(None, {"input.1": np.repeat(face[None], batch, 0)})[0][0]
        np.testing.assert_allclose(logits, wanted, rtol=1e-4, atol=1e-5)


def node_of(model: onnx.ModelProto, name: str) -> onnx.NodeProto:
    return next(node for node in model.graph.node if node.name == name)


def test_a_reshape_where_zero_means_zero(tmp_path: Path):
    """The words of PyTorch's newer exporter for a fixed batch."""
    model = torch_like(opset=18)
    node_of(model, "/Reshape").attribute.append(helper.make_attribute("allowzero", 1))
    same_answers(model, tmp_path)


def test_a_reshape_to_the_value_of_a_constant_node(tmp_path: Path):
    model = torch_like()
    flat = next(tensor for tensor in model.graph.initializer if tensor.name == "flat")
    model.graph.node.insert(0, helper.make_node("Constant", [], ["flat"], value=flat))
    model.graph.initializer.remove(flat)
    same_answers(model, tmp_path)


@pytest.mark.parametrize("opset", [9, 13])
def test_weights_among_the_inputs(opset: int, tmp_path: Path):
    model = torch_like(opset=opset)
    model.ir_version = 3
    simple_words(model)
    for tensor in model.graph.initializer:
        model.graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
    same_answers(model, tmp_path)


def simple_words(model: onnx.ModelProto) -> None:
    """Old opsets know no Clip with computed bounds and no pooling that rounds up."""
    node_of(model, "/block/ReLU6").CopyFrom(helper.make_node("Relu", ["e"], ["f"], name="/block/ReLU6"))
    node_of(model, "/pool/MaxPool").CopyFrom(
        helper.make_node("MaxPool", ["b"], ["c"], name="/pool/MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    )


@pytest.mark.parametrize("batch", [3, 8])
def test_a_batch_fixed_at_any_size(batch: int, tmp_path: Path):
    model = torch_like(batch=batch)
    flat = next(tensor for tensor in model.graph.initializer if tensor.name == "flat")
    flat.CopyFrom(numpy_helper.from_array(np.array([batch, 6]), "flat"))
    same_answers(model, tmp_path, batch)


def learning(batch: int | str) -> onnx.ModelProto:
    """A normalisation without statistics of its own, as track_running_stats=False and exports in training leave it."""
    model = torch_like(opset=16, batch=batch)
    node = node_of(model, "/block/Norm")
    node.attribute.append(helper.make_attribute("training_mode", 1))
    node.output.extend(["means", "variances"])
    return model


def test_means_of_a_batch_of_one_are_those_of_each_face(tmp_path: Path):
    same_answers(learning(1), tmp_path)


def test_a_face_whose_answer_depends_on_those_beside_it_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert not converts(written(learning("N"), tmp_path))
    assert "the faces beside it; export it after model.eval(), and with track_running_stats" in capsys.readouterr().err


def test_a_strided_view_of_a_batch_of_one(tmp_path: Path):
    """Places among all numbers of the batch, as PyTorch's newer exporter writes `as_strided`."""
    model = torch_like(batch=1)
    reshape = node_of(model, "/Reshape")
    view = helper.make_node("Gather", ["numbers", "places"], [reshape.output[0]], name="node_as_strided")
    model.graph.node.insert(list(model.graph.node).index(reshape) + 1, view)
    reshape.output[0], reshape.input[1] = "numbers", "all"
    stored = {"all": np.array([-1]), "places": np.arange(6)[None]}
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in stored.items())
    same_answers(model, tmp_path, 1)


@pytest.mark.parametrize("ending", ["Sigmoid", "LogSoftmax"])
def test_endings(ending: str, tmp_path: Path):
    model = torch_like()
    model.graph.node[-1].output[0] = "scores"
    model.graph.node.append(helper.make_node(ending, ["scores"], ["output"]))
    path = written(model, tmp_path)
    assert converts(path)
    face = np.random.default_rng(1).random((1, 3, 24, 20), dtype=np.float32)
    theirs = answers(path, {"input.1": face})["output"]
    ours = answers(tmp_path / "ours.onnx", {"faces": face})["probabilities"]
    np.testing.assert_allclose(ours, theirs if ending == "Sigmoid" else np.exp(theirs), atol=1e-5)


def between(model: onnx.ModelProto, *nodes: onnx.NodeProto) -> onnx.ModelProto:
    """Puts nodes that make `cc` of `c` before the second convolution."""
    place = next(i for i, node in enumerate(model.graph.node) if node.name == "/block/Conv")
    for node in reversed(nodes):
        model.graph.node.insert(place, node)
    node_of(model, "/block/Conv").input[0] = "cc"
    return model


@pytest.mark.parametrize("mode", ["linear", "nearest"])
@pytest.mark.parametrize(("operator", "opset"), [("Upsample", 9), ("Resize", 10)])
def test_old_resizings(operator: str, opset: int, mode: str, tmp_path: Path):
    """They measured from the corner, and said so nowhere."""
    model = torch_like(opset=opset)
    simple_words(model)
    scales = helper.make_node("Constant", [], ["scales"], value=numpy_helper.from_array(np.float32([1, 1, 2.5, 2])))
    between(model, scales, helper.make_node(operator, ["c", "scales"], ["cc"], name="/up", mode=mode))
    back = helper.make_node("MaxPool", ["e"], ["ee"], kernel_shape=[5, 2], strides=[5, 2], name="/down")
    norm = next(i for i, node in enumerate(model.graph.node) if node.name == "/block/Norm")
    model.graph.node.insert(norm + 1, back)
    node_of(model, "/block/ReLU6").input[0] = "ee"
    node_of(model, "/block/Add").CopyFrom(helper.make_node("Relu", ["f"], ["logits"], name="/block/Add"))
    same_answers(model, tmp_path)


def choice(condition: str) -> onnx.NodeProto:
    """Relu where a condition holds, else the negative, in graphs within the graph."""
    branches = {
        f"{name}_branch": helper.make_graph(
            [helper.make_node("Identity", ["c"], ["same"]), helper.make_node(operator, ["same"], [name])],
            name,
            [],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)],
        )
        for name, operator in (("then", "Relu"), ("else", "Neg"))
    }
    return helper.make_node("If", [condition], ["cc"], name="/choice/If", **branches)


@pytest.mark.parametrize("channels", [4, 6])
def test_a_choice_that_shapes_decide_is_made_once(channels: int, tmp_path: Path):
    """As PyTorch writes its local response normalisation: an axis is squeezed if it has one cell."""
    shape = helper.make_node("Shape", ["c"], ["shape"])
    width = helper.make_node("Gather", ["shape", "one"], ["width"])
    equal = helper.make_node("Equal", ["width", "wanted"], ["holds"])
    model = between(torch_like(opset=17), shape, width, equal, choice("holds"))
    weights = {"one": np.int64(1), "wanted": np.int64(channels)}
    model.graph.initializer.extend(numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items())
    same_answers(model, tmp_path)
    assert "If" not in {node.op_type for node in onnx.load(tmp_path / "ours.activations.onnx").graph.node}


def test_a_graph_within_the_graph_has_no_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    sum_ = helper.make_node("ReduceSum", ["c"], ["sum"], keepdims=0)
    above = helper.make_node("Greater", ["sum", "zero"], ["above"])
    model = between(torch_like(opset=17), sum_, above, choice("above"))
    model.graph.initializer.append(numpy_helper.from_array(np.float32(0), "zero"))
    path = written(model, tmp_path)
    assert not converts(path)
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "If" in error and "/choice/If" in error
    left = error.split("--layers ")[1].strip()
    assert left == "block.Conv,block.ReLU6,block.Add,act.Mul"
    assert converts(path, "--layers", left)


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.DOUBLE])
def test_other_precisions_become_float32(kind: int, tmp_path: Path):
    down = helper.make_node("Cast", ["c"], ["narrow"], name="/other/Cast", to=kind)
    root = helper.make_node("Mul", ["narrow", "narrow"], ["square"])
    up = helper.make_node("Cast", ["square"], ["cc"], to=TensorProto.FLOAT)
    path = written(between(torch_like(opset=17), down, root, up), tmp_path)
    assert converts(path)
    face = np.random.default_rng(1).random((1, 3, 24, 20), dtype=np.float32)
    ours = answers(tmp_path / "ours.activations.onnx", {"faces": face, "target": np.array([-1])})["logits"]
    np.testing.assert_allclose(ours, answers(path, {"input.1": face})["output"], rtol=1e-2)
    assert "DOUBLE" not in onnx.printer.to_text(onnx.load(tmp_path / "ours.onnx"))


def test_whole_numbers_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    quantise = helper.make_node("QuantizeLinear", ["c", "step"], ["whole"], name="/quantise")
    back = helper.make_node("DequantizeLinear", ["whole", "step"], ["cc"])
    model = between(torch_like(opset=17), quantise, back)
    model.graph.initializer.append(numpy_helper.from_array(np.float32(0.1), "step"))
    assert not converts(written(model, tmp_path))
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "/quantise" in error and "before quantising" in error


def test_names_that_other_exporters_gave_already(tmp_path: Path):
    """PyTorch's newer exporter calls the sizes of a reshape `view/shape` too."""
    model = torch_like()
    node = node_of(model, "/Reshape")
    shape = next(tensor for tensor in model.graph.initializer if tensor.name == node.input[1])
    shape.name = node.input[1] = f"{node.output[0]}/shape"
    same_answers(model, tmp_path)


def test_a_token_that_is_joined_to_every_face(tmp_path: Path):
    """A weight of one row stands for the class token where the batch was fixed at one."""
    nodes = [
        helper.make_node("Reshape", ["j", "flat"], ["row"], name="/Reshape"),
        helper.make_node("Unsqueeze", ["row", "one"], ["rows"]),
        helper.make_node("Concat", ["token", "rows"], ["both"], axis=1),
        helper.make_node("ReduceSum", ["both", "one"], ["k"], keepdims=0),
    ]
    model = torch_like(opset=17)
    place = list(model.graph.node).index(node_of(model, "/Reshape"))
    del model.graph.node[place]
    for node in reversed(nodes):
        model.graph.node.insert(place, node)
    token = np.random.default_rng(3).normal(size=(1, 1, 6)).astype(np.float32)
    stored = {"one": np.array([1]), "token": token}
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in stored.items())
    same_answers(model, tmp_path)


def test_a_softmax_that_is_written_out(tmp_path: Path):
    model = torch_like(opset=17)
    model.graph.node[-1].output[0] = "scores"
    nodes = [
        helper.make_node("ReduceMax", ["scores"], ["largest"], axes=[1]),
        helper.make_node("Sub", ["scores", "largest"], ["centred"]),
        helper.make_node("Exp", ["centred"], ["raised"]),
        helper.make_node("ReduceSum", ["raised", "along"], ["total"]),
        helper.make_node("Div", ["raised", "total"], ["output"]),
    ]
    model.graph.node.extend(nodes)
    model.graph.initializer.append(numpy_helper.from_array(np.array([1]), "along"))
    path = written(model, tmp_path)
    assert converts(path)
    face = np.random.default_rng(1).random((1, 3, 24, 20), dtype=np.float32)
    ours = answers(tmp_path / "ours.onnx", {"faces": face})["probabilities"]
    np.testing.assert_allclose(ours, answers(path, {"input.1": face})["output"], atol=1e-5)


def test_an_operator_that_the_standard_spells_out(tmp_path: Path):
    model = torch_like(opset=23)
    between(model, helper.make_node("RMSNormalization", ["c", "gain"], ["cc"], name="/rms", axis=1))
    model.graph.initializer.append(numpy_helper.from_array(np.ones((6, 6, 5), np.float32), "gain"))
    same_answers(model, tmp_path)


def test_a_network_without_maps_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    nodes = [helper.make_node("Flatten", ["x"], ["flat"]), helper.make_node("MatMul", ["flat", "w"], ["y"])]
    sizes = {"x": [1, 3, 4, 4], "y": [1, 3]}
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in sizes.items())
    graph = helper.make_graph(nodes, "net", [x], [y], [numpy_helper.from_array(np.ones((48, 3), np.float32), "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    assert not converts(written(model, tmp_path))
    assert "nothing to explain" in capsys.readouterr().err
