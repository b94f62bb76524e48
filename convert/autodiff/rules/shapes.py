"""Operators that move values without changing them; the gradient moves back."""

from __future__ import annotations

import numpy as np

from convert.autodiff.site import Site
from convert.autodiff.table import defconstant, defvjp


def reshape(b: Site, g: str, y: str, x: str, *_: str | None) -> str:
    """Back to the shape of x."""
    sizes = [-1 if size is None else size for size in b.shape(x)]
    return b.Reshape(g, sizes if sizes.count(-1) < 2 else b.Shape(x))


def transpose(b: Site, g: str, y: str, x: str) -> str:
    """Back by the inverse permutation."""
    perm = b["perm"] or list(reversed(range(b.rank(x))))
    return b.Transpose(g, perm=[int(axis) for axis in np.argsort(perm)])


for _name in ("Reshape", "Flatten", "Squeeze", "Unsqueeze"):
    defvjp(_name, reshape, None)
defvjp("Transpose", transpose)
defvjp("Identity", lambda b, g, y, x: g)

defconstant("Shape", "Size", "ConstantOfShape", "Range")
