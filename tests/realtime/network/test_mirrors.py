"""Mirrored borders that are looked up: the very numbers that padding gives, also where several sides differ."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import parser

from emoscope.network.bundle import open_bundle
from emoscope.network.mirrors import looked_up

PROVIDERS = ["CPUExecutionProvider"]


def padded(pads: str, shape: str = "N, 16, 5, 7", mode: str = "reflect") -> onnx.ModelProto:
    """A network that pads a map."""
    return parser.parse_model(f"""
        <ir_version: 8, opset_import: ["" : 18]>
        pad (float[{shape}] map) => (float[a, b, c, d] out)
        <int64[8] pads = {{{pads}}}>
        {{ out = Pad <mode: string = "{mode}"> (map, pads) }}
    """)


def run(model: onnx.ModelProto, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=PROVIDERS).run(None, feeds)


def kinds(model: onnx.ModelProto) -> set[str]:
    return {node.op_type for node in model.graph.node}


@pytest.mark.parametrize("pads", ["0,0,1,1,0,0,1,1", "0,0,2,0,0,0,1,3", "0,0,0,0,0,0,0,1"])
def test_each_cell_is_the_one_that_padding_shows(pads):
    model, maps = padded(pads), np.random.default_rng(0).random((3, 16, 5, 7), np.float32)
    other = looked_up(model)
    assert "Pad" not in kinds(other)
    np.testing.assert_array_equal(run(other, {"map": maps})[0], run(model, {"map": maps})[0])


@pytest.mark.parametrize(
    "model",
    [
        padded("0,0,1,1,0,0,1,1", mode="edge"),
        padded("0,0,1,1,0,0,1,1", "N, 16, h, 7"),
        padded("0,0,1,1,0,0,1,1", "N, 1, 5, 7"),
        padded("0,1,1,0,0,1,1,0"),
        padded("0,0,-1,1,0,0,1,1"),
    ],
)
def test_what_cannot_be_told_or_does_not_pay_stays(model):
    assert kinds(looked_up(model)) == {"Pad"}


def test_a_shipped_network_says_the_very_same():
    model = open_bundle("ferplus").classifier
    faces = np.random.default_rng(1).random((3, 48, 48, 1), np.float32)
    other = looked_up(model)
    assert sum(node.op_type == "Pad" for node in other.graph.node) < sum(
        node.op_type == "Pad" for node in model.graph.node
    )
    for answer, expected in zip(run(other, {"faces": faces}), run(model, {"faces": faces}), strict=True):
        np.testing.assert_array_equal(answer, expected)
