"""A gradient against finite differences.

A gradient G of the target's logit s at a layer is tested without trusting any derivative: moving the layer's maps A by
a small step along a direction D must change the logit by ⟨G, D⟩,

    (s(A + ε D) − s(A − ε D)) / 2ε  ≈  ⟨G, D⟩,    D = ± A, with the sign of G

so every value moves by the same small part of itself: zeros stay zeros and no value changes its sign, which what comes
behind the layer (a root, a logarithm) may not bear. A random half of the values is tested too, and with it those that G
calls indifferent.

Large steps cross kinks, small ones drown in float32. Steps of several sizes are taken, and those two believed that
agree best. How far they lie apart, and how far rounding alone moves them, is the `doubt`: some cannot be judged.

Two steps may also agree because both crossed the same kink. So a gradient that seems wrong is asked again from other
starts, and last in float64, where steps are so small that they cross next to nothing: a wrong gradient is wrong from
everywhere, and there most clearly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from emoscope.network.held import numbers

from .cam_numpy import Array
from .forward import LOGITS, TARGET, Layer
from .observe import session
from .passes import keep_outputs

LARGEST = 0.05
"""The largest step ε; smaller where it would change the logit by more than `SHARE` of the largest one."""
SHARE = 0.03
SHRINK, STEPS = 4.0, 6
"""Each step is so many times smaller than the one before, and so many are taken."""
NOISE = 0.02
ROUNDING = 1e-7
STARTS = 4
"""So many draws of noise are tried for a gradient that seems wrong."""
AGREES = 5e-3
"""Deviation below which nothing is asked again."""
FINE_STEP, SHARP = 1e-6, 1e-4
"""The step in float64, and the doubt about its quotient."""


class Behind:
    """The rest of a network behind one layer: from the layer's maps to the target's logit and its gradient.

    Args:
        model: the activation graph with raw gradients.
        layer: where it is cut.
        feed: faces and target classes.
    """

    def __init__(self, model: onnx.ModelProto, layer: Layer, feed: Mapping[str, NDArray[Any]]) -> None:
        self._axis, self._tensor, self._gradient = layer.channel_axis, layer.tensor, f"gradient/{layer.name}"
        self._target = np.asarray(feed[TARGET], np.int64)
        self._model, self._layer = model, layer
        self._given, self._scores = feed, session(_cut(model, layer, LOGITS))

    def __call__(self, maps: Array) -> Array:
        """The target's logit (N,) at these maps (N, h, w, c)."""
        logits = self._run(self._scores, LOGITS, maps)
        return logits[np.arange(len(logits)), self._target].astype(np.float64)

    def gradient(self, maps: Array) -> Array:
        """Its gradient, (N, h, w, c), by a session of its own: one that answers both would always compute both."""
        return self._run(session(_cut(self._model, self._layer, self._gradient)), self._gradient, maps)

    def exactly(self, maps: Array) -> Array:
        """The target's logit (N,) at these maps, computed in float64."""
        from onnx.reference import ReferenceEvaluator

        plain = _cut(self._model, self._layer, LOGITS)
        needed = {value.name for value in plain.graph.input}
        feed = {name: doubled(value) for name, value in self._given.items() if name in needed}
        own = np.ascontiguousarray(self._own(maps), np.float64)
        evaluator: Any = ReferenceEvaluator(in_doubles(plain))
        (logits,) = evaluator.run([LOGITS], {**feed, self._tensor: own})
        return np.asarray(logits[np.arange(len(logits)), self._target])

    def _own(self, maps: Array) -> Array:
        return maps if self._axis == 3 else maps.transpose(0, 3, 1, 2)

    def _run(self, running: ort.InferenceSession, output: str, maps: Array) -> Array:
        everything = {**self._given, self._tensor: np.ascontiguousarray(self._own(maps), np.float32)}
        feed = {value.name: everything[value.name] for value in running.get_inputs()}
        found: Array = running.run([output], feed)[0]
        return found


def _cut(model: onnx.ModelProto, layer: Layer, output: str) -> onnx.ModelProto:
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for node in copy.graph.node:
        node.output[:] = [f"{name}/cut" if name == layer.tensor else name for name in node.output]
    keep_outputs(copy, [output])
    used = {name for node in copy.graph.node for name in node.input}
    inputs = [value for value in copy.graph.input if value.name in used]
    del copy.graph.input[:]
    maps = helper.make_tensor_value_info(layer.tensor, TensorProto.FLOAT, ["N", None, None, None])
    copy.graph.input.extend([*inputs, maps])
    return copy


def doubled(value: NDArray[Any]) -> NDArray[Any]:
    """float32 as float64, other kinds as they are."""
    return value.astype(np.float64) if value.dtype == np.float32 else value


def in_doubles(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph, its weights and casts in float64."""
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            tensor.CopyFrom(numpy_helper.from_array(numbers(tensor).astype(np.float64), tensor.name))
    for value in (*model.graph.input, *model.graph.output):
        if value.type.tensor_type.elem_type == TensorProto.FLOAT:
            value.type.tensor_type.elem_type = TensorProto.DOUBLE
    for item in (item for node in model.graph.node if node.op_type == "Cast" for item in node.attribute):
        if item.name == "to" and item.i == TensorProto.FLOAT:
            item.i = TensorProto.DOUBLE
    return model


def deviation(behind: Behind, maps: Array) -> Array:
    """How far each face's gradient lies from finite differences, relative to its own size, and their doubt. (2, N)

    A little noise on the maps comes first: rectified ones are full of equal values, and a maximum has a kink there.
    """
    found = _from(behind, maps, 0)
    for start in range(1, STARTS):
        if not _wrong(found):
            return found
        found = _nearer(found, _from(behind, maps, start))
    return _nearer(found, in_float64(behind, maps)) if _wrong(found) else found


def _wrong(found: Array) -> bool:
    return bool((found[0] > np.maximum(AGREES, found[1])).any())


def _nearer(one: Array, other: Array) -> Array:
    return np.where(other[0] < one[0], other, one)


def _from(behind: Behind, maps: Array, start_number: int) -> Array:
    """`deviation` from one start."""
    rng = np.random.default_rng(start_number)
    start = maps * (1 + NOISE * rng.normal(size=maps.shape)).astype(np.float32)
    g, blur = behind.gradient(start), rounding(behind, start, rng)
    return np.asarray(np.max([along(behind, start, g, way, blur) for way in _ways(start, g, rng)], 0))


def _ways(start: Array, g: Array, rng: np.random.Generator) -> list[Array]:
    """Directions that change every value, and a random half of them, by a share of itself, the gradient's way."""
    sign = np.sign(np.nan_to_num(g, nan=1))
    half = rng.integers(0, 2, g.shape) * np.where(sign == 0, 1, sign)
    return [np.abs(start) * signs.astype(np.float32) for signs in (sign, half)]


def in_float64(behind: Behind, maps: Array) -> Array:
    """`deviation`, with ONNX's own reference implementation for the network behind the layer. (2, N)

    Nothing is known, (∞, ∞), where that does not run the network.
    """
    rng = np.random.default_rng(STARTS)
    start = maps * (1 + NOISE * rng.normal(size=maps.shape)).astype(np.float32)
    g, found = behind.gradient(start), []
    for way in _ways(start, g, rng):
        expected = np.where(way == 0, 0, g * way).sum(tuple(range(1, g.ndim)), dtype=np.float64)
        try:
            ahead, back = (behind.exactly(start.astype(np.float64) + sign * FINE_STEP * way) for sign in (1, -1))
        except Exception:  # the reference implementation raises whatever NumPy does
            return np.full((2, len(maps)), np.inf)
        quotient = (ahead - back) / (2 * FINE_STEP)
        scale = np.maximum(np.abs(expected), np.abs(quotient))
        found.append(np.abs(quotient - expected) / np.where(scale > 0, scale, np.inf))
    return np.stack([np.max(found, 0), np.full(len(maps), SHARP)])


def rounding(behind: Behind, start: Array, rng: np.random.Generator) -> Array:
    """How far the logit moves when the maps are rounded a little differently. (N,)"""
    exact = behind(start)
    signs = [rng.choice([-1, 1], start.shape).astype(np.float32) for _ in range(3)]
    moved = [np.abs(behind(start * (1 + ROUNDING * sign)) - exact) for sign in signs]
    return np.asarray(np.max(moved, 0) + np.spacing(np.abs(exact).astype(np.float32)))


def along(behind: Behind, start: Array, g: Array, direction: Array, blur: Array) -> Array:
    """How far a gradient is from difference quotients along one direction.

    Args:
        behind: the network behind the layer: (N, …) → (N,) scores.
        start: the layer's answers.
        g: the gradient there, which is judged.
        direction: along which the quotients are taken.
        blur: (N,) how far rounding alone moves the scores.

    Returns:
        (2, N): deviation of ⟨G, D⟩ from the two quotients that agree best, and their doubt.
    """
    expected = np.where(direction == 0, 0, g * direction).sum(tuple(range(1, g.ndim)), dtype=np.float64)
    steps = step_sizes(expected, float(np.abs(behind(start)).max()))
    quotients = np.stack([_quotient(behind, start, direction, step) for step in steps])
    scale = np.maximum(np.abs(expected), np.abs(quotients))
    scale[scale == 0] = np.inf
    unsure, wrong = blur / steps / scale, np.abs(quotients - expected) / scale
    apart = np.abs(np.diff(quotients, axis=0)) / np.minimum(scale[1:], scale[:-1])
    doubts = np.maximum(apart, np.maximum(unsure[1:], unsure[:-1]))
    best, faces = np.argmin(np.nan_to_num(doubts, nan=np.inf), 0), np.arange(len(expected))
    nearest = np.minimum(wrong[best, faces], wrong[best + 1, faces])
    broken = ~np.isfinite(expected) & np.isfinite(quotients).all(0)
    return np.stack([np.where(broken, np.inf, nearest), np.where(broken, 0, doubts[best, faces])])


def step_sizes(expected: Array, largest: float) -> Array:
    """Steps ε for each face, (STEPS, N)."""
    slope = np.abs(expected) / max(SHARE * largest, np.finfo(np.float32).tiny)
    first = LARGEST / np.maximum(1, LARGEST * np.nan_to_num(slope, nan=1, posinf=1))
    return np.asarray(first / SHRINK ** np.arange(STEPS)[:, None])


def _quotient(behind: Behind, start: Array, direction: Array, step: Array) -> Array:
    moved = direction * step[:, None, None, None].astype(np.float32)
    return np.asarray((behind(start + moved) - behind(start - moved)) / (2 * step))
