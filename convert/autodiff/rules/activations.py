"""Activation functions, each with its derivative above it."""

from __future__ import annotations

import onnx

from convert.autodiff.site import Site
from convert.autodiff.table import defvjp


def positive(b: Site, x: str) -> str:
    """1 where x > 0, else 0, as float32."""
    return b.Cast(b.Greater(x, 0.0), to=onnx.TensorProto.FLOAT)


# The masks look at y, not x, so that a fused convolution and activation stays fused.
defvjp("Relu", lambda b, g, y, x: b.Mul(g, positive(b, y)))
# σ′ = σ (1 − σ)
defvjp("Sigmoid", lambda b, g, y, x: b.Mul(g, b.Mul(y, b.Sub(1.0, y))))
# tanh′ = 1 − tanh²
defvjp("Tanh", lambda b, g, y, x: b.Mul(g, b.Sub(1.0, b.Mul(y, y))))
