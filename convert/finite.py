"""Who knows the right answers about an .onnx file: the file itself, and finite differences.

A gradient G of the target's logit s at a layer is tested without trusting any derivative: moving the layer's maps by a
small step along a direction D must change the logit by ⟨G, D⟩,

    (s(A + h D) − s(A − h D)) / 2h  ≈  ⟨G, D⟩

for D along G itself, where the change is largest, and along a random half of it. Steps of several sizes are tried,
since a large one crosses kinks and a small one drowns in float32; the nearest counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from convert.autodiff import Graph
from convert.cam_numpy import Array
from convert.explain import activation_graph
from convert.forward import FACES, LOGITS, TARGET, Forward, Layer
from convert.observe import observed_shapes, session
from convert.passes import keep_outputs
from convert.reference import Truth

Targets: TypeAlias = NDArray[np.int64]

CHANGES = (1e-2, 1e-3, 3e-4, 1e-4, 3e-5)
"""Sizes of the steps, as the change of the logit that they should make, relative to the largest logit."""

NOISE = 0.02
"""Relative to the largest value of the maps."""

LAYERS_CHECKED = 12


class OnnxReference:
    """The original file for probabilities, and gradients that finite differences have been compared with.

    Args:
        original: the model as it was read.
        forward: its forward graph.
        face_shape: shape of one face.
    """

    def __init__(self, original: onnx.ModelProto, forward: Forward, face_shape: tuple[int, ...]) -> None:
        self._original = original
        self._forward = forward
        self._graph = Graph(forward.model, observed_shapes(forward.model, face_shape))

    def __call__(self, faces: Array, target: Targets) -> Truth:
        """The truth about faces (N, …) and target classes (N,), all ≥ 0."""
        model, layers = activation_graph(self._forward, self._graph, (), raw_gradients=True), self._forward.layers
        raw = session(model)
        names = [output.name for output in raw.get_outputs()]
        answers = dict(zip(names, raw.run(names, {FACES: faces, TARGET: target}), strict=True))
        activations = {"input": _last(faces, self._forward.channel_axis), **_those(answers, "activation/")}
        gradients = _those(answers, "gradient/")
        feed = {FACES: faces, TARGET: target}
        finite = {
            layer.name: deviation(Behind(model, layer, feed), activations[layer.name])
            for layer in spread(layers, LAYERS_CHECKED)
        }
        return Truth(original_probabilities(self._original, faces), activations, gradients, finite)


def _those(answers: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    return {name.removeprefix(prefix): value for name, value in answers.items() if name.startswith(prefix)}


def _last(maps: Array, channel_axis: int) -> Array:
    return maps if channel_axis == 3 else maps.transpose(0, 2, 3, 1)


def spread(layers: Sequence[Layer], number: int) -> list[Layer]:
    """So many layers, evenly from the first to the last; a rule that is wrong is seen from every layer before it."""
    places = np.linspace(0, len(layers) - 1, min(number, len(layers)))
    return [layers[round(float(place))] for place in places]


class Behind:
    """The rest of a network behind one layer: from the layer's maps to the target's logit and its gradient.

    Args:
        model: the activation graph with raw gradients.
        layer: where it is cut.
        feed: faces and target classes.
    """

    def __init__(self, model: onnx.ModelProto, layer: Layer, feed: Mapping[str, NDArray[Any]]) -> None:
        self._axis, self._tensor = layer.channel_axis, layer.tensor
        self._target = np.asarray(feed[TARGET], np.int64)
        self._session = session(_cut(model, layer))
        needed = {value.name for value in self._session.get_inputs()}
        self._feed = {name: value for name, value in feed.items() if name in needed}

    def __call__(self, maps: Array) -> tuple[Array, Array]:
        """The target's logit (N,) and its gradient (N, h, w, c) at these maps (N, h, w, c)."""
        own = maps if self._axis == 3 else maps.transpose(0, 3, 1, 2)
        feed = {**self._feed, self._tensor: np.ascontiguousarray(own, np.float32)}
        logits, gradient = self._session.run(None, feed)
        return logits[np.arange(len(logits)), self._target].astype(np.float64), gradient


def _cut(model: onnx.ModelProto, layer: Layer) -> onnx.ModelProto:
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for node in copy.graph.node:
        node.output[:] = [f"{name}/cut" if name == layer.tensor else name for name in node.output]
    keep_outputs(copy, [LOGITS, f"gradient/{layer.name}"])
    used = {name for node in copy.graph.node for name in node.input}
    inputs = [value for value in copy.graph.input if value.name in used]
    del copy.graph.input[:]
    maps = helper.make_tensor_value_info(layer.tensor, TensorProto.FLOAT, ["N", None, None, None])
    copy.graph.input.extend([*inputs, maps])
    return copy


def deviation(behind: Behind, maps: Array) -> Array:
    """How far each face's gradient lies from finite differences, relative to its own size, and their doubt. (2, N)

    A little noise on the maps comes first: rectified ones are full of equal values, and a maximum has a kink there.
    """
    rng = np.random.default_rng(0)
    start = maps + rng.normal(scale=NOISE * max(float(np.abs(maps).max()), 1e-3), size=maps.shape).astype(np.float32)
    logits, g = behind(start)
    changes = [change * float(np.abs(logits).max()) for change in CHANGES]
    half = rng.integers(0, 2, g.shape).astype(np.float32)
    return np.asarray(np.max([along(behind, start, g, g * mask, changes) for mask in (np.ones_like(g), half)], 0))


def along(behind: Behind, start: Array, g: Array, direction: Array, changes: Sequence[float]) -> Array:
    """Deviation of ⟨G, D⟩ from the difference quotient at the best of several steps, and its doubt. (2, N)

    The doubt is how far the quotients of the two steps that agree best lie apart: where kinks are so dense that no step
    is small enough, the quotients say nothing.
    """
    expected = np.asarray((g * direction).sum((1, 2, 3), dtype=np.float64))
    quotients = []
    for change in changes:
        step = np.divide(change, expected, out=np.zeros_like(expected), where=expected > 0)
        moved = direction * step[:, None, None, None]
        ahead, back = behind(start + moved)[0], behind(start - moved)[0]
        quotients.append((ahead - back) / (2 * change) - (expected > 0))
    return np.asarray([np.min(np.abs(quotients), 0), np.min(np.abs(np.diff(quotients, axis=0)), 0)])


def original_probabilities(model: onnx.ModelProto, faces: Array) -> Array:
    """What the file as it was read says, as probabilities; face by face where its batch is fixed at one."""
    running = session(model)
    (value,) = running.get_inputs()
    batch = value.shape[0] if isinstance(value.shape[0], int) else len(faces)
    groups = [faces[start : start + batch] for start in range(0, len(faces) - batch + 1, batch)]
    outputs = np.concatenate([running.run(None, {value.name: group})[0].reshape(len(group), -1) for group in groups])
    if np.allclose(outputs.sum(1), 1, atol=1e-4) and outputs.min() >= 0:
        return outputs
    return softmax(outputs)


def softmax(logits: Array) -> Array:
    """eˣ / Σ eˣ along the last axis."""
    raised = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(raised / raised.sum(-1, keepdims=True))
