"""Class activation maps as ONNX operators: which cells of a layer speak for a class.

A are a layer's activations, G the gradient of the class's logit with respect to them, both (N, c, h, w) here; Σ_ij runs
over cells, Σ_k over channels. Each map is rectified and divided by its own maximum per face.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Maps:
    """What a method may use of one layer.

    Attributes:
        b: the builder.
        activations: tensor A.
        gradient: tensor G.
        channel_axis: 1 for (N, c, h, w), 3 for (N, h, w, c).
    """

    b: Any
    activations: str
    gradient: str
    channel_axis: int

    @property
    def space(self) -> list[int]:
        """The two axes of cells."""
        return [axis for axis in (1, 2, 3) if axis != self.channel_axis]

    def over_space(self, x: str) -> str:
        """Σ_ij x, axes kept."""
        return str(self.b.ReduceSum(x, self.space, keepdims=1))

    def over_channels(self, x: str) -> str:
        """Σ_k x, (N, h, w)."""
        return str(self.b.ReduceSum(x, [self.channel_axis], keepdims=0))

    def weighted(self, weights: str) -> str:
        """Σ_k weights_k A_k, (N, h, w)."""
        return self.over_channels(self.b.Mul(weights, self.activations))


Method: TypeAlias = Callable[[Maps], str]


def gradcam(m: Maps) -> str:
    """Σ_k w_k A_k with w_k = mean_ij G_k. Selvaraju et al. 2017, arXiv:1610.02391. (The mean's divisor cancels.)"""
    return m.weighted(m.over_space(m.gradient))


METHODS: dict[str, Method] = {"gradcam": gradcam}


def normalised(b: Any, heat: str) -> str:
    """max(heat, 0), divided by its own maximum over each face's cells; zero where that is zero. (N, h, w)"""
    rectified = b.Relu(heat)
    peak = b.ReduceMax(rectified, [1, 2], keepdims=1)
    return str(b.Div(rectified, b.Where(b.Greater(peak, 0.0), peak, 1.0)))
