"""Operators that pick values by computed places, and sums along an axis. What was picked goes back to its place.

The places themselves are whole numbers, through which no gradient flows.
"""

from __future__ import annotations

from ..site import Site
from ..table import UNSUPPORTED, defvjp


def zeros_like(b: Site, x: str) -> str:
    """Zeros in the shape of x."""
    return b.ConstantOfShape(b.Shape(x))


def gather_elements(b: Site, g: str, y: str, x: str, places: str) -> str:
    """Back to where each value came from; values picked twice add up."""
    return b.ScatterElements(zeros_like(b, x), places, g, axis=b["axis"], reduction="add")


def gather_nd(b: Site, g: str, y: str, x: str, places: str) -> str:
    """Likewise, for places of several axes."""
    b.only("batch_dims", 0)
    return b.ScatterND(zeros_like(b, x), places, g, reduction="add")


def scatter_elements(b: Site, g: str, y: str, x: str, places: str, values: str) -> str:
    """Nothing where x was replaced; everything where it was added to."""
    b.only("reduction", "none", "add")
    return g if b["reduction"] == "add" else b.ScatterElements(g, places, zeros_like(b, values), axis=b["axis"])


def scattered_elements(b: Site, g: str, y: str, x: str, places: str, values: str) -> str:
    """The gradient at the places that the values went to."""
    b.only("reduction", "none", "add")
    return b.GatherElements(g, places, axis=b["axis"])


def scatter_nd(b: Site, g: str, y: str, x: str, places: str, values: str) -> str:
    """Nothing where x was replaced; everything where it was added to."""
    b.only("reduction", "none", "add")
    return g if b["reduction"] == "add" else b.ScatterND(g, places, zeros_like(b, values))


def scattered_nd(b: Site, g: str, y: str, x: str, places: str, values: str) -> str:
    """The gradient at the places that the values went to."""
    b.only("reduction", "none", "add")
    return b.GatherND(g, places)


def top_k(b: Site, g: str, y: str, x: str, k: str) -> str:
    """Back to where the largest were."""
    style = {name: b[name] for name in ("axis", "largest", "sorted")}
    _, places = b.add("TopK", x, k, outputs=2, **style)
    return b.ScatterElements(zeros_like(b, x), places, g, axis=b["axis"], reduction="add")


def running_sum(b: Site, g: str, y: str, x: str, axis: str) -> str:
    """Each value is in all sums behind it: the running sum from the other end."""
    return b.CumSum(g, axis, exclusive=b["exclusive"], reverse=1 - b["reverse"])


defvjp("GatherElements", gather_elements, None)
defvjp("GatherND", gather_nd, None)
defvjp("ScatterElements", scatter_elements, None, scattered_elements)
defvjp("ScatterND", scatter_nd, None, scattered_nd)
defvjp("TopK", top_k, None)
defvjp("Trilu", lambda b, g, y, x, k=None: b.Trilu(g, k, upper=b["upper"]), None)
defvjp("CumSum", running_sum, UNSUPPORTED)
