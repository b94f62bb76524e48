"""Normalisations. With x̂ = (x − μ) / s over some axes and y = γ x̂ + β, the gradient of x is

    (ĝ − mean ĝ − x̂ mean(ĝ x̂)) / s,    ĝ = γ g,    means over the same axes

for layer, instance and group normalisation, which differ only in their axes. Batch normalisation at rest has a fixed μ
and s, and is a scaling. LRN, LpNormalization, Softmax and LogSoftmax, which divide by a sum too, stand here as well.
"""

from __future__ import annotations

from ..builder import Shape
from ..site import Site
from ..table import UNSUPPORTED, defvjp


def batch_norm(b: Site, g: str, y: str, x: str, gamma: str, beta: str, mean: str, variance: str) -> str:
    """γ g / √(variance + ε)."""
    b.only("training_mode", 0)
    deviation = b.Sqrt(b.Add(variance, float(b["epsilon"])))
    return b.Mul(g, per_channel(b, b.Div(gamma, deviation), b.rank(x)))


def per_channel(b: Site, vector: str, rank: int) -> str:
    """A vector (c,) as (c, 1, …, 1), which broadcasts against (N, c, …)."""
    return b.Reshape(vector, [-1, *[1] * (rank - 2)])


def layer_norm(b: Site, g: str, y: str, x: str, gamma: str, beta: str | None = None) -> str:
    """Over the axes from `axis` on."""
    rank = b.rank(x)
    axes = list(range(b["axis"] % rank, rank))
    return normalised(b, b.Mul(g, gamma), x, axes)


def instance_norm(b: Site, g: str, y: str, x: str, gamma: str, beta: str) -> str:
    """Over the cells of each map."""
    rank = b.rank(x)
    return normalised(b, b.Mul(g, per_channel(b, gamma, rank)), x, list(range(2, rank)))


def group_norm(b: Site, g: str, y: str, x: str, gamma: str, beta: str) -> str:
    """Over the cells of each group of maps; γ is per channel, or per group before opset 21."""
    (_, channels, *_), groups = b.shape(x), b["num_groups"]
    grouped = [0, groups, -1]
    per_group = b.shape(gamma)[0] == groups != channels
    scale = b.Reshape(gamma, [groups, 1]) if per_group else per_channel(b, gamma, b.rank(x))
    scaled = b.Mul(b.Reshape(g, grouped), scale) if per_group else b.Reshape(b.Mul(g, scale), grouped)
    return b.Reshape(normalised(b, scaled, b.Reshape(x, grouped), [2]), sizes(b.shape(x)))


def normalised(b: Site, g: str, x: str, axes: list[int]) -> str:
    """Gradient of x from that of x̂."""
    centred = b.Sub(x, b.ReduceMean(x, axes, keepdims=1))
    variance = b.ReduceMean(b.Mul(centred, centred), axes, keepdims=1)
    deviation = b.Sqrt(b.Add(variance, float(b["epsilon"])))
    x_hat = b.Div(centred, deviation)
    along = b.Mul(x_hat, b.ReduceMean(b.Mul(g, x_hat), axes, keepdims=1))
    return b.Div(b.Sub(b.Sub(g, b.ReduceMean(g, axes, keepdims=1)), along), deviation)


def sizes(shape: Shape) -> list[int]:
    """A shape for Reshape; the batch is worked out."""
    return [-1 if size is None else size for size in shape]


def local_response(b: Site, g: str, y: str, x: str) -> str:
    """LRN: y = x d^−β, d = k + α/n Σ x² over n neighbouring maps; gradient g d^−β − 2αβ/n x Σ (g y / d)."""
    n, alpha, beta = b["size"], float(b["alpha"]), float(b["beta"])
    d = b.Add(b.Mul(neighbours(b, b.Mul(x, x), n, (n - 1) // 2), alpha / n), float(b["bias"]))
    cross = neighbours(b, b.Div(b.Mul(g, y), d), n, n // 2)
    return b.Sub(b.Mul(g, b.Pow(d, -beta)), b.Mul(b.Mul(x, cross), 2 * alpha * beta / n))


def neighbours(b: Site, x: str, n: int, before: int) -> str:
    """Σ over n neighbouring maps, `before` of them before each map."""
    shape = b.shape(b.node.input[0])
    columns = b.Reshape(x, [0, 1, int(shape[1] or 0), -1])
    pads = [before, 0, n - 1 - before, 0]
    mean = b.AveragePool(columns, kernel_shape=[n, 1], pads=pads, strides=[1, 1], count_include_pad=1)
    return b.Reshape(b.Mul(mean, float(n)), sizes(shape))


def softmax(b: Site, g: str, y: str, x: str) -> str:
    """y (g − Σ g y) along the axis."""
    gy = b.Mul(g, y)
    return b.Sub(gy, b.Mul(y, b.ReduceSum(gy, [b["axis"]], keepdims=1)))


def log_softmax(b: Site, g: str, y: str, x: str) -> str:
    """g − eʸ Σ g along the axis."""
    return b.Sub(g, b.Mul(b.Exp(y), b.ReduceSum(g, [b["axis"]], keepdims=1)))


def unit_length(b: Site, g: str, y: str, x: str) -> str:
    """LpNormalization: x / ‖x‖; for p = 2 (g − y Σ g y) / ‖x‖, for p = 1 (g − sign(x) Σ g y) / ‖x‖; 0 at 0."""
    axes = [b["axis"]]
    length = b.ReduceL2(x, axes, keepdims=1) if b["p"] == 2 else b.ReduceL1(x, axes, keepdims=1)
    direction = y if b["p"] == 2 else b.Sign(x)
    slope = b.Div(b.Sub(g, b.Mul(direction, b.ReduceSum(b.Mul(g, y), axes, keepdims=1))), length)
    return b.Where(b.Equal(length, 0.0), 0.0, slope)


defvjp("BatchNormalization", batch_norm, UNSUPPORTED, UNSUPPORTED, UNSUPPORTED, UNSUPPORTED)
defvjp("LayerNormalization", layer_norm, UNSUPPORTED, UNSUPPORTED)
defvjp("InstanceNormalization", instance_norm, UNSUPPORTED, UNSUPPORTED)
defvjp("GroupNormalization", group_norm, UNSUPPORTED, UNSUPPORTED)
defvjp("LRN", local_response)
defvjp("LpNormalization", unit_length)
defvjp("Softmax", softmax)
defvjp("LogSoftmax", log_softmax)
