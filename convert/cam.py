"""Class activation maps as ONNX operators: which cells of a layer speak for a class.

A are a layer's activations, G the gradient of the class's logit with respect to them, (N, c, h, w) or (N, h, w, c);
Σ_ij runs over cells, Σ_k over channels. A method returns the raw map (N, h, w); `normalised` then rectifies it and
divides it by its own maximum per face. Factors that are the same for all channels of a face therefore cancel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from .autodiff import Builder
from .rollout import ROLLOUT


@dataclass(frozen=True, slots=True)
class Maps:
    """What a method may use of one layer.

    Attributes:
        b: the builder.
        activations: tensor A.
        gradient: tensor G.
        summed: makes Σ_ij G, axes kept, by the shortest way.
        size: height, width, channels.
        channel_axis: 1 for (N, c, h, w), 3 for (N, h, w, c).
    """

    b: Builder
    activations: str
    gradient: str
    summed: Callable[[], str]
    size: tuple[int, int, int]
    channel_axis: int

    def over_space(self, x: str) -> str:
        """Σ_ij x, axes kept."""
        return self.b.ReduceSum(x, [axis for axis in (1, 2, 3) if axis != self.channel_axis], keepdims=1)

    def over_channels(self, x: str) -> str:
        """Σ_k x, (N, h, w)."""
        return self.b.ReduceSum(x, [self.channel_axis], keepdims=0)

    def weighted(self, weights: str) -> str:
        """Σ_k weights_k A_k, (N, h, w): one matrix product per face."""
        b, (height, width, channels) = self.b, self.size
        if self.channel_axis == 1:
            flat = b.Reshape(self.activations, [-1, channels, height * width])
            heat = b.MatMul(b.Reshape(weights, [-1, 1, channels]), flat)
        else:
            flat = b.Reshape(self.activations, [-1, height * width, channels])
            heat = b.MatMul(flat, b.Reshape(weights, [-1, channels, 1]))
        return b.Reshape(heat, [-1, height, width])


Method: TypeAlias = Callable[[Maps], str]


def gradcam(m: Maps) -> str:
    """Σ_k w_k A_k with w_k = mean_ij G_k. Selvaraju et al. 2017, arXiv:1610.02391."""
    return m.weighted(m.summed())


def gradcam_plus_plus(m: Maps) -> str:
    """Σ_k w_k A_k with w_k = Σ_ij α max(G, 0), α = 1 / (2 + G Σ_ij A). Chattopadhay et al. 2018, arXiv:1710.11063.

    The paper's α = G² / (2 G² + G³ Σ_ij A), for the score exp(logit), shortened by G². Its A are rectified maps: values
    below 0 do not count in α, which would otherwise have poles.
    """
    b, rising = m.b, m.b.Relu(m.gradient)
    divisor = b.Add(b.Mul(rising, m.over_space(b.Relu(m.activations))), 2.0)
    return m.weighted(m.over_space(b.Div(rising, divisor)))


def xgradcam(m: Maps) -> str:
    """Σ_k w_k A_k with w_k = Σ_ij G A / Σ_ij |A|, 0 where that divisor is. Fu et al. 2020, arXiv:2008.02312.

    The paper's maps are rectified, |A| = A; for others Σ A would have poles.
    """
    b, total = m.b, m.over_space(m.b.Abs(m.activations))
    share = b.Div(m.over_space(b.Mul(m.gradient, m.activations)), total)
    return m.weighted(b.Where(b.Equal(total, 0.0), 0.0, share))


def hirescam(m: Maps) -> str:
    """Σ_k G_k A_k, cell by cell. Draelos and Carin 2020, arXiv:2011.08891."""
    return m.over_channels(m.b.Mul(m.gradient, m.activations))


def layercam(m: Maps) -> str:
    """Σ_k max(G_k, 0) A_k, cell by cell. Jiang et al. 2021, doi:10.1109/TIP.2021.3089943."""
    return m.over_channels(m.b.Mul(m.b.Relu(m.gradient), m.activations))


def saliency(m: Maps) -> str:
    """max_k |G_k|, cell by cell: the size of the slope itself. Simonyan et al. 2014, arXiv:1312.6034, at the input."""
    return m.b.ReduceMax(m.b.Abs(m.gradient), [m.channel_axis], keepdims=0)


def eigencam(m: Maps) -> str:
    """Σ_k v_k A_k, v the direction in which most of the cells lie. Muhammad and Yeasin 2020, arXiv:2008.00299.

    v is the first right singular vector of A as a matrix (cells, channels), by power iteration u ← A Aᵀ u from all
    ones, so that its sign is that of most of what is there. It knows no class, and uses no gradient. A is divided by
    its largest value first: squares of what a deep network without norms answers may be beyond float32.
    """
    b, (height, width, channels) = m.b, m.size
    first = m.channel_axis == 1
    rows = b.Reshape(m.activations, [-1, channels, height * width] if first else [-1, height * width, channels])
    rows = b.Div(rows, b.Max(b.ReduceMax(b.Abs(rows), [1, 2], keepdims=1), SMALLEST))
    across = b.Transpose(rows, perm=[0, 2, 1])
    a, a_t = (across, rows) if first else (rows, across)
    heat = b.ReduceSum(a, [2], keepdims=1)
    for _ in range(ITERATIONS):
        length = b.Max(b.ReduceL2(heat, [1], keepdims=1), SMALLEST)
        heat = b.MatMul(a, b.MatMul(a_t, b.Div(heat, length)))
    return b.Reshape(heat, [-1, height, width])


ITERATIONS = 8
"""Of the power iteration; each makes the first direction stronger by the square of the ratio of singular values."""
SMALLEST = float(np.finfo(np.float32).tiny)

METHODS: dict[str, Method] = {
    "gradcam": gradcam,
    "gradcam++": gradcam_plus_plus,
    "xgradcam": xgradcam,
    "hirescam": hirescam,
    "layercam": layercam,
    "eigencam": eigencam,
    "saliency": saliency,
}

AT_INPUT: dict[str, Method] = {"saliency": saliency, "gradientxinput": hirescam}
"""Methods of the input's own pixels, `cam/METHOD/input`, which is no layer of the contract. Gradient × input is what
HiResCAM is there. Shrikumar et al. 2016, arXiv:1605.01713."""

KNOWN = tuple(dict.fromkeys((*METHODS, ROLLOUT, *AT_INPUT)))
"""All methods by name, of which a graph has those that it allows; all of them are live."""


def normalised(b: Builder, heat: str) -> str:
    """max(heat, 0), divided by its own maximum over each face's cells; zero where that is zero. (N, h, w)"""
    rectified = b.Relu(heat)
    peak = b.ReduceMax(rectified, [1, 2], keepdims=1)
    return b.Div(rectified, b.Max(peak, SMALLEST))
