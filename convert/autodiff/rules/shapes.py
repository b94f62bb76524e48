"""Operators that move, copy or leave out values; the gradient moves back, is added up, or is zero."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..broadcast import unbroadcast
from ..site import Site
from ..table import defconstant, defvariadic, defvjp
from .normalization import sizes


def reshape(b: Site, g: str, y: str, x: str, *_: str | None) -> str:
    """Back to the shape of x."""
    shape = sizes(b.shape(x))
    return b.Reshape(g, shape if shape.count(-1) < 2 else b.Shape(x))


def transpose(b: Site, g: str, y: str, x: str) -> str:
    """Back by the inverse permutation."""
    perm = b["perm"] or list(reversed(range(b.rank(x))))
    return b.Transpose(g, perm=[int(axis) for axis in np.argsort(perm)])


def tile(b: Site, g: str, y: str, x: str, repeats: str) -> str:
    """(r n) → (r, n), summed over r."""
    pairs = [(1, -1) if n is None or m is None else (m // n, n) for n, m in zip(b.shape(x), b.shape(y), strict=True)]
    split = b.Reshape(g, [size for pair in pairs for size in pair])
    return b.ReduceSum(split, list(range(0, 2 * len(pairs), 2)), keepdims=0)


def concat(b: Site, position: int, g: str, y: str, *inputs: str) -> str:
    """Each input gets its own part back."""
    axis = b["axis"] % b.rank(y)
    b.keep_faces_apart(y, axis)
    bounds = np.cumsum([0, *(int(b.shape(name)[axis] or 0) for name in inputs)])
    begin, end = list(pairwise(bounds))[position]
    return b.Slice(g, [int(begin)], [int(end)], [axis])


def split(b: Site, g: str | None, y: str, x: str, parts: str | None = None) -> str:
    """The parts' gradients side by side; a part that nobody used has none."""
    b.keep_faces_apart(x, b["axis"] % b.rank(x))
    outputs = zip(b.node.output, b.gradients, strict=True)
    whole = [gradient or b.Sub(name, name) for name, gradient in outputs]
    return b.Concat(*whole, axis=b["axis"])


def depth_to_space(b: Site, g: str, y: str, x: str) -> str:
    """Back: SpaceToDepth, with the channels in the order that the mode asks for."""
    block, (_, channels, height, width) = b["blocksize"], b.shape(x)
    if b["mode"] == "DCR":
        return b.SpaceToDepth(g, blocksize=block)
    cells = b.Reshape(g, [-1, int(channels or 0) // block**2, height, block, width, block])
    return b.Reshape(b.Transpose(cells, perm=[0, 1, 3, 5, 2, 4]), [-1, channels, height, width])


def dropout(b: Site, g: str, y: str, x: str, ratio: str | None = None, training: str | None = None) -> str:
    """At rest it lets everything pass."""
    if training and b.constant_of(training):
        b.refuse("while it is training")
    return g


defvjp("Reshape", reshape, None)
defvjp("Flatten", reshape, None)
defvjp("Squeeze", reshape, None)
defvjp("Unsqueeze", reshape, None)
defvjp("Transpose", transpose)
defvjp("Expand", lambda b, g, y, x, shape: unbroadcast(b, g, b.shape(y), b.shape(x)), None)
defvjp("Tile", tile, None)
defvariadic("Concat", concat)
defvjp("Split", split, None, joint=True)
defvjp("DepthToSpace", depth_to_space)
defvjp("SpaceToDepth", lambda b, g, y, x: b.DepthToSpace(g, blocksize=b["blocksize"]))
defvjp("Identity", lambda b, g, y, x: g)
defvjp("Dropout", dropout, None, None)
defvjp("Cast", lambda b, g, y, x: b.CastLike(g, x))
defvjp("CastLike", lambda b, g, y, x, like: b.CastLike(g, x), None)

defconstant("Shape", "Size", "ConstantOfShape", "Range", "EyeLike")
