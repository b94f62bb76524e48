"""The derivatives of ONNX operators, in sections: `defvjp("Mul", …)` says what Mul sends back to each of its inputs.

Importing this package fills the table of `emoscope.convert.autodiff.table`, which says how a rule is written.
"""

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
