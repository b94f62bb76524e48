"""Finite differences refuse a wrong gradient, and say so where they cannot judge a right one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from emoscope.convert.autodiff.table import RULES
from tests.convert.test_onnx_models import converts, torch_like, written

WRONG: dict[str, Callable[[Any, str], str]] = {
    "a little large": lambda b, g: b.Mul(g, 1.05),
    "negative": lambda b, g: b.Neg(g),
    "half missing": lambda b, g: b.Relu(g),
    "not a number": lambda b, g: b.Div(b.Sub(g, g), 0.0),
}


@pytest.mark.parametrize("way", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("operator", ["MaxPool", "BatchNormalization", "Gemm"])
def test_wrong_rules_are_refused(
    operator: str, way: Callable[[Any, str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    right: Any = RULES[operator].makers[0]
    makers = (lambda b, *inputs: way(b, right(b, *inputs)), *RULES[operator].makers[1:])
    monkeypatch.setitem(RULES, operator, replace(RULES[operator], makers=makers))
    assert not converts(written(torch_like(), tmp_path))


def with_head(weight: float, bias: float) -> onnx.ModelProto:
    """The small network with its last matrix made smaller, and a bias that its logits drown in."""
    model = torch_like()
    for tensor in model.graph.initializer:
        if tensor.name in ("fc.w", "fc.b"):
            value = numpy_helper.to_array(tensor) * weight + (bias if tensor.name == "fc.b" else 0)
            tensor.CopyFrom(numpy_helper.from_array(value.astype(np.float32), tensor.name))
    return model


@pytest.mark.parametrize(("weight", "bias"), [(0, 0), (0, 1), (1e-6, 100)])
def test_networks_that_hardly_answer_are_converted(
    weight: float, bias: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert converts(written(with_head(weight, bias), tmp_path))
    assert ("cannot be judged" in capsys.readouterr().out) == (weight > 0)


def test_maps_that_must_not_be_negative_stay_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A generalised mean takes a root, which has no value below zero."""
    model = torch_like(opset=17)
    place = next(i for i, node in enumerate(model.graph.node) if node.name == "/block/Conv")
    model.graph.node.insert(place, helper.make_node("Pow", ["c", "third"], ["root"], name="/root/Pow"))
    model.graph.node[place + 1].input[0] = "root"
    model.graph.initializer.append(numpy_helper.from_array(np.float32(1 / 3), "third"))
    bias = next(tensor for tensor in model.graph.initializer if tensor.name == "stem.b")
    bias.CopyFrom(numpy_helper.from_array(np.full(6, 5, np.float32), "stem.b"))
    assert converts(written(model, tmp_path))
    assert "cannot be judged" not in capsys.readouterr().out
