"""The rules, in sections; importing this package fills the table."""

from convert.autodiff.rules import (
    activations,
    arithmetic,
    convolution,
    linear,
    linear_maps,
    normalization,
    pooling,
    reductions,
    shapes,
)

__all__ = [
    "activations",
    "arithmetic",
    "convolution",
    "linear",
    "linear_maps",
    "normalization",
    "pooling",
    "reductions",
    "shapes",
]
