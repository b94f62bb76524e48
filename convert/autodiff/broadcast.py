"""Undoing broadcasting: what was copied on the way forward is summed on the way back.

forward   (N, h, w, c) + (c,)   →  (N, h, w, c)
backward  the gradient of (c,) is the sum over N, h and w
"""

from __future__ import annotations

from .builder import Shape
from .site import Site


def unbroadcast(b: Site, gradient: str, large: Shape, small: Shape) -> str:
    """Sums a gradient of shape `large` down to `small`, the shape of what was broadcast.

    Args:
        b: standing at the operator that broadcast.
        gradient: name of the tensor.
        large: its shape.
        small: shape of what was broadcast.

    Returns:
        Name of the sum.
    """
    lead = len(large) - len(small)
    axes = [*range(lead), *(lead + i for i, size in enumerate(small) if size == 1 and large[lead + i] != 1)]
    summed = b.ReduceSum(gradient, axes, keepdims=1) if axes else gradient
    return b.Squeeze(summed, list(range(lead))) if lead else summed
