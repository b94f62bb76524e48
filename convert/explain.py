"""The activation graph: the forward graph, what explains it, and a named output for each.

faces ─ … ─ layer ─ … ─ logits ─ probabilities      logits: `offset` included, as the predicted class is
              │             │
target ─ seed ┼─ gradient ──┘      seed: 1 at the target class, −1 at the one it is told against, 0 elsewhere
              ├─ cam/METHOD/LAYER, activation/LAYER
              └─ unit/RULE/LAYER   one channel of the layer back to the pixels, signed
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from emoscope.errors import MissingRuleError
from emoscope.network.held import check

from .autodiff import Builder, Graph, Shape, Sums, gradients
from .cam import AT_INPUT, METHODS, Maps, normalised
from .forward import AGAINST, FACES, INPUT, LOGITS, TARGET, UNIT, Forward, Layer, spread
from .passes import keep_outputs
from .rollout import ROLLOUT, attentions, rollout
from .unit import project, rules_for

MOST_UNITS = 48
"""Layers at most whose channels lead back to the pixels: each costs a walk of its own through the graph."""
RUNNER_UP = -2
"""The value of `against` that means: the most probable class beside the target."""
FAR = 1e30


class Output(NamedTuple):
    """A tensor that gets a name of its own, and its shape without the batch."""

    tensor: str
    shape: Shape


def activation_graph(
    forward: Forward, graph: Graph, methods: Iterable[str], *, raw_gradients: bool = False, units: bool = True
) -> onnx.ModelProto:
    """The forward graph with `logits`, `activation/LAYER`, `cam/METHOD/LAYER` and `unit/RULE/LAYER` as further outputs.

    Where the input can be explained, also `cam/METHOD/input` for the methods that belong there, and `gradient/input`,
    (N, H, W, C), the slope of the target's logit. With `raw_gradients` also `gradient/LAYER`, (N, h, w, c), for
    whoever checks them.

    Args:
        forward: the classifier, its layers named.
        graph: of the same model, with the shapes of all tensors.
        methods: CAM methods; those that a layer does not allow are left out there.
        raw_gradients: whether gradients are outputs too.
        units: whether channels are followed back to the pixels.

    Raises:
        MissingRuleError: an operator on the way has no derivative rule.
    """
    methods = tuple(methods)
    b, at_layers = Builder(graph.shapes), [method for method in methods if method in METHODS]
    found = _differentiated(b, graph, forward)
    outputs = {LOGITS: Output(forward.logits, graph.shapes[forward.logits][1:])}
    for layer in forward.layers:
        maps = _maps(b, graph, found, layer)
        outputs[f"activation/{layer.name}"] = Output(channels_last(b, layer, layer.tensor), maps.size)
        for method in at_layers:
            outputs[f"cam/{method}/{layer.name}"] = Output(normalised(b, METHODS[method](maps)), maps.size[:2])
    every = attentions(graph, forward) if ROLLOUT in methods else []
    for layer in forward.layers if every else ():
        size = layer.size(graph.shapes[layer.tensor])[:2]
        outputs[f"cam/{ROLLOUT}/{layer.name}"] = Output(normalised(b, rollout(b, graph, layer, every)), size)
    if FACES in found:
        maps = _maps(b, graph, found, forward.picture)
        for method, made in AT_INPUT.items():
            outputs[f"cam/{method}/{INPUT}"] = Output(normalised(b, made(maps)), maps.size[:2])
        outputs[f"gradient/{INPUT}"] = _raw(b, graph, found, forward.picture)
    if raw_gradients:
        explained = [layer for layer in forward.layers if layer.tensor in found]
        outputs |= {f"gradient/{layer.name}": _raw(b, graph, found, layer) for layer in explained}
    if units:
        outputs |= _projections(b, graph, forward)
    return _assembled(forward, b, outputs)


def _projections(b: Builder, graph: Graph, forward: Forward) -> dict[str, Output]:
    """`unit/RULE/LAYER` of the layers from which a way leads to the pixels; of very deep networks, an even choice."""
    size, outputs = forward.picture.size(graph.shapes[FACES]), {}
    for layer in spread(forward.layers, MOST_UNITS):
        with suppress(MissingRuleError):
            for rule in rules_for(graph):
                pixels = project(b, graph, layer, rule)
                if pixels:
                    outputs[f"unit/{rule}/{layer.name}"] = Output(channels_last(b, forward.picture, pixels), size)
    return outputs


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
    """1 at the target class, −1 at the class that it is told against, 0 elsewhere. (N, classes)

    A target of −1 means the predicted class; one that is no class has no logit, and so no gradient and no heat.
    `against` −1 means none, −2 the most probable class beside the target. The difference of two logits is the logarithm
    of how many times as probable the one is as the other: why this and not that (Prabhushankar et al. 2020,
    arXiv:2008.00178; Zhang et al. 2025, arXiv:2501.11309, with a weight of 1).
    """
    classes = int(b.shape(logits)[1] or 0)
    chosen = b.Where(b.Less(TARGET, 0), b.ArgMax(logits, axis=1, keepdims=0), TARGET)
    wanted = b.OneHot(chosen, classes, [0.0, 1.0])
    second = b.ArgMax(b.Where(b.Equal(wanted, 1.0), -FAR, logits), axis=1, keepdims=0)
    other = b.Where(b.Equal(AGAINST, RUNNER_UP), second, AGAINST)
    unwanted = b.Cast(b.Equal(b.Unsqueeze(other, [1]), list(range(classes))), to=TensorProto.FLOAT)
    return b.Sub(wanted, unwanted)


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
    for name in (UNIT, AGAINST):
        model.graph.input.append(helper.make_tensor_value_info(name, TensorProto.INT64, [f"{name}s"]))
        model.graph.initializer.append(numpy_helper.from_array(np.array([-1], np.int64), name))
    for name, output in outputs.items():
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *output.shape]))
    keep_outputs(model, [*forward.outputs, *outputs])
    check(model)
    return model
