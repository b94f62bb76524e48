"""Σ over cells of a gradient, without the gradient: what Grad-CAM weighs channels with.

Many operators only move, scale or mask gradients, and then the sum can be taken after them, where the maps are small:

    MaxPool     every window's gradient lands on exactly one cell                Σ g_x = Σ g_y
    mean, max   what is spread over the cells adds up to what was spread         Σ g_x = g_y
    x · s, x+s  s the same at every cell                                         Σ g_x = s Σ g_y,  Σ g_y
    Relu        only cells with y > 0 let it pass: a sum over *positive* cells   Σ g_x = Σ⁺ g_y

A maximum is positive exactly when the cell it came from is, so Σ⁺ passes poolings too. For Conv – BatchNorm – Relu –
MaxPool – global maximum nothing of the size of a map is left. Elsewhere the gradient itself is summed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import onnx

from .builder import Builder
from .graph import Graph
from .rules.activations import positive
from .rules.normalization import batch_norm
from .site import Site


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of gradients over the cells of maps.

    Attributes:
        builder: receives the nodes.
        graph: the forward graph.
        gradients: what the walk found.
        space: the axes of the cells.
    """

    builder: Builder
    graph: Graph
    gradients: Mapping[str, str]
    space: tuple[int, ...]

    def __call__(self, tensor: str, only_positive: bool = False) -> str:
        """Σ over cells (or those where the tensor is positive) of its gradient; the axes stay, as ones."""
        users = self.graph.consumers[tensor]
        passing = SUMS.get(users[0].op_type) if len(users) == 1 else None
        short = passing and passing(self, Site(self.builder, self.graph, users[0], ()), tensor, only_positive)
        return short or self._summed(tensor, only_positive)

    def _summed(self, tensor: str, only_positive: bool) -> str:
        b, gradient = self.builder, self.gradients[tensor]
        kept = b.Mul(gradient, positive(b, tensor)) if only_positive else gradient
        return b.ReduceSum(kept, self.space, keepdims=1)

    def reduced(self, node: onnx.NodeProto, b: Site) -> bool:
        """Whether a reduction is over exactly the axes of the cells."""
        axes = self.graph.constant(node.input[1]) if len(node.input) > 1 else b["axes"]
        rank = self.graph.rank(node.input[0])
        return axes is not None and sorted(int(axis) % rank for axis in axes) == sorted(self.space)


Passing = Callable[[Sums, Site, str, bool], str | None]


def _max_pool(sums: Sums, b: Site, tensor: str, only_positive: bool) -> str | None:
    return sums(b.node.output[0], only_positive)


def _global_maximum(sums: Sums, b: Site, tensor: str, only_positive: bool) -> str | None:
    y = b.node.output[0]
    if b.node.op_type.startswith("Reduce") and not sums.reduced(b.node, b):
        return None
    gradient = sums.gradients[y]
    kept = b.Mul(gradient, positive(sums.builder, y)) if only_positive else gradient
    return kept if sums.graph.rank(y) == sums.graph.rank(tensor) else b.Unsqueeze(kept, sums.space)


def _global_mean(sums: Sums, b: Site, tensor: str, only_positive: bool) -> str | None:
    return None if only_positive else _global_maximum(sums, b, tensor, False)


def _scaled(sums: Sums, b: Site, tensor: str, only_positive: bool) -> str | None:
    """Scaling by what is the same at every cell; the sign of the scale is unknown, so Σ⁺ does not pass."""
    other = _other(b.node, tensor)
    return None if only_positive or not _flat(sums, other) else b.Mul(sums(b.node.output[0]), other)


def _normalised(sums: Sums, b: Site, tensor: str, only_positive: bool) -> str | None:
    """A scaling and a shift of every channel; the rule of the operator itself turns Σ g_y into Σ g_x."""
    if only_positive or 1 in sums.space:
        return None
    y, (x, *weights) = b.node.output[0], b.node.input
    return batch_norm(b, sums(y), y, x, *weights)


def _shifted(sums: Sums, b: Site, tensor: str, only_positive: bool) -> str | None:
    same = sums.graph.shapes[tensor] == sums.graph.shapes[b.node.output[0]]
    return sums(b.node.output[0]) if same and not only_positive else None


def _rectified(sums: Sums, b: Site, tensor: str, only_positive: bool) -> str | None:
    return sums(b.node.output[0], True)


def _other(node: onnx.NodeProto, tensor: str) -> str:
    return next((name for name in node.input if name != tensor), tensor)


def _flat(sums: Sums, factor: str) -> bool:
    """Whether a weight is the same at every cell."""
    shape = sums.graph.shapes[factor]
    padded = (1,) * (max(sums.space) + 1 - len(shape)) + shape
    return factor in sums.graph.weights and all(padded[axis] == 1 for axis in sums.space)


SUMS: dict[str, Passing] = {
    "MaxPool": _max_pool,
    "GlobalMaxPool": _global_maximum,
    "ReduceMax": _global_maximum,
    "GlobalAveragePool": _global_mean,
    "ReduceMean": _global_mean,
    "BatchNormalization": _normalised,
    "Mul": _scaled,
    "Add": _shifted,
    "Relu": _rectified,
}
