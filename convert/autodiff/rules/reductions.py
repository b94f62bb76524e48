"""Reductions over axes. The gradient regains the lost axes (`restored`), then is spread over what was reduced."""

from __future__ import annotations

from math import prod

import onnx

from convert.autodiff.site import Site
from convert.autodiff.table import defvjp


def restored(b: Site, reduced: str, x: str, axes: str | None = None) -> str:
    """A reduced tensor with its lost axes back as ones, so that it broadcasts against x."""
    if b["keepdims"]:
        return reduced
    return b.Unsqueeze(reduced, axes or b["axes"] or list(range(b.rank(x))))


def spread(b: Site, g: str, x: str, axes: str | None) -> str:
    """The same gradient at every cell that was summed."""
    return b.Expand(restored(b, g, x, axes), b.Shape(x))


def count(b: Site, x: str, y: str) -> float:
    """Number of cells of x that went into one of y; the batch is never reduced."""
    return prod(n for n in b.shape(x) if n is not None) / prod(n for n in b.shape(y) if n is not None)


def extremum(b: Site, g: str, y: str, x: str, axes: str | None = None) -> str:
    """Gradient of ReduceMax and ReduceMin: shared evenly by the cells that hold the extremum, as TensorFlow does."""
    hits = b.Cast(b.Equal(x, restored(b, y, x, axes)), to=onnx.TensorProto.FLOAT)
    number = b.ReduceSum(hits, axes or b["axes"] or list(range(b.rank(x))), keepdims=1)
    return b.Mul(hits, b.Div(restored(b, g, x, axes), number))


defvjp("ReduceSum", lambda b, g, y, x, axes=None: spread(b, g, x, axes), None)
defvjp("ReduceMean", lambda b, g, y, x, axes=None: b.Mul(spread(b, g, x, axes), 1 / count(b, x, y)), None)
defvjp("ReduceMax", extremum, None)
defvjp("ReduceMin", extremum, None)
