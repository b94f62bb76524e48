"""High dynamic range: what luma of a PQ or HLG film means on a screen of ordinary light.

    signal ──transfer function──▶ light in cd/m² ──÷ 100──▶ x ──shoulder──▶ 0–1 ──^(1/2.4)──▶ signal

Transfer functions after ITU-R BT.2100: PQ gives light itself; HLG gives the scene's, which a display of 1000 cd/m²
raises to the power of 1.2. 100 cd/m² is white on an ordinary screen (ITU-R BT.2035). Up to k, half of it, light stays
as it is, so that a dark scene is seen as an ordinary film shows it; above, all up to 1000 cd/m² finds room under 1:

    k + (1 − k) · ln(1 + (x − k)/s) / ln(1 + (10 − k)/s)        with s such that the slope at k is 1

Colours differ from gray by little: a little is multiplied by the slope of this curve at their brightness, and goes
from the primaries and weights of BT.2020 to those of BT.709 and BT.601 by one matrix of two by two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from ..types import Floats, Image
from .colour import BLACK, BT601, CHROMA_ZERO, KR_KB, UNSPECIFIED, WHITE, full_range
from .planes import blank, planes

PQ, HLG = 16, 18
"""FFmpeg's numbers for transfer functions (SMPTE ST 2084, ARIB STD-B67)."""
NAMES = {PQ: "PQ", HLG: "HLG"}
WHITE_LIGHT, PEAK = 100.0, 1000.0
"""What is white on an ordinary screen, and the brightest that is told from brighter, in cd/m²."""
KNEE, SHOULDER = 0.5, 0.1124
SYSTEM_GAMMA, SCREEN_GAMMA = 1.2, 2.4
INK = {PQ: 0.58, HLG: 0.75}
"""The signal of a white sheet: what is drawn into such a film must not shine brighter (ITU-R BT.2408)."""

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tone:
    """How luma of one kind of film becomes luma of ordinary light.

    Attributes:
        luma: (256,) new luma for each value.
        slope: (256,) how much what is added to a value grows.
    """

    luma: Image
    slope: Floats

    def mapped(self, frame: av.VideoFrame) -> av.VideoFrame:
        """A 4:2:0 frame of 8 bits in ordinary light; a new one."""
        plain = blank(frame.width, frame.height, like=frame)
        (y, *colours), (new_y, *new_colours) = planes(frame), planes(plain)
        new_y[...] = cv2.LUT(y, self.luma)
        slope = cv2.LUT(cv2.resize(y, colours[0].shape[::-1], interpolation=cv2.INTER_AREA), self.slope)
        u, v = (cv2.multiply(one.astype(np.float32) - CHROMA_ZERO, slope) for one in colours)
        for new_colour, (from_u, from_v) in zip(new_colours, _colour_matrix(), strict=True):
            new_colour[...] = cv2.addWeighted(u, from_u, v, from_v, CHROMA_ZERO, dtype=cv2.CV_8U)
        plain.colorspace, plain.color_primaries, plain.color_trc = BT601, UNSPECIFIED, UNSPECIFIED
        return plain


def tone_of(frame: av.VideoFrame) -> Tone | None:
    """What brings a frame into ordinary light; None where it is in it already."""
    return _tone(frame.color_trc, full_range(frame)) if frame.color_trc in NAMES else None


def ordinary(signal: Doubles, transfer: int) -> Doubles:
    """The signal 0–1 of an ordinary screen for a signal 0–1 of a PQ or HLG film, for gray."""
    light = np.minimum((_pq if transfer == PQ else _hlg)(signal), PEAK) / WHITE_LIGHT
    beyond = np.log1p(np.maximum(light - KNEE, 0) / SHOULDER) / np.log1p((PEAK / WHITE_LIGHT - KNEE) / SHOULDER)
    seen = np.where(light <= KNEE, light, KNEE + (1 - KNEE) * beyond)
    return np.asarray(seen ** (1 / SCREEN_GAMMA), np.float64)


@cache
def _colour_matrix() -> list[list[float]]:
    """From U and V after BT.2020 to those after BT.601 with the primaries of BT.709, near gray."""
    to_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
    matrix = _to_chroma("bt601") @ to_709 @ np.linalg.pinv(_to_chroma("bt2020"))
    return [[float(value) for value in row] for row in matrix]


def _to_chroma(standard: str) -> Doubles:
    """(2, 3): from red, green and blue to U and V."""
    red, blue = KR_KB[standard]
    luma = np.array([red, 1 - red - blue, blue])
    to_u, to_v = (np.array([0, 0, 1]) - luma) / (2 * (1 - blue)), (np.array([1, 0, 0]) - luma) / (2 * (1 - red))
    return np.stack([to_u, to_v])


@cache
def _tone(transfer: int, full: bool) -> Tone:
    black, span = (0, 255) if full else (BLACK, WHITE - BLACK)
    signal = np.clip((np.arange(256) - black) / span, 0, 1)
    step = 1 / 1024
    slope = (ordinary(np.minimum(signal + step, 1), transfer) - ordinary(np.maximum(signal - step, 0), transfer)) / (
        np.minimum(signal + step, 1) - np.maximum(signal - step, 0)
    )
    luma = np.round(black + span * ordinary(signal, transfer)).astype(np.uint8)
    return Tone(luma, np.minimum(slope, 4).astype(np.float32))


def _pq(signal: Doubles) -> Doubles:
    """Light in cd/m²: the EOTF of ITU-R BT.2100, table 4."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    root = signal ** (1 / m2)
    return np.asarray(10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1), np.float64)


def _hlg(signal: Doubles) -> Doubles:
    """Light in cd/m²: the inverse OETF of ITU-R BT.2100, table 5, and the OOTF for gray."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return np.asarray(PEAK * scene**SYSTEM_GAMMA, np.float64)
