"""The activation graph: the forward graph, what explains it, and a named output for each.

faces ─ … ─ layer ─ … ─ logits ─ probabilities      logits: `offset` included, as the predicted class is
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

from emoscope.errors import MissingRuleError

from .autodiff import Builder, Graph, Shape, Sums, gradients
from .cam import INPUT_SALIENCY, METHODS, Maps, normalised, saliency
from .forward import FACES, LOGITS, TARGET, Forward, Layer
from .passes import keep_outputs


class Output(NamedTuple):
    """A tensor that gets a name of its own, and its shape without the batch."""

    tensor: str
    shape: Shape


def activation_graph(
    forward: Forward, graph: Graph, methods: Iterable[str], *, raw_gradients: bool = False
) -> onnx.ModelProto:
    """The forward graph with `logits`, `activation/LAYER`, `cam/METHOD/LAYER` and input saliency as further outputs.

    With `raw_gradients` also `gradient/LAYER`, (N, h, w, c), for whoever checks them.
    """
    b = Builder(graph.shapes)
    found = _differentiated(b, graph, forward)
    outputs = {LOGITS: Output(forward.logits, graph.shapes[forward.logits][1:])}
    for layer in forward.layers:
        maps = _maps(b, graph, found, layer)
        outputs[f"activation/{layer.name}"] = Output(channels_last(b, layer, layer.tensor), maps.size)
        for method in methods:
            outputs[f"cam/{method}/{layer.name}"] = Output(normalised(b, METHODS[method](maps)), maps.size[:2])
    if FACES in found:
        maps = _maps(b, graph, found, forward.picture)
        outputs[INPUT_SALIENCY] = Output(normalised(b, saliency(maps)), maps.size[:2])
    if raw_gradients:
        explained = [layer for layer in (forward.picture, *forward.layers) if layer.tensor in found]
        outputs |= {f"gradient/{layer.name}": _raw(b, graph, found, layer) for layer in explained}
    return _assembled(forward, b, outputs)


def _differentiated(b: Builder, graph: Graph, forward: Forward) -> dict[str, str]:
    tensors = [layer.tensor for layer in forward.layers]
    try:
        reachable = [FACES] if _explainable(graph, forward, FACES) else []
        return gradients(b, graph, forward.logits, seed(b, forward.logits), [*reachable, *tensors])
    except MissingRuleError as error:
        left = [layer.name for layer in forward.layers if _explainable(graph, forward, layer.tensor)]
        remedy = f"convert again with --layers {','.join(left)}" if left else "no layer can be explained"
        raise MissingRuleError(f"{error}: {remedy}") from None


def _explainable(graph: Graph, forward: Forward, tensor: str) -> bool:
    try:
        return bool(gradients(Builder(graph.shapes), graph, forward.logits, "seed", [tensor]))
    except MissingRuleError:
        return False


def _raw(b: Builder, graph: Graph, found: Mapping[str, str], layer: Layer) -> Output:
    return Output(channels_last(b, layer, found[layer.tensor]), layer.size(graph.shapes[layer.tensor]))


def _maps(b: Builder, graph: Graph, found: Mapping[str, str], layer: Layer) -> Maps:
    space = tuple(axis for axis in (1, 2, 3) if axis != layer.channel_axis)
    summed = partial(Sums(b, graph, found, space), layer.tensor)
    size = layer.size(graph.shapes[layer.tensor])
    return Maps(b, layer.tensor, found[layer.tensor], summed, size, layer.channel_axis)


def seed(b: Builder, logits: str) -> str:
    """1 at the target class, 0 elsewhere. (N, classes)

    A target of −1 means the predicted class; one that is no class has no logit, and so no gradient and no heat.
    """
    predicted = b.ArgMax(logits, axis=1, keepdims=0)
    chosen = b.Where(b.Less(TARGET, 0), predicted, TARGET)
    return b.OneHot(chosen, b.shape(logits)[1], [0.0, 1.0])


def channels_last(b: Builder, layer: Layer, maps: str) -> str:
    """A layer's maps, or their gradient, as (N, h, w, c)."""
    return maps if layer.channel_axis == 3 else b.Transpose(maps, perm=[0, 2, 3, 1])


def _assembled(forward: Forward, b: Builder, outputs: Mapping[str, Output]) -> onnx.ModelProto:
    model = onnx.ModelProto()
    model.CopyFrom(forward.model)
    model.graph.node.extend(b.nodes)
    model.graph.node.extend(helper.make_node("Identity", [output.tensor], [name]) for name, output in outputs.items())
    model.graph.initializer.extend(b.constants)
    model.graph.input.append(helper.make_tensor_value_info(TARGET, TensorProto.INT64, ["N"]))
    for name, output in outputs.items():
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *output.shape]))
    keep_outputs(model, [*forward.outputs, *outputs])
    onnx.checker.check_model(model)
    return model
