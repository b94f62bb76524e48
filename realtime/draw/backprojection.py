"""The pixels that drive a map, over the face: amber where brighter raises its answer, blue where it lowers it."""

from __future__ import annotations

import cv2
import numpy as np

from ..types import Floats, Image
from .maps import signed_colours

FACE = 0.35
"""Brightness that is left of the face, so that colour stands out."""
FULL_COLOUR = 0.995
"""Part of the pixels that are shown in their proper strength."""


def pixels_picture(pixels: Floats, ground: Image) -> Image:
    """Signed pixels (H, W) over a gray (edge, edge, 3) face."""
    size = ground.shape[1::-1]
    large = np.asarray(cv2.resize(on_their_scale(pixels), size, interpolation=cv2.INTER_NEAREST), np.float32)
    strength = np.abs(large)[..., None]
    return np.asarray(ground * (FACE * (1 - strength)) + signed_colours(large) * strength, np.uint8)


def on_their_scale(pixels: Floats) -> Floats:
    """Signed pixels (H, W) as −1 to 1, in which few are beyond full colour."""
    peak = float(np.quantile(np.abs(pixels), FULL_COLOUR)) or float(np.abs(pixels).max(initial=0.0)) or 1.0
    return np.asarray(np.clip(pixels / peak, -1, 1), np.float32)
