"""Poolings. A maximum sends its gradient to the first cell that holds it, a mean to all cells alike."""

from __future__ import annotations

import numpy as np
import onnx

from convert.autodiff.site import Site
from convert.autodiff.table import defvjp
from convert.autodiff.windows import Windows


def max_pool(b: Site, g: str, y: str, x: str) -> str:
    """Gradient of the input of a max pooling."""
    windows = Windows.of(b, x, y)
    return _tiled(b, g, y, x, windows) if windows.tiles else _scattered(b, g, x, windows)


def _tiled(b: Site, g: str, y: str, x: str, windows: Windows) -> str:
    """Windows side by side: enlarge y, see where x equals it, and keep the first such cell of each window.

    Asking the runtime for the maximum's index instead costs fifteen times a plain pooling. Ranks k, k−1, … 1 in each
    window, kept where x holds the maximum, make the first hit the largest: a second pooling finds it.
    """
    cells = int(np.prod(windows.kernel))
    ranks = np.arange(cells, 0, -1, dtype=np.float32).reshape(windows.kernel)
    seen = _crop(b, x, windows)
    hits = b.Where(b.Equal(seen, _enlarged(b, y, windows)), b.Tile(ranks, windows.outputs), 0.0)
    best = b.MaxPool(hits, kernel_shape=windows.kernel, strides=windows.strides)
    first = b.Cast(b.Equal(hits, _enlarged(b, best, windows)), to=onnx.TensorProto.FLOAT)
    return _uncrop(b, b.Mul(first, _enlarged(b, g, windows)), windows)


def _enlarged(b: Site, small: str, windows: Windows) -> str:
    scales = [1.0, 1.0, *map(float, windows.kernel)]
    style = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return b.Resize(small, None, scales, **style)


def _crop(b: Site, x: str, windows: Windows) -> str:
    axes = list(range(2, 2 + len(windows.sizes)))
    return b.Slice(x, [0] * len(axes), windows.covered, axes) if any(windows.leftover) else x


def _uncrop(b: Site, gradient: str, windows: Windows) -> str:
    pads = [0] * (4 + len(windows.sizes)) + list(windows.leftover)
    return b.Pad(gradient, pads) if any(windows.leftover) else gradient


def _scattered(b: Site, g: str, x: str, windows: Windows) -> str:
    """Overlapping windows: each maximum's index, flat over the whole batch, receives its gradient by addition."""
    given = {"kernel_shape": windows.kernel, "strides": windows.strides, "dilations": windows.dilations}
    _, index = b.add("MaxPool", x, outputs=2, pads=windows.pads, ceil_mode=b["ceil_mode"], **given)
    flat = b.Reshape(b.Sub(x, x), [-1])
    added = b.ScatterElements(flat, b.Reshape(index, [-1]), b.Reshape(g, [-1]), axis=0, reduction="add")
    return b.Reshape(added, b.Shape(x))


defvjp("MaxPool", max_pool)
