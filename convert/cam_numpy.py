"""The formulas of `cam.py` once more, in NumPy: the oracle that the ONNX operators are checked against.

A and G are (N, h, w, c); every function returns the raw map (N, h, w).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
SPACE = (1, 2)


def gradcam(a: Array, g: Array) -> Array:
    """Σ_k mean_ij(G_k) A_k."""
    return _weighted(g.mean(SPACE, keepdims=True), a)


def gradcam_plus_plus(a: Array, g: Array) -> Array:
    """Σ_k Σ_ij(α max(G, 0)) A_k, α = G² / (2 G² + G³ Σ_ij max(A, 0)), in float64: G³ may be beyond float32."""
    rising, rectified = np.maximum(g, 0).astype(np.float64), np.maximum(a, 0)
    alpha = _ratio(rising**2, 2 * rising**2 + rising**3 * rectified.sum(SPACE, keepdims=True))
    return np.asarray(_weighted((alpha * rising).sum(SPACE, keepdims=True), a), a.dtype)


def xgradcam(a: Array, g: Array) -> Array:
    """Σ_k (Σ_ij G A / Σ_ij |A|) A_k."""
    return _weighted(_ratio((g * a).sum(SPACE, keepdims=True), np.abs(a).sum(SPACE, keepdims=True)), a)


def hirescam(a: Array, g: Array) -> Array:
    """Σ_k G_k A_k."""
    return _weighted(g, a)


def layercam(a: Array, g: Array) -> Array:
    """Σ_k max(G_k, 0) A_k."""
    return _weighted(np.maximum(g, 0), a)


def eigencam(a: Array, g: Array) -> Array:
    """A Aᵀ eight times, from Σ_k A_k; where that has settled, A times its first singular vector."""
    cells = a.reshape(len(a), -1, a.shape[-1]).astype(np.float64)
    heat = cells.sum(-1, keepdims=True)
    for _ in range(8):
        unit = _ratio(heat, np.sqrt((heat**2).sum(1, keepdims=True)))
        heat = cells @ (cells.transpose(0, 2, 1) @ unit)
    return np.asarray(heat.reshape(a.shape[:3]), a.dtype)


ORACLES: dict[str, Callable[[Array, Array], Array]] = {
    "gradcam": gradcam,
    "gradcam++": gradcam_plus_plus,
    "xgradcam": xgradcam,
    "hirescam": hirescam,
    "layercam": layercam,
    "eigencam": eigencam,
    "saliency": lambda a, g: np.asarray(np.abs(g).max(-1)),
    "gradientxinput": hirescam,
}


def normalised(heat: Array) -> Array:
    """max(heat, 0) divided by its own maximum per face; zero where that is zero."""
    rectified = np.maximum(heat, 0)
    peak = rectified.max(SPACE, keepdims=True)
    return _ratio(rectified, peak)


def _weighted(weights: Array, a: Array) -> Array:
    return np.asarray((weights * a).sum(-1))


def _ratio(part: Array, whole: Array) -> Array:
    zeros = np.zeros(np.broadcast_shapes(part.shape, whole.shape), whole.dtype)
    return np.asarray(np.divide(part, whole, out=zeros, where=whole != 0))
