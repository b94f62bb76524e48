"""What is different while tf2onnx traces a Keras model, so that its graph is complete and its layers stay apart.

grouped convolutions    Keras wraps them in a function compiled by XLA, where tf2onnx cannot look: left unwrapped
equal nodes             tf2onnx merges two layers that do the same to the same tensor (NASNet has such); then they
                        would share one gradient: kept apart
Erfc, Expm1             exact GELU and CELU are made of them, and tf2onnx does not know them: 1 − Erf, Exp − 1
sparse products         two of the three ways in which Keras 2 computes LocallyConnected2D: whole products
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np
import onnx

from emoscope.errors import ConversionError

from .tensorflow import tensorflow

MERGING = "merge_duplication"


@contextmanager
def traceable() -> Iterator[None]:
    """Makes the differences while it is open."""
    from tf2onnx import optimizer

    kept = {name: made for name, made in optimizer._optimizers.items() if name != MERGING}
    unwrapped = mock.patch.object(tensorflow(), "function", _unwrapping(tensorflow().function))
    with unwrapped, mock.patch.object(optimizer, "_optimizers", kept):
        yield


def _unwrapping(function: Callable[..., Any]) -> Callable[..., Any]:
    def chosen(*args: Any, jit_compile: bool | None = None, **kwargs: Any) -> Any:
        return (lambda plain: plain) if jit_compile and not args else function(*args, **kwargs)

    return chosen


def _with_one(operator: str, one_first: bool) -> Callable[[Any, Any, str, Any], None]:
    """Writes 1 − operator(x), or operator(x) − 1."""

    def write(graph: Any, node: Any, name: str, _: Any) -> None:
        shapes, types, x = node.output_shapes, node.output_dtypes, node.input[0]
        graph.remove_node(node.name)
        parts = [graph.make_node(operator, [x]).output[0], graph.make_const(f"{name}/one", np.float32(1)).output[0]]
        parts = parts[::-1] if one_first else parts
        graph.make_node("Sub", parts, name=name, outputs=node.output, shapes=shapes, dtypes=types)

    return write


def _whole(graph: Any, node: Any, name: str, _: Any) -> None:
    """Writes the product of a matrix that is held whole, but known to be sparse."""
    shapes, types, parts = node.output_shapes, node.output_dtypes, list(node.input)
    turned = [node.get_attr_value(f"transpose_{which}", 0) for which in "ab"]
    graph.remove_node(node.name)
    parts = [graph.make_node("Transpose", [x]).output[0] if turn else x for x, turn in zip(parts, turned, strict=True)]
    graph.make_node("MatMul", parts, name=name, outputs=node.output, shapes=shapes, dtypes=types)


def _filled(graph: Any, node: Any, name: str, _: Any) -> None:
    """Writes the product of a matrix that is held as its numbers and where they stand, made whole, with another."""
    shapes, types = node.output_shapes, node.output_dtypes
    places, numbers, shape, other = node.input
    turned = [node.get_attr_value(f"adjoint_{which}", 0) for which in "ab"]
    graph.remove_node(node.name)
    zeros = graph.make_node("ConstantOfShape", [shape]).output[0]
    parts = [graph.make_node("ScatterND", [zeros, places, numbers]).output[0], other]
    parts = [graph.make_node("Transpose", [x]).output[0] if turn else x for x, turn in zip(parts, turned, strict=True)]
    graph.make_node("MatMul", parts, name=name, outputs=node.output, shapes=shapes, dtypes=types)


HANDLERS: dict[str, tuple[Callable[..., None], list[Any]]] = {
    "Erfc": (_with_one("Erf", one_first=True), []),
    "Expm1": (_with_one("Exp", one_first=False), []),
    "SparseMatMul": (_whole, []),
    "SparseTensorDenseMatMul": (_filled, []),
}
"""Operators of TensorFlow that tf2onnx does not know."""


def check_known(proto: onnx.ModelProto) -> None:
    """ConversionError where tf2onnx left an operator of TensorFlow's in the graph."""
    strange = next((node for node in proto.graph.node if not onnx.defs.has(node.op_type, node.domain)), None)
    if strange is not None:
        message = f"operator {strange.op_type} (node {strange.name!r}) of TensorFlow has no counterpart in ONNX"
        raise ConversionError(f"{message}: replace the layer that uses it")
