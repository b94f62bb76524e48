"""The one-euro filter, for a box that does not shake: a low-pass that opens as soon as the face moves.

The 1€ filter (Casiez, Roussel and Vogel, CHI 2012): an exponential filter whose cut-off frequency grows with the speed,

    f = f₀ + β · max(0, |v| − v₀)        α = 1 − exp(−2π f Δt)        x ← x + α · (measured − x)

with v in edges of the face a second, itself smoothed at a fixed frequency; below v₀ it is taken for noise, of which a
small face has more: v₀ is a tenth of an edge and 5 pixels a second. A still face is averaged over about 1 / (2π f₀)
seconds, a third of one; a moving one lags by v₀ / (2π f₀) or 1 / (2π β), 3 % of its edge and 2 pixels, however fast it
is. All coordinates of a face share one α, so that box and eyes stay together.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..types import Face
from .geometry import edge

STILL_HZ = 0.5
OPENING_HZ = 5.0
SPEED_HZ = 1.5
STILL_SPEED, STILL_PIXELS = 0.1, 5.0
MIN_STEP_S = 1e-3

Vector = NDArray[np.float64]


class OneEuroFilter:
    """Filters one face.

    Args:
        face: where it was first seen.
        time_s: when.
    """

    def __init__(self, face: Face, time_s: float) -> None:
        self._place = self._measured = _vector(face)
        self._speed = np.zeros_like(self._place)
        self._time_s = time_s

    def update(self, face: Face, time_s: float) -> Face:
        """The steadied face, after it was measured again at a later time."""
        elapsed_s, measured = max(time_s - self._time_s, MIN_STEP_S), _vector(face)
        speed = (measured - self._measured) / elapsed_s / max(edge(face.box_xyxy), 1.0)
        self._speed = self._speed + _weight(SPEED_HZ, elapsed_s) * (speed - self._speed)
        # The root of the mean square sees growth as well as movement; a face that moves level has half of it in x.
        moving = math.sqrt(2 * float(np.mean(self._speed**2)))
        still = STILL_SPEED + STILL_PIXELS / max(edge(face.box_xyxy), 1.0)
        cutoff_hz = STILL_HZ + OPENING_HZ * max(0.0, moving - still)
        self._place = self._place + _weight(cutoff_hz, elapsed_s) * (measured - self._place)
        self._measured, self._time_s = measured, time_s
        return _face(self._place, face)


def _weight(cutoff_hz: float, elapsed_s: float) -> float:
    return -math.expm1(-2 * math.pi * cutoff_hz * elapsed_s)


def _vector(face: Face) -> Vector:
    return np.array([*face.box_xyxy, *face.eyes[0], *face.eyes[1]], np.float64)


def _face(vector: Vector, like: Face) -> Face:
    x0, y0, x1, y1, ax, ay, bx, by = vector.tolist()
    return replace(like, box_xyxy=(x0, y0, x1, y1), eyes=((ax, ay), (bx, by)))
