"""Appends operators to an ONNX graph: `b.Mul(x, y)` adds one node and returns the name of its result.

Every capitalised attribute is an operator. Strings name tensors; anything else becomes a constant (floats as float32,
whole numbers as int64), so a rule reads like its formula:

    b.Mul(g, b.Sub(1.0, b.Mul(y, y)))           # tanh: g (1 − y²)

The same operator on the same inputs is added once, so rules may repeat themselves without cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import onnx
from onnx import helper, numpy_helper

Shape: TypeAlias = tuple[int | None, ...]
Operand: TypeAlias = Any  # a tensor's name, None for an absent input, or a number or array that becomes a constant


class Builder:
    """Collects new nodes and constants beside an existing graph.

    Args:
        shapes: shape of every tensor of the existing graph; None stands for a size that grows with the batch.
        prefix: begins the names of all new tensors, so that none clashes with the graph's own.
    """

    def __init__(self, shapes: Mapping[str, Shape], prefix: str = "explain") -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._shapes = shapes
        self._prefix = prefix
        self._known: dict[Any, str] = {}

    def shape(self, tensor: str) -> Shape:
        """Shape of a tensor of the existing graph."""
        return self._shapes[tensor]

    def rank(self, tensor: str) -> int:
        """Number of axes of a tensor of the existing graph."""
        return len(self.shape(tensor))

    def __getattr__(self, operator: str) -> Callable[..., str]:
        if not operator[:1].isupper():
            raise AttributeError(operator)
        return lambda *inputs, **attributes: self.add(operator, *inputs, **attributes)[0]

    def add(self, operator: str, *inputs: Operand, outputs: int = 1, **attributes: Any) -> tuple[str, ...]:
        """Adds one node, or finds the same one, and returns the names of its outputs.

        Args:
            operator: of the standard, such as "MatMul".
            inputs: names of tensors, or numbers and arrays, which become weights.
            outputs: how many it has.
            attributes: of the node.
        """
        names = [self._name(operand) for operand in inputs]
        key = (operator, *names, repr(sorted(attributes.items())))
        if key not in self._known:
            self._known[key] = self._append(operator, names, outputs, attributes)
        first = self._known[key]
        return (first, *(f"{first}.{index}" for index in range(1, outputs)))

    def constant(self, value: Any) -> str:
        """Name of an initializer of this value; equal values share one."""
        array = np.asarray(value)
        array = array.astype(_CONSTANT_TYPES.get(array.dtype.kind, array.dtype))
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._known:
            self._known[key] = f"{self._prefix}/constant_{len(self.constants)}"
            self.constants.append(numpy_helper.from_array(array, self._known[key]))
        return self._known[key]

    def _append(self, operator: str, names: list[str], outputs: int, attributes: Mapping[str, Any]) -> str:
        first = f"{self._prefix}/{operator}_{len(self.nodes)}"
        results = [first, *(f"{first}.{index}" for index in range(1, outputs))]
        self.nodes.append(helper.make_node(operator, names, results, name=first, **attributes))
        return first

    def _name(self, operand: Operand) -> str:
        if operand is None:
            return ""
        return operand if isinstance(operand, str) else self.constant(operand)


_CONSTANT_TYPES = {"f": np.float32, "i": np.int64}
