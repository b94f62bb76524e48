"""The derivatives of ONNX operators, in sections: `defvjp("MatMul", …)` says what MatMul sends back to each input.

Search for an operator's name in quotes: besides `defvjp` there are `defelementwise`, `defvariadic` and `defconstant`.
Importing this package fills the table of `emoscope.convert.autodiff.table`, which says how a rule is written.
"""

from . import (
    activations,
    arithmetic,
    convolution,
    indexing,
    normalization,
    pooling,
    products,
    rearranging,
    reductions,
    shapes,
)

__all__ = [
    "activations",
    "arithmetic",
    "convolution",
    "indexing",
    "normalization",
    "pooling",
    "products",
    "rearranging",
    "reductions",
    "shapes",
]
