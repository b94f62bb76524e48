"""What other programs write in ways of their own: fixed batches, weights among the inputs, old resizings, endings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import helper

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
