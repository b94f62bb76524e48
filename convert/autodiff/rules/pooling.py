"""Poolings over windows. A maximum sends its gradient to the first cell that holds it, a mean to all cells alike."""

from __future__ import annotations

from math import prod

import numpy as np

from ..site import Site
from ..table import defvjp
from ..windows import Windows
from .activations import number
from .reductions import count


def max_pool(b: Site, g: str, y: str, x: str) -> str:
    """Gradient of the input of a max pooling."""
    windows = Windows.of(b, x, y)
    if max(windows.dilations) > 1:
        b.only("auto_pad", "NOTSET", "VALID")
    return first_hits(b, g, y, x, windows) if windows.tiles else scattered(b, g, x, windows)


def first_hits(b: Site, g: str, y: str, x: str, windows: Windows) -> str:
    """Windows side by side: enlarge y, see where x equals it, and keep the first such cell of each window.

    Asking the runtime for the maximum's index instead costs fifteen times a plain pooling. Ranks k, k−1, … 1 in each
    window, kept where x holds the maximum, make the first hit the largest: a second pooling finds it. They are kept by
    multiplication: onnxruntime's Where costs several times as much.
    """
    cells = prod(windows.kernel)
    ranks = np.arange(cells, 0, -1, dtype=np.float32).reshape(windows.kernel)
    highest = number(b, b.Equal(crop(b, x, windows), enlarged(b, y, windows)))
    hits = b.Mul(highest, b.Tile(ranks, windows.outputs))
    best = b.MaxPool(hits, kernel_shape=windows.kernel, strides=windows.strides)
    first = number(b, b.Equal(hits, enlarged(b, best, windows)))
    return uncrop(b, b.Mul(first, enlarged(b, g, windows)), windows)


def scattered(b: Site, g: str, x: str, windows: Windows) -> str:
    """Overlapping windows: each maximum's index, flat over the whole batch, receives its gradient by addition."""
    given = {"kernel_shape": windows.kernel, "strides": windows.strides, "dilations": windows.dilations}
    _, index = b.add("MaxPool", x, outputs=2, pads=windows.pads, ceil_mode=b["ceil_mode"], **given)
    flat = b.Reshape(b.ConstantOfShape(b.Shape(x)), [-1])
    added = b.ScatterElements(flat, b.Reshape(index, [-1]), b.Reshape(g, [-1]), axis=0, reduction="add")
    return b.Reshape(added, b.Shape(x))


def average_pool(b: Site, g: str, y: str, x: str) -> str:
    """Every cell of a window receives the same share; what fell into padding is lost."""
    windows = Windows.of(b, x, y)
    if windows.tiles:
        return uncrop(b, enlarged(b, b.Div(g, float(prod(windows.kernel))), windows), windows)
    return spread_windows(b, b.Mul(g, share(b, windows)), int(b.shape(x)[1] or 0), windows)


def share(b: Site, windows: Windows) -> str:
    """What one cell contributes to each mean: the same pooling of ones, divided by the cells that were really there.

    Runtimes disagree with themselves on which padding counts; asking them is exact whatever they do.
    """
    ones = np.ones((1, 1, *windows.sizes), np.float32)
    kept = ("kernel_shape", "strides", "dilations", "pads", "auto_pad", "ceil_mode", "count_include_pad")
    style = {name: b[name] for name in kept if b[name] is not None}
    means = b.Reshape(b.AveragePool(ones, **style), [1, 1, *windows.outputs])  # whose sizes are inferred wrongly
    return b.Div(means, windows.real_cells())


def spread_windows(b: Site, g: str, channels: int, windows: Windows) -> str:
    """Each output's value at every cell of its window, overlaps added: a transposed convolution with ones."""
    ones = np.ones((channels, 1, *windows.kernel), np.float32)
    return b.ConvTranspose(g, ones, group=channels, **windows.transposed)


def enlarged(b: Site, small: str, windows: Windows) -> str:
    """Every cell repeated over its window."""
    style = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return b.Resize(small, None, [1.0, 1.0, *map(float, windows.kernel)], **style)


def crop(b: Site, x: str, windows: Windows) -> str:
    """x without the cells behind the last window."""
    axes = list(range(2, 2 + len(windows.sizes)))
    return b.Slice(x, [0] * len(axes), windows.covered, axes) if any(windows.leftover) else x


def uncrop(b: Site, gradient: str, windows: Windows) -> str:
    """Zeros for the cells behind the last window."""
    pads = [0] * (4 + len(windows.sizes)) + list(windows.leftover)
    return b.Pad(gradient, pads) if any(windows.leftover) else gradient


def global_average(b: Site, g: str, y: str, x: str) -> str:
    """The gradient, divided among all cells of the map."""
    return b.Expand(b.Div(g, count(b, x, y)), b.Shape(x))


def global_max(b: Site, g: str, y: str, x: str) -> str:
    """Shared evenly by the cells that hold the maximum."""
    hits = number(b, b.Equal(x, y))
    return b.Mul(hits, b.Div(g, b.ReduceSum(hits, list(range(2, b.rank(x))), keepdims=1)))


def lp_pool(b: Site, g: str, y: str, x: str) -> str:
    """(Σ |x|ᵖ)^(1/p) over each window: g y^(1−p) spread over it, times |x|^(p−1) sign(x); 0 where y is."""
    p, windows = float(b["p"]), Windows.of(b, x, y)
    weight = b.Where(b.Equal(y, 0.0), 0.0, b.Mul(g, b.Pow(y, 1 - p)))
    spread = spread_windows(b, weight, int(b.shape(x)[1] or 0), windows)
    return b.Mul(spread, b.Mul(b.Pow(b.Abs(x), p - 1), b.Sign(x)))


def global_lp(b: Site, g: str, y: str, x: str) -> str:
    """The same over the whole map."""
    p = float(b["p"])
    weight = b.Where(b.Equal(y, 0.0), 0.0, b.Mul(g, b.Pow(y, 1 - p)))
    return b.Mul(weight, b.Mul(b.Pow(b.Abs(x), p - 1), b.Sign(x)))


defvjp("LpPool", lp_pool)
defvjp("GlobalLpPool", global_lp)
defvjp("MaxPool", max_pool)
defvjp("AveragePool", average_pool)
defvjp("GlobalAveragePool", global_average)
defvjp("GlobalMaxPool", global_max)
