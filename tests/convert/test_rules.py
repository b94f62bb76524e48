"""Every derivative rule against finite differences, along random directions, away from kinks."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, parser

from emoscope.convert.autodiff import Builder, Graph, gradients
from emoscope.convert.autodiff.table import RULES, is_constant
from emoscope.convert.observe import observed_shapes, session
from emoscope.errors import MissingRuleError

OPSET = 20
STEP = 4e-3
BATCH = 2


class Case(NamedTuple):
    """One line of the table of cases."""

    shape: tuple[int, ...]
    bounds: tuple[float, float]
    text: str


def read_case(line: str) -> Case:
    shape, bounds, text = (part.strip() for part in line.split("|"))
    low, high = map(float, bounds.split(","))
    return Case(tuple(map(int, shape.split(","))), (low, high), text)


TABLE = (Path(__file__).parent / "rule_cases.txt").read_text("utf-8")
CASES = [read_case(line) for line in TABLE.splitlines() if line and not line.startswith("#")]


def model_of(case: Case) -> onnx.ModelProto:
    """The case as a model from `x` to `y`, with its literals as weights."""
    weights: list[onnx.TensorProto] = []
    text = re.sub(r"\b([WFSIN])\[([-\d., ]*)\]", partial(_literal, weights), case.text)
    sizes = ",".join(map(str, case.shape))
    model = parser.parse_model(
        f'<ir_version: 9, opset_import: ["" : {OPSET}]> case (float[N,{sizes}] x) => (float[] y) {{ {text} }}'
    )
    model.graph.initializer.extend(weights)
    del model.graph.output[0].type.tensor_type.shape.dim[:]
    model.graph.output[0].type.tensor_type.ClearField("shape")
    return model


def _literal(weights: list[onnx.TensorProto], match: re.Match[str]) -> str:
    kind, numbers = match[1], [float(number) for number in match[2].split(",") if number]
    if kind == "W":
        shape = [int(number) for number in numbers]
        value = np.random.default_rng(len(weights)).uniform(0.2, 1, shape).astype(np.float32)
    else:
        value = np.array(numbers if kind in "FI" else numbers[0], np.int64 if kind in "IN" else np.float32)
    weights.append(onnx.numpy_helper.from_array(value, f"weight{len(weights)}"))
    return weights[-1].name


def with_gradient(model: onnx.ModelProto, face_shape: tuple[int, ...]) -> onnx.ModelProto:
    """The model with a further input `seed` and a further output, the gradient of Σ seed · y with respect to x."""
    graph = Graph(model, observed_shapes(model, face_shape))
    b = Builder(graph.shapes)
    found = gradients(b, graph, "y", "seed", ["x"])
    model.graph.node.extend([*b.nodes, helper.make_node("Identity", [found["x"]], ["gradient"])])
    model.graph.initializer.extend(b.constants)
    model.graph.input.append(helper.make_tensor_value_info("seed", TensorProto.FLOAT, None))
    model.graph.output.append(helper.make_tensor_value_info("gradient", TensorProto.FLOAT, None))
    return model


def spaced(case: Case, rng: np.random.Generator) -> np.ndarray:
    """Values in the case's range, none nearer to another, or to a multiple of 0.1, than the steps taken."""
    shape = (BATCH, *case.shape)
    number = int(np.prod(shape))
    grid = np.linspace(*case.bounds, 4 * number + 3)[1::4][:number]
    away = np.where(np.abs(grid * 10 - np.round(grid * 10)) < 0.1, grid + 0.02, grid)
    return rng.permutation(away).reshape(shape).astype(np.float32)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text)
def test_rule_agrees_with_finite_differences(case: Case):
    rng = np.random.default_rng(7)
    forward = session(model_of(case))
    x = spaced(case, rng)
    y = forward.run(None, {"x": x})[0]
    seed = rng.normal(size=y.shape).astype(np.float32)
    backward = session(with_gradient(model_of(case), case.shape))
    gradient = backward.run(["gradient"], {"x": x, "seed": seed})[0]
    assert gradient.shape == x.shape
    for _ in range(3):
        direction = rng.choice([-1.0, 1.0], x.shape).astype(np.float32)
        ahead, behind = (forward.run(None, {"x": x + sign * STEP * direction})[0] for sign in (1, -1))
        expected = ((ahead.astype(np.float64) - behind) * seed).sum() / (2 * STEP)
        tolerance = 2e-3 * float(np.linalg.norm(gradient)) + 1e-4
        assert np.vdot(gradient, direction) == pytest.approx(expected, abs=tolerance)


REFUSED = [
    "2,6,5 | -2,2 | a, y = LayerNormalization<axis=-1>(x, W[5], W[5])",
    "2,6,5 | -2,2 | y, m, v = BatchNormalization<training_mode=1>(x, W[2], W[2], W[2], W[2])",
    '2,6,5 | -2,2 | y = Resize<axes=[2,3], keep_aspect_ratio_policy="not_larger">(x, , , I[12,20])',
    '2,6,5 | -2,2 | y = Resize<mode="linear", coordinate_transformation_mode="tf_crop_and_resize">'
    "(x, F[0,0,0.1,0.1,1,1,0.9,0.9], F[1,1,2,2])",
    "2,6,5 | -2,2 | y = ReduceMax<noop_with_empty_axes=1>(x)",
    "5     | -2,2 | low = ReduceMean<keepdims=0>(x) y = Clip(x, low)",
    '2,6,5 | -2,2 | y = MaxPool<kernel_shape=[2,2], dilations=[2,2], auto_pad="SAME_UPPER">(x)',
    "2,6,5 | -2,2 | y = Concat<axis=0>(x, x)",
    "2,6,5 | -2,2 | y = Slice(x, I[-1], I[-9], I[0], I[-1])",
    "2,6,5 | -2,2 | y = Gather<axis=0>(x, I[1,0])",
]


@pytest.mark.parametrize("line", REFUSED)
def test_kinds_of_operators_without_a_rule_are_refused(line: str):
    """Never silently a wrong gradient: the operator, the node and what is unusual about it are named."""
    case = read_case(line)
    model = model_of(case)
    operator = model.graph.node[-1]
    with pytest.raises(MissingRuleError, match=f"operator {operator.op_type} .node '[ay]'. has no derivative rule"):
        with_gradient(model, case.shape)


def test_every_rule_has_a_case():
    used = {node.op_type for case in CASES for node in model_of(case).graph.node}
    constant = {name for name in RULES if is_constant(helper.make_node(name, ["x"], ["y"])) and name != "Cast"}
    assert set(RULES) - constant - used == set()
