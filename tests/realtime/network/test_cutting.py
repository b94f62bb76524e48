"""Parts of a graph: they compute what is wanted, read what that needs, and hold nothing else."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import parser

from emoscope.network.bundle import open_bundle
from emoscope.network.cutting import Cut, Pieces

MODEL = """
    <ir_version: 8, opset_import: ["" : 18, "own" : 1]>
    three (float[N] x, float[N] y, float[1] spare, bool[1] turn) => (float[N] sum, float[N] twice, float[N] chosen)
    <float[1] one = {1.0}, float[1] two = {2.0}, float[1] spare = {3.0}>
    {
        more = Add (x, one)
        sum = Add (more, y)
        lots = Mul (x, two)
        twice = Add (lots, spare)
        chosen = If (turn) <
            then_branch = first () => (float[N] a) { a = own.Half (more) },
            else_branch = second () => (float[N] b) { b = Identity (lots) }
        >
    }
    <domain: "own", opset_import: ["" : 18]>
    Half (a) => (b) { c = Add (a, a)  d = Add (c, c)  b = Div (a, d) }
"""


@pytest.fixture
def pieces() -> Pieces:
    return Pieces(parser.parse_model(MODEL))


def opened(part: Cut) -> onnx.ModelProto:
    model = onnx.ModelProto.FromString(part.model)
    onnx.checker.check_model(model)
    return model


def test_a_part_holds_what_its_outputs_need_and_no_more(pieces: Pieces):
    graph = opened(pieces.cut(["sum"])).graph
    assert [node.output[0] for node in graph.node] == ["more", "sum"]
    assert [value.name for value in graph.input] == ["x", "y"]
    assert [tensor.name for tensor in graph.initializer] == ["one"]
    assert pieces.cut(["sum"]).read == {"one"}


def test_a_default_stays_with_its_input_where_it_is_read(pieces: Pieces):
    part = pieces.cut(["twice"])
    assert [value.name for value in opened(part).graph.input] == ["x", "spare"]
    assert part.read == {"two", "spare"}


def test_outputs_come_in_the_order_in_which_they_are_wanted(pieces: Pieces):
    part = pieces.cut(["twice", "sum"])
    session = onnxruntime.InferenceSession(part.model, providers=["CPUExecutionProvider"])
    twice, sums = session.run(None, {"x": np.float32([1, 2]), "y": np.float32([10, 20])})
    assert twice.tolist() == [5, 7]
    assert sums.tolist() == [12, 23]


def test_what_is_read_within_a_branch_is_there(pieces: Pieces):
    part = pieces.cut(["chosen"])
    assert [node.op_type for node in opened(part).graph.node] == ["Add", "Mul", "If"]
    session = onnxruntime.InferenceSession(part.model, providers=["CPUExecutionProvider"])
    (chosen,) = session.run(None, {"x": np.float32([1, 2]), "turn": np.array([False])})
    assert chosen.tolist() == [2, 4]
    (chosen,) = session.run(None, {"x": np.float32([1, 2]), "turn": np.array([True])})
    assert chosen.tolist() == [0.25, 0.25]


@pytest.mark.parametrize("name", ["ferplus", "gmp"])
def test_a_part_of_a_shipped_network_is_what_onnx_cuts(name: str):
    model = open_bundle(name).activations
    outputs = [output.name for output in model.graph.output][:3]
    part = opened(Pieces(model).cut(outputs)).graph
    expected = onnx.utils.Extractor(model).extract_model(["faces", "target"], outputs).graph
    assert list(part.node) == list(expected.node)
    assert [tensor.name for tensor in part.initializer] == [tensor.name for tensor in expected.initializer]
    assert list(part.output) == list(expected.output)
