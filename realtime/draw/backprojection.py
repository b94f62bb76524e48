"""The pixels that drive a map, over the face: amber where brighter raises its answer, blue where it lowers it."""

from __future__ import annotations

import cv2
import numpy as np

from ..types import Floats, Image
from .maps import signed_colours
from .patch import Patch, lay

FACE = 0.35
"""Brightness that is left of the face, so that colour stands out."""
FULL_COLOUR = 0.995
"""Part of the pixels that are shown in their proper strength."""


def pixels_picture(pixels: Floats, ground: Image) -> Image:
    """Signed pixels (H, W) over a gray (edge, edge, 3) face."""
    scaled = on_their_scale(pixels)
    strength = np.abs(scaled)[..., None]
    ink, clear = signed_colours(scaled) * strength, 255 * FACE * (1 - strength)
    sheet = np.rint(np.dstack([ink, clear])).astype(np.uint8)  # as few as the pixels are: the face is larger
    large = np.asarray(cv2.resize(sheet, ground.shape[1::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
    picture: Image = np.array(ground)
    lay(picture, [Patch(0, 0, large)])
    return picture


def on_their_scale(pixels: Floats) -> Floats:
    """Signed pixels (H, W) as −1 to 1, in which few are beyond full colour."""
    peak = float(np.quantile(np.abs(pixels), FULL_COLOUR)) or float(np.abs(pixels).max(initial=0.0)) or 1.0
    return np.asarray(np.clip(pixels / peak, -1, 1), np.float32)
