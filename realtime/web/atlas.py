"""A layer of the atlas as the page reads it: how its sprites stand in their sheet, and numbers for each filter."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..network.atlas import AtlasLayer
from ..types import Floats

DIGITS = 4


def told(layer: AtlasLayer) -> dict[str, Any]:
    """Tile, columns and field in pixels; for each channel `excited`, `means` and `shares`, null where not measured."""
    return {
        "tile": layer.tile,
        "columns": layer.columns,
        "field": layer.field,
        "excited": _numbers(layer.excited),
        "means": None if layer.means is None else _numbers(layer.means),
        "shares": None if layer.shares is None else _numbers(layer.shares),
    }


def _numbers(values: Floats) -> list[Any]:
    """Rounded, as JSON has them: what is not finite is null."""
    if values.ndim > 1:
        return [_numbers(row) for row in values]
    return [round(float(value), DIGITS) if np.isfinite(value) else None for value in values]
