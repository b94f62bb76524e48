"""What is said about a face over time: probabilities smoothed per track, a label that does not flicker, *unsure*.

Probabilities follow the network's with a time constant τ, whatever the frame rate:

    p ← p + (1 − exp(−Δt / τ)) · (network − p)

The label stays until another class leads it by a margin. Below a threshold the label is *unsure*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..types import Floats

UNSURE = "unsure"
CONSTANT_S = 0.3
"""The usual time constant, in seconds."""


@dataclass(frozen=True, slots=True)
class Mood:
    """What is said about one face now.

    Attributes:
        probabilities: (K,) smoothed, summing to 1.
        index: the class of the label, also where it is unsure.
        label: its name, or "unsure".
        confidence: its smoothed probability, 0–1.
    """

    probabilities: Floats
    index: int
    label: str
    confidence: float


@dataclass(slots=True)
class _Memory:
    probabilities: Floats
    index: int
    time_s: float


class Smoother:
    """Smooths each track's probabilities and steadies its label.

    Args:
        labels: class names, in the network's order.
        constant_s: time constant in seconds; 0 smooths nothing.
        margin: by how much another class must lead before the label changes, 0–1.
        unsure_below: confidence under which the label is "unsure", 0–1.
        memory_s: how long a track that is not seen is remembered, in seconds.
    """

    def __init__(
        self,
        labels: Sequence[str],
        constant_s: float = CONSTANT_S,
        margin: float = 0.1,
        unsure_below: float = 0.4,
        memory_s: float = 2.0,
    ) -> None:
        self._labels = tuple(labels)
        self._constant_s = constant_s
        self._margin = margin
        self._unsure_below = unsure_below
        self._memory_s = memory_s
        self._tracks: dict[int, _Memory] = {}

    def update(self, track: int, probabilities: Floats, time_s: float) -> Mood:
        """What to say about a track after the network's answer (K,) at this time."""
        before = self._tracks.get(track)
        after = self._first(probabilities, time_s) if before is None else self._next(before, probabilities, time_s)
        self._tracks[track] = after
        self._forget(time_s)
        confidence = float(after.probabilities[after.index])
        label = self._labels[after.index] if confidence >= self._unsure_below else UNSURE
        return Mood(after.probabilities, after.index, label, confidence)

    def reset(self) -> None:
        """Forgets all tracks: another source, or a jump within it."""
        self._tracks.clear()

    def _first(self, probabilities: Floats, time_s: float) -> _Memory:
        return _Memory(np.array(probabilities, np.float32), int(np.argmax(probabilities)), time_s)

    def _next(self, before: _Memory, probabilities: Floats, time_s: float) -> _Memory:
        elapsed_s = max(0.0, time_s - before.time_s)
        weight = 1.0 if self._constant_s <= 0 else 1 - np.exp(-elapsed_s / self._constant_s)
        smooth = (before.probabilities + np.float32(weight) * (probabilities - before.probabilities)).astype(np.float32)
        best = int(smooth.argmax())
        changes = smooth[best] - smooth[before.index] > self._margin
        return _Memory(smooth, best if changes else before.index, time_s)

    def _forget(self, time_s: float) -> None:
        old = [track for track, memory in self._tracks.items() if time_s - memory.time_s > self._memory_s]
        for track in old:
            del self._tracks[track]
