"""The rules, in sections; importing this package fills the table."""

from . import (
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
