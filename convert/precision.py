"""A graph that computes in float16 or float64, or parts of it, said in float32; a quantised one is refused.

The rules, the runtime's fastest kernels and the picture itself are float32. The widened or narrowed graph is what the
converted one is compared with.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from emoscope.errors import ConversionError

OTHERS = {int(TensorProto.FLOAT16), int(TensorProto.BFLOAT16), int(TensorProto.DOUBLE)}
TYPED = {"to", "dtype"}
"""Attributes that name a type."""
QUANTISED = ("Quantize", "Integer", "QLinear")


def check_unquantised(model: onnx.ModelProto) -> None:
    """ConversionError where a graph computes in whole numbers, whose slope is zero or nothing."""
    strange = (node for node in model.graph.node if any(word in node.op_type for word in QUANTISED))
    node = next((node for node in strange if node.op_type != "DequantizeLinear"), None)
    if node is not None:
        where = f"operator {node.op_type} (node {node.name or node.output[0]!r})"
        told = "a network that computes in whole numbers has no gradients: export it before quantising"
        raise ConversionError(f"{where} is quantised; {told}")


def in_float32(model: onnx.ModelProto) -> bool:
    """Makes every number of a graph float32, in place; whether there were others."""
    changed = False
    for graph in _graphs(model.graph):
        for tensor in _tensors(graph):
            if tensor.data_type in OTHERS:
                values = numpy_helper.to_array(tensor).astype(np.float32)
                tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
                changed = True
        for value in (*graph.input, *graph.output, *graph.value_info):
            if value.type.tensor_type.elem_type in OTHERS:
                value.type.tensor_type.elem_type = TensorProto.FLOAT
                changed = True
        for item in (item for node in graph.node for item in node.attribute):
            if item.name in TYPED and item.i in OTHERS:
                item.i = TensorProto.FLOAT
                changed = True
    return changed


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    yield graph
    for item in (item for node in graph.node for item in node.attribute):
        if item.HasField("g"):
            yield from _graphs(item.g)


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    yield from (item.t for node in graph.node for item in node.attribute if item.HasField("t"))
