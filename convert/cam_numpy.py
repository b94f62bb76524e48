"""The formulas of `cam.py` once more, in NumPy: the oracle that the ONNX nodes are checked against.

A and G are (N, h, w, c); every function returns the raw map (N, h, w).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]


def gradcam(a: Array, g: Array) -> Array:
    """Σ_k mean_ij(G_k) A_k."""
    return np.asarray((g.mean((1, 2), keepdims=True) * a).sum(-1))


ORACLES = {"gradcam": gradcam}


def normalised(heat: Array) -> Array:
    """max(heat, 0) divided by its own maximum per face; zero where that is zero."""
    rectified = np.maximum(heat, 0)
    peak = rectified.max((1, 2), keepdims=True)
    return rectified / np.where(peak > 0, peak, 1)
