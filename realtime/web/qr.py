"""An address as a QR code in the terminal, for the camera of a telephone."""

from __future__ import annotations

import cv2
import numpy as np

QUIET = 2
"""Cells of light about OpenCV's code, which has two of the four that the standard asks for."""
HALVES = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
"""Upper and lower cell of a letter, light or not: terminals are dark, so that light cells are drawn."""


def qr_lines(text: str) -> list[str]:
    """Lines of half blocks, light on dark."""
    code = np.asarray(cv2.QRCodeEncoder.create().encode(text)) > 0
    light = np.pad(code, QUIET, constant_values=True)
    if len(light) % 2:
        light = np.pad(light, ((0, 1), (0, 0)), constant_values=False)
    rows = zip(light[::2], light[1::2], strict=True)
    return ["".join(HALVES[bool(a), bool(b)] for a, b in zip(upper, lower, strict=True)) for upper, lower in rows]
