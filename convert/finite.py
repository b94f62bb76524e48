"""A gradient against finite differences.

A gradient G of the target's logit s at a layer is tested without trusting any derivative: moving the layer's maps A by
a small step along a direction D must change the logit by ⟨G, D⟩,

    (s(A + ε D) − s(A − ε D)) / 2ε  ≈  ⟨G, D⟩,    D = ± A, with the sign of G

so every value moves by the same small part of itself: zeros stay zeros and no value changes its sign, which what comes
behind the layer (a root, a logarithm) may not bear. A random half of the values is tested too, and with it those that G
calls indifferent.

Large steps cross kinks, small ones drown in float32. Steps of several sizes are taken, and those two believed that
agree best. How far they lie apart, and how far rounding alone moves them, is the `doubt`: some cannot be judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper

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
        self._session = session(_cut(model, layer))
        self._options = ort.RunOptions()
        self._options.only_execute_path_to_fetches = True
        needed = {value.name for value in self._session.get_inputs()}
        self._feed = {name: value for name, value in feed.items() if name in needed}

    def __call__(self, maps: Array) -> Array:
        """The target's logit (N,) at these maps (N, h, w, c)."""
        logits = self._run(LOGITS, maps)
        return logits[np.arange(len(logits)), self._target].astype(np.float64)

    def gradient(self, maps: Array) -> Array:
        """Its gradient, (N, h, w, c)."""
        return self._run(self._gradient, maps)

    def _run(self, output: str, maps: Array) -> Array:
        own = maps if self._axis == 3 else maps.transpose(0, 3, 1, 2)
        feed = {**self._feed, self._tensor: np.ascontiguousarray(own, np.float32)}
        found: Array = self._session.run([output], feed, self._options)[0]
        return found


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
    start = maps * (1 + NOISE * rng.normal(size=maps.shape)).astype(np.float32)
    g, blur = behind.gradient(start), rounding(behind, start, rng)
    sign = np.sign(np.nan_to_num(g, nan=1))
    half = rng.integers(0, 2, g.shape) * np.where(sign == 0, 1, sign)
    ways = [np.abs(start) * signs.astype(np.float32) for signs in (sign, half)]
    return np.asarray(np.max([along(behind, start, g, direction, blur) for direction in ways], 0))


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
    expected = np.where(direction == 0, 0, g * direction).sum((1, 2, 3), dtype=np.float64)
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
