"""Winograd's convolutions say what ONNX's own say, both ways, and are written only where they gain."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import parser

from emoscope.types import Floats
from emoscope.web.site.winograd import multiply_less


def model_of(node: str, shape: tuple[int, int, int], channels: tuple[int, int]) -> onnx.ModelProto:
    """One convolution of `shape` (channels, edge, kernel) with random weights of these channels, out and in."""
    depth, edge, kernel = shape
    text = f"""<ir_version: 9, opset_import: ["" : 18]>
        g (float[N, {depth}, {edge}, {edge}] x) => (float[N, k, s, s] y) {{ {node} }}"""
    model, random = parser.parse_model(text.replace("\n", " ")), np.random.default_rng(0)
    for name, size in (("w", (*channels, kernel, kernel)), ("b", channels[:1])):
        array = random.normal(size=size).astype(np.float32)
        model.graph.initializer.append(onnx.numpy_helper.from_array(array, name))
    return model


def answer(model: onnx.ModelProto, fed: Floats) -> Floats:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(
        None, {"x": fed}
    )[0]


def kinds(model: onnx.ModelProto) -> set[str]:
    return {node.op_type for node in model.graph.node}


@pytest.mark.parametrize("size", [2, 3, 4, 6, 9, 12])
@pytest.mark.parametrize("pad", [0, 1])
@pytest.mark.parametrize("kind", ["Conv", "ConvTranspose"])
def test_either_way_says_the_same(kind: str, pad: int, size: int):
    forth = kind == "Conv"
    depth, edge, bias = (32, size + 2 - 2 * pad, ", b") if forth else (40, size, "")
    model = model_of(f"y = {kind}<pads = [{pad}, {pad}, {pad}, {pad}]>(x, w{bias})", (depth, edge, 3), (40, 32))
    fed = np.random.default_rng(1).normal(size=(3, depth, edge, edge)).astype(np.float32)
    wanted = answer(model, fed)
    multiply_less(model, ["y"])
    assert kind not in kinds(model)
    onnx.checker.check_model(model)
    assert np.abs(answer(model, fed) - wanted).max() < 1e-4 * np.abs(wanted).max()


@pytest.mark.parametrize(
    ("node", "shape", "channels"),
    [
        ("y = Conv<strides = [2, 2]>(x, w, b)", (32, 14, 3), (32, 32)),
        ("y = Conv<dilations = [2, 2]>(x, w, b)", (32, 16, 3), (32, 32)),
        ("y = Conv<group = 2>(x, w, b)", (64, 14, 3), (32, 32)),
        ("y = Conv<pads = [0, 0, 1, 1]>(x, w, b)", (32, 13, 3), (32, 32)),
        ("y = Conv<auto_pad = 'SAME_UPPER'>(x, w, b)", (32, 12, 3), (32, 32)),
        ("y = Conv(x, w, b)", (32, 12, 5), (32, 32)),
        ("y = Conv(x, w, b)", (16, 14, 3), (32, 16)),
        ("y = Conv(x, w, b)", (32, 26, 3), (32, 32)),
        ("y = Conv(x, w, b)", (32, 9, 3), (32, 32)),
    ],
)
def test_others_are_left_alone(node: str, shape: tuple[int, int, int], channels: tuple[int, int]):
    model = model_of(node.replace("'", '"'), shape, channels)
    before = model.SerializeToString()
    multiply_less(model, ["y"])
    assert model.SerializeToString() == before


def test_what_is_not_asked_for_is_left_alone():
    model = model_of("y = Conv(x, w, b) z = Relu(y)", (32, 14, 3), (32, 32))
    multiply_less(model, ["another"])
    assert "Conv" in kinds(model)
    multiply_less(model, ["z"])
    assert "Conv" not in kinds(model)
