"""Activation functions, each with its derivative above it.

Where the result tells as much as the argument, the mask looks at y: a runtime can then still fuse the activation into
the convolution before it.
"""

from __future__ import annotations

from math import pi, sqrt

import onnx

from ..builder import Builder
from ..site import Site
from ..table import UNSUPPORTED, defelementwise, defvjp


def number(b: Builder | Site, truth: str) -> str:
    """1 for true, 0 for false, as float32."""
    return b.Cast(truth, to=onnx.TensorProto.FLOAT)


def positive(b: Builder | Site, x: str) -> str:
    """1 where x > 0, else 0, as float32."""
    return number(b, b.Greater(x, 0.0))


def inside(b: Site, y: str, low: str | float | None, high: str | float | None) -> list[str]:
    """Masks of what lies above the lower and below the upper bound; a missing bound makes no mask."""
    above = [] if low is None else [number(b, b.Greater(y, low))]
    return above if high is None else [*above, number(b, b.Less(y, high))]


def clip(b: Site, g: str, y: str, x: str, low: str | None = None, high: str | None = None) -> str:
    """1 strictly between the bounds, as for ReLU6 in Keras and PyTorch."""
    for mask in inside(b, y, low, high):
        g = b.Mul(g, mask)
    return g


def elu(b: Site, g: str, y: str, x: str) -> str:
    """1 above zero, α eˣ = y + α below."""
    return b.Where(b.Greater(x, 0.0), g, b.Mul(g, b.Add(y, float(b["alpha"]))))


def selu(b: Site, g: str, y: str, x: str) -> str:
    """γ above zero, γ α eˣ = y + γ α below."""
    gamma, alpha = float(b["gamma"]), float(b["alpha"])
    return b.Mul(g, b.Where(b.Greater(x, 0.0), gamma, b.Add(y, gamma * alpha)))


def hard_sigmoid(b: Site, g: str, y: str, x: str) -> str:
    """α where 0 < y < 1."""
    return b.Mul(clip(b, g, y, x, 0.0, 1.0), float(b["alpha"]))  # type: ignore[arg-type]


def hard_swish(b: Site, g: str, y: str, x: str) -> str:
    """With h = clip(x/6 + ½, 0, 1): (x h)′ = h + x/6 where 0 < h < 1."""
    h = b.HardSigmoid(x, alpha=1 / 6, beta=0.5)
    slope = b.Mul(b.Div(x, 6.0), b.Mul(*inside(b, h, 0.0, 1.0)))
    return b.Mul(g, b.Add(h, slope))


def mish(b: Site, g: str, y: str, x: str) -> str:
    """With t = tanh(softplus(x)): (x t)′ = t + x (1 − t²) σ(x)."""
    t = b.Tanh(b.Softplus(x))
    return b.Mul(g, b.Add(t, b.Mul(x, b.Mul(b.Sub(1.0, b.Mul(t, t)), b.Sigmoid(x)))))


def gelu(b: Site, g: str, y: str, x: str) -> str:
    """Exact: (x Φ)′ = Φ + x φ. With tanh: t = tanh(u), (x (1 + t)/2)′ = (1 + t + x (1 − t²) u′)/2."""
    square = b.Mul(x, x)
    if b["approximate"] == "tanh":
        c, k = sqrt(2 / pi), 0.044715
        t = b.Tanh(b.Mul(x, b.Add(b.Mul(square, c * k), c)))
        slope = b.Mul(x, b.Mul(b.Sub(1.0, b.Mul(t, t)), b.Add(b.Mul(square, 3 * c * k), c)))
        return b.Mul(g, b.Mul(b.Add(b.Add(t, 1.0), slope), 0.5))
    below = b.Mul(b.Add(b.Erf(b.Mul(x, sqrt(0.5))), 1.0), 0.5)
    density = b.Mul(b.Exp(b.Mul(square, -0.5)), 1 / sqrt(2 * pi))
    return b.Mul(g, b.Add(below, b.Mul(x, density)))


def softsign(b: Site, g: str, y: str, x: str) -> str:
    """1 / (1 + |x|)² = (1 − |y|)²."""
    rest = b.Sub(1.0, b.Abs(y))
    return b.Mul(g, b.Mul(rest, rest))


def prelu_slope(b: Site, g: str, y: str, x: str, slope: str) -> str:
    """min(x, 0)."""
    return b.Mul(g, b.Min(x, 0.0))


defvjp("Relu", lambda b, g, y, x: b.Mul(g, positive(b, y)))
defvjp("LeakyRelu", lambda b, g, y, x: b.Where(b.Greater(x, 0.0), g, b.Mul(g, float(b["alpha"]))))
defvjp("ThresholdedRelu", lambda b, g, y, x: b.Mul(g, number(b, b.Greater(x, float(b["alpha"])))))
defelementwise("PRelu", lambda b, g, y, x, slope: b.Where(b.Greater(x, 0.0), g, b.Mul(g, slope)), prelu_slope)
defvjp("Clip", clip, UNSUPPORTED, UNSUPPORTED)
defvjp("Elu", elu)
defvjp("Selu", selu)
# 1 above zero, e^(x/α) below
defvjp("Celu", lambda b, g, y, x: b.Mul(g, b.Exp(b.Min(b.Div(x, float(b["alpha"])), 0.0))))
# σ′ = σ (1 − σ)
defvjp("Sigmoid", lambda b, g, y, x: b.Mul(g, b.Mul(y, b.Sub(1.0, y))))
defvjp("HardSigmoid", hard_sigmoid)
defvjp("HardSwish", hard_swish)
# tanh′ = 1 − tanh²
defvjp("Tanh", lambda b, g, y, x: b.Mul(g, b.Sub(1.0, b.Mul(y, y))))
defvjp("Mish", mish)
# ln(1 + eˣ)′ = σ(x)
defvjp("Softplus", lambda b, g, y, x: b.Mul(g, b.Sigmoid(x)))
defvjp("Softsign", softsign)
defvjp("Gelu", gelu)
# erf′ = 2/√π e^(−x²)
defvjp("Erf", lambda b, g, y, x: b.Mul(g, b.Mul(b.Exp(b.Neg(b.Mul(x, x))), 2 / sqrt(pi))))
