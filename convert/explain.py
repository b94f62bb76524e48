"""The activation graph: the forward graph, what explains it, and a named output for each.

faces ─ … ─ layer ─ … ─ logits ─ probabilities
              │             │
target ─ seed ┼─ gradient ──┘      seed: 1 at the target class, 0 elsewhere
              └─ cam/METHOD/LAYER, activation/LAYER
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import NamedTuple

import onnx
from onnx import TensorProto, helper

from convert.autodiff import Builder, Graph, Shape, Sums, gradients
from convert.cam import METHODS, Maps, normalised
from convert.forward import LOGITS, PROBABILITIES, TARGET, Forward, Layer
from convert.passes import keep_outputs


class Output(NamedTuple):
    """A tensor that gets a name of its own, and its shape without the batch."""

    tensor: str
    shape: Shape


def activation_graph(forward: Forward, graph: Graph, methods: Iterable[str]) -> onnx.ModelProto:
    """The forward graph with `logits`, `activation/LAYER` and `cam/METHOD/LAYER` as further outputs."""
    b = Builder(graph.shapes)
    found = gradients(b, graph, forward.logits, seed(b, forward.logits), [layer.tensor for layer in forward.layers])
    outputs = {LOGITS: Output(forward.logits, graph.shapes[forward.logits][1:])}
    for layer in forward.layers:
        size = layer.size(graph.shapes[layer.tensor])
        maps = _maps(b, graph, found, layer)
        outputs[f"activation/{layer.name}"] = Output(channels_last(b, layer), size)
        for method in methods:
            outputs[f"cam/{method}/{layer.name}"] = Output(normalised(b, METHODS[method](maps)), size[:2])
    return _assembled(forward.model, b, outputs)


def _maps(b: Builder, graph: Graph, found: Mapping[str, str], layer: Layer) -> Maps:
    space = tuple(axis for axis in (1, 2, 3) if axis != layer.channel_axis)
    summed = partial(Sums(b, graph, found, space), layer.tensor)
    size = layer.size(graph.shapes[layer.tensor])
    return Maps(b, layer.tensor, found[layer.tensor], summed, size, layer.channel_axis)


def seed(b: Builder, logits: str) -> str:
    """1 at the target class, 0 elsewhere; a target of −1 means the predicted class. (N, classes)"""
    predicted = b.ArgMax(logits, axis=1, keepdims=0)
    chosen = b.Where(b.Less(TARGET, 0), predicted, TARGET)
    return b.OneHot(chosen, b.shape(logits)[1], [0.0, 1.0])


def channels_last(b: Builder, layer: Layer) -> str:
    """A layer's maps as (N, h, w, c)."""
    return layer.tensor if layer.channel_axis == 3 else b.Transpose(layer.tensor, perm=[0, 2, 3, 1])


def _assembled(forward: onnx.ModelProto, b: Builder, outputs: Mapping[str, Output]) -> onnx.ModelProto:
    model = onnx.ModelProto()
    model.CopyFrom(forward)
    model.graph.node.extend(b.nodes)
    model.graph.node.extend(helper.make_node("Identity", [output.tensor], [name]) for name, output in outputs.items())
    model.graph.initializer.extend(b.constants)
    model.graph.input.append(helper.make_tensor_value_info(TARGET, TensorProto.INT64, ["N"]))
    for name, output in outputs.items():
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *output.shape]))
    keep_outputs(model, [PROBABILITIES, *outputs])
    onnx.checker.check_model(model)
    return model
