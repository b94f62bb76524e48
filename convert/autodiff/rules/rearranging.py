"""Operators that are a matrix along one axis or several: slices, gathers, paddings and resizings.

    y = x M along an axis   ⇒   g Mᵀ along that axis

M is what the operator makes of the identity matrix, so one rule covers every mode of every operator. Where only cells
are cut or zeros added, Slice and Pad do the same for less.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..site import Site
from ..table import UNSUPPORTED, defvjp
from .indexing import zeros_like
from .normalization import sizes


def along(b: Site, g: str, matrix: Any, axis: int, rank: int) -> str:
    """g times a matrix (o, n) along one axis."""
    if axis == rank - 1:
        return b.MatMul(g, matrix)
    order = [*(other for other in range(rank) if other != axis), axis]
    moved = b.MatMul(b.Transpose(g, perm=order), matrix)
    return b.Transpose(moved, perm=[int(place) for place in np.argsort(order)])


def places(b: Site, x: str, axes: str | None) -> list[int]:
    """The axes that an operator works on; all where it does not say."""
    rank = b.rank(x)
    return list(range(rank)) if axes is None else [int(axis) % rank for axis in b.constant_of(axes)]


def put_back(b: Site, g: str, chosen: NDArray[np.int64], axis: int, x: str) -> str:
    """Cells chosen along an axis back at their places, zeros elsewhere; cells chosen twice add up."""
    size = int(b.shape(x)[axis] or 0)
    if np.array_equal(chosen, np.arange(size)):
        return g
    if chosen.size and np.all(np.diff(chosen) == 1):
        return b.Pad(g, [int(chosen[0]), size - 1 - int(chosen[-1])], None, [axis])
    return along(b, g, np.eye(size, dtype=np.float32)[chosen], axis, b.rank(x))


def slice_(b: Site, g: str, y: str, x: str, starts: str, ends: str, *rest: str | None) -> str:
    """Zeros around, or between, what was cut out."""
    axes, steps = (*rest, None, None)[:2]
    bounds = [b.constant_of(name) for name in (starts, ends)]
    strides = b.constant_of(steps) if steps else np.ones_like(bounds[0])
    for axis, begin, end, step in zip(places(b, x, axes)[: strides.size], *bounds, strides, strict=True):
        size = b.shape(x)[axis]
        if (begin, step) != (0, 1):
            b.keep_faces_apart(x, axis)
        if size is not None:
            begin = max(begin, -size) if step < 0 else begin  # ONNX keeps it inside, Python begins before the axis
            cells = slice(int(begin), None if step < 0 and end < -size else int(end), int(step))
            g = put_back(b, g, np.arange(size)[cells], axis, x)
    return g


def gather(b: Site, g: str, y: str, x: str, indices: str) -> str:
    """What was gathered goes back to where it came from; from computed places, as of strided views, along axis 0."""
    if b.is_computed(indices) and b["axis"] == 0:
        return b.ScatterND(zeros_like(b, x), b.Unsqueeze(indices, [-1]), g, reduction="add")
    chosen, axis, shape = b.constant_of(indices), b["axis"] % b.rank(x), b.shape(x)
    b.keep_faces_apart(x, axis)
    flat = b.Reshape(g, sizes((*shape[:axis], chosen.size, *shape[axis + 1 :])))
    return put_back(b, flat, chosen.ravel() % int(shape[axis] or 1), axis, x)


def pad(b: Site, g: str, y: str, x: str, pads: str, value: str | None = None, axes: str | None = None) -> str:
    """Added cells are cut off again; reflected, repeated and wrapped ones are added where they came from."""
    begins, ends = b.constant_of(pads).reshape(2, -1).tolist()
    for axis, before, after in zip(places(b, x, axes), begins, ends, strict=True):
        if before or after:
            g = cropped(b, g, axis, before, after) if b["mode"] == "constant" else folded(b, g, x, axis, before, after)
    return g


def cropped(b: Site, g: str, axis: int, before: int, after: int) -> str:
    """Cells cut from both ends of an axis; a negative number of them is added as zeros."""
    kept = b.Slice(g, [max(0, before)], [-max(0, after) or 2**62], [axis])
    lost = [-min(0, before), -min(0, after)]
    return b.Pad(kept, lost, None, [axis]) if any(lost) else kept


def folded(b: Site, g: str, x: str, axis: int, before: int, after: int) -> str:
    """The matrix of a padding that copies cells."""
    identity = np.eye(int(b.shape(x)[axis] or 0), dtype=np.float32)
    return along(b, g, np.pad(identity, ((before, after), (0, 0)), mode=b["mode"]), axis, b.rank(x))


def resize(b: Site, g: str, y: str, x: str, roi: str | None = None, scales: str | None = None, *_: str) -> str:
    """Resizing works along each axis on its own."""
    b.only("keep_aspect_ratio_policy", "stretch")
    if b["coordinate_transformation_mode"] == "tf_crop_and_resize":
        b.refuse("for coordinate_transformation_mode=tf_crop_and_resize")
    for axis, scale in scaled_axes(b, x, scales):
        old, new = b.shape(x)[axis], b.shape(y)[axis]
        if old is not None and new is not None and (old != new or scale not in (None, 1)):
            g = along(b, g, resizing(b, old, new, scale), axis, b.rank(x))
    return g


def scaled_axes(b: Site, x: str, scales: str | None) -> Iterator[tuple[int, float | None]]:
    """The resized axes and their scales; None where sizes were given instead."""
    axes = [axis % b.rank(x) for axis in b["axes"] or range(b.rank(x))]
    factors = b.constant_of(scales).tolist() if scales else []
    yield from zip(axes, factors or [None] * len(axes), strict=True)


def resizing(b: Site, old: int, new: int, scale: float | None) -> str:
    """The matrix (new, old) of a resizing: the resized identity."""
    identity = np.eye(old, dtype=np.float32)[None, :, :, None]
    sizes_ = [1, old, new, 1] if scale is None else None
    style = {name: b[name] for name in RESIZE_STYLE if b[name] is not None}
    resized = b.Resize(identity, None, None if scale is None else [1.0, 1.0, scale, 1.0], sizes_, **style)
    return b.Transpose(b.Reshape(resized, [old, new]), perm=[1, 0])


RESIZE_STYLE = (
    "antialias",
    "coordinate_transformation_mode",
    "cubic_coeff_a",
    "exclude_outside",
    "extrapolation_value",
    "mode",
    "nearest_mode",
)

defvjp("Slice", slice_, None, None, None, None)
defvjp("Gather", gather, None)
defvjp("Pad", pad, None, UNSUPPORTED, None)
defvjp("Resize", resize, None, None, None)
