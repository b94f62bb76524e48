"""What a graph computes of its weights alone, as numbers: turned kernels, scales of batch normalisations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Array = NDArray[Any]


class Constants:
    """Values of a graph that depend on no input.

    Args:
        graph: may be light, see `held`.
        weights: its large weights.
    """

    def __init__(self, graph: onnx.GraphProto, weights: Mapping[str, Array]) -> None:
        self._known = {tensor.name: tensor for tensor in graph.initializer if tensor.name not in weights}
        self._weights = weights
        self._made_by = {node.output[0]: node for node in graph.node}
        inputs = {value.name for value in graph.input}
        self._given = {name for name in (*self._known, *weights) if name not in inputs}

    def value(self, name: str) -> Array | None:
        """A value; None where it depends on an input, or is made in a way that is not known here."""
        if name in self._given:
            return self._weights[name] if name in self._weights else numpy_helper.to_array(self._known[name])
        node = self._made_by.get(name)
        if node is None or node.op_type not in KINDS or "" in node.input:
            return None
        inputs = []
        for one in node.input:
            found = self.value(one)
            if found is None:
                return None
            inputs.append(found)
        return KINDS[node.op_type](inputs, node)

    def source(self, name: str) -> str:
        """The stored weight that a value is made of: what is read first of what is read first, and so on."""
        while name not in self._given and name in self._made_by and self._made_by[name].input:
            name = self._made_by[name].input[0]
        return name


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """A node's attributes by name."""
    return {one.name: helper.get_attribute_value(one) for one in node.attribute}


def _sliced(inputs: list[Array], _: onnx.NodeProto) -> Array:
    x, starts, ends, *rest = inputs
    axes = rest[0] if rest else np.arange(len(starts))
    steps = rest[1] if len(rest) > 1 else np.ones_like(starts)
    cells = [slice(None)] * x.ndim
    for axis, start, end, step in zip(*(one.tolist() for one in (axes, starts, ends, steps)), strict=True):
        cells[axis] = slice(start, None if step < 0 and end < -x.shape[axis] else end, step)
    return np.asarray(x[tuple(cells)])


def _shaped(inputs: list[Array], _: onnx.NodeProto) -> Array:
    x, shape = inputs
    return np.reshape(x, [x.shape[axis] if size == 0 else size for axis, size in enumerate(shape.tolist())])


def _turned(inputs: list[Array], node: onnx.NodeProto) -> Array:
    return np.transpose(inputs[0], attributes(node).get("perm"))


def _with(function: Callable[..., Array]) -> Callable[[list[Array], onnx.NodeProto], Array]:
    return lambda inputs, _: function(*inputs)


KINDS: dict[str, Callable[[list[Array], onnx.NodeProto], Array]] = {
    "Slice": _sliced,
    "Reshape": _shaped,
    "Transpose": _turned,
    "Identity": lambda inputs, _: inputs[0],
    "Add": _with(np.add),
    "Mul": _with(np.multiply),
    "Div": _with(np.divide),
    "Sqrt": _with(np.sqrt),
}
"""Operators that are computed here."""
