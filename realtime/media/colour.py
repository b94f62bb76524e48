"""What colours are in planes, and the matrix that brings them there from BGR.

    Y = kR·R + kG·G + kB·B        U ~ (B − Y) / (1 − kB)        V ~ (R − Y) / (1 − kR)

Weights after ITU-R BT.601, BT.709 and BT.2020; ranges are 16–235 for luma and 16–240 for U and V, or 0–255 for all.
"""

from __future__ import annotations

from functools import cache

import av
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
"""(3, 4): from three channels and 1, all 0–255, to three others."""

KR_KB = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
"""Weights of red and blue in luma."""
BT709, UNSPECIFIED, BT601, BT2020 = 1, 2, 5, 9
"""FFmpeg's numbers for colour spaces."""
FULL_RANGE = 2
"""FFmpeg's number for luma from 0 to 255; anything else means 16 to 235."""
HD_HEIGHT = 720
"""From this height on, players take pictures that say nothing of their colours for BT.709."""
BLACK, WHITE = 16, 235
CHROMA_SPAN, CHROMA_ZERO = 224, 128


def full_range(frame: av.VideoFrame) -> bool:
    """Whether luma reaches from 0 to 255."""
    return frame.color_range == FULL_RANGE or frame.format.name.startswith("yuvj")


def to_planes(frame: av.VideoFrame) -> Matrix:
    """From (B, G, R, 1) to (Y, U, V) of this frame."""
    return _to_planes(_standard(frame), full_range(frame))


def _standard(frame: av.VideoFrame) -> str:
    if frame.colorspace == BT2020:
        return "bt2020"
    hd = frame.colorspace == BT709 or (frame.colorspace == UNSPECIFIED and frame.height >= HD_HEIGHT)
    return "bt709" if hd else "bt601"


@cache
def _to_planes(standard: str, full: bool) -> Matrix:
    red, blue = KR_KB[standard]
    luma = np.array([blue, 1 - red - blue, red])
    span, black = (255, 0) if full else (WHITE - BLACK, BLACK)
    chroma = 255 if full else CHROMA_SPAN
    to_u = (np.array([1, 0, 0]) - luma) / (2 * (1 - blue)) * chroma / 255
    to_v = (np.array([0, 0, 1]) - luma) / (2 * (1 - red)) * chroma / 255
    rows = [(*(luma * span / 255), black), (*to_u, CHROMA_ZERO), (*to_v, CHROMA_ZERO)]
    return np.array(rows, np.float32)
