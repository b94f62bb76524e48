"""Colours of a figure: activations, heat that lets the face shine through, emotions.

Activations have one scale a layer, from zero, so that brighter always means more active. A layer that also gives
negative values gets a scale with white at zero: blue below, red above.
"""

from __future__ import annotations

from functools import cache

import matplotlib as mpl
import numpy as np
from matplotlib.colors import Colormap, ListedColormap, Normalize

from ...draw.style import colour_of
from ...types import Floats

HEAT = "inferno"
THINNEST, THICKEST = 0.0, 0.85
"""Opacity of heat 0 and of heat 1 over the face."""


def activation_colours(maps: Floats) -> tuple[Colormap, Normalize]:
    """Colours and the common scale of a layer's maps."""
    low, high = float(maps.min(initial=0.0)), float(maps.max(initial=0.0))
    if low < 0:
        peak = max(high, -low)
        return mpl.colormaps["RdBu_r"], Normalize(-peak, peak)
    return mpl.colormaps["viridis"], Normalize(0.0, high or 1.0)


def signed_colours(values: Floats) -> tuple[Colormap, Normalize]:
    """Colours and scale of what drives a channel: red where brighter pixels raise it, blue where they lower it."""
    most = float(np.abs(values).max(initial=0.0)) or 1.0
    return mpl.colormaps["RdBu_r"], Normalize(-most, most)


@cache
def heat_colours(strength: float = 1.0) -> ListedColormap:
    """Heat that grows opaque as it grows hot, `strength` times as much; where it is zero the face stays as it is."""
    steps = np.linspace(0, 1, 256)
    colours = mpl.colormaps[HEAT](steps)
    colours[:, 3] = strength * (THINNEST + (THICKEST - THINNEST) * np.minimum(1.0, 1.6 * steps))
    return ListedColormap(colours)


def emotion_colour(label: str, number: int) -> str:
    """The class's colour as #rrggbb."""
    blue, green, red = colour_of(label, number)
    return f"#{red:02x}{green:02x}{blue:02x}"
