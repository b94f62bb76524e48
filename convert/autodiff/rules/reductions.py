"""Reductions over axes. The gradient regains the lost axes (`restored`), then is spread over what was reduced."""

from __future__ import annotations

from math import prod

import onnx

from ..site import Site
from ..table import defvjp


def restored(b: Site, reduced: str, x: str, axes: str | None) -> str:
    """A reduced tensor with its lost axes back as ones, so that it broadcasts against x."""
    named = axes is not None and b.constant_of(axes).size > 0
    if not named:
        b.only("noop_with_empty_axes", 0)
    return reduced if b["keepdims"] else b.Unsqueeze(reduced, axes if named else every(b, x))


def every(b: Site, x: str) -> list[int]:
    """All axes, which is what leaving them out means."""
    return list(range(b.rank(x)))


def spread(b: Site, g: str, y: str, x: str, axes: str | None = None) -> str:
    """The same gradient at every cell that was summed."""
    return b.Expand(restored(b, g, x, axes), b.Shape(x))


def count(b: Site, x: str, y: str) -> str | float:
    """Number of cells of x that went into one of y; worked out in the graph where the batch itself was reduced."""
    cells = [[size for size in b.shape(name) if size is not None] for name in (x, y)]
    if len(cells[0]) - b.rank(x) == len(cells[1]) - b.rank(y):
        return prod(cells[0]) / prod(cells[1])
    return b.Cast(b.Div(b.Size(x), b.Size(y)), to=onnx.TensorProto.FLOAT)


def mean(b: Site, g: str, y: str, x: str, axes: str | None = None) -> str:
    """The gradient, divided among the cells that were averaged."""
    return spread(b, b.Div(g, count(b, x, y)), y, x, axes)


def extremum(b: Site, g: str, y: str, x: str, axes: str | None = None) -> str:
    """Shared evenly by the cells that hold the extremum, as TensorFlow does."""
    hits = b.Cast(b.Equal(x, restored(b, y, x, axes)), to=onnx.TensorProto.FLOAT)
    number = b.ReduceSum(hits, axes or every(b, x), keepdims=1)
    return b.Mul(hits, b.Div(restored(b, g, x, axes), number))


def product(b: Site, g: str, y: str, x: str, axes: str | None = None) -> str:
    """y / x."""
    return b.Div(b.Mul(restored(b, g, x, axes), restored(b, y, x, axes)), x)


def length(b: Site, g: str, y: str, x: str, axes: str | None = None) -> str:
    """‖x‖: x / ‖x‖, and 0 at 0, as every framework has it."""
    return b.Mul(x, restored(b, b.Where(b.Equal(y, 0.0), 0.0, b.Div(g, y)), x, axes))


def log_sum_exp(b: Site, g: str, y: str, x: str, axes: str | None = None) -> str:
    """ln Σ eˣ: eˣ / Σ eˣ."""
    return b.Mul(restored(b, g, x, axes), b.Exp(b.Sub(x, restored(b, y, x, axes))))


defvjp("ReduceSum", spread, None)
defvjp("ReduceMean", mean, None)
defvjp("ReduceMax", extremum, None)
defvjp("ReduceMin", extremum, None)
defvjp("ReduceProd", product, None)
defvjp("ReduceL1", lambda b, g, y, x, axes=None: b.Mul(spread(b, g, y, x, axes), b.Sign(x)), None)
defvjp("ReduceL2", length, None)
defvjp("ReduceSumSquare", lambda b, g, y, x, axes=None: b.Mul(spread(b, b.Mul(g, 2.0), y, x, axes), x), None)
defvjp("ReduceLogSumExp", log_sum_exp, None)
