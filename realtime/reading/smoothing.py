"""What is said about a face over time: probabilities smoothed per track, a label that does not flicker, *unsure*.

Probabilities follow the network's with a time constant τ, whatever the frame rate:

    p ← p + (1 − exp(−Δt / τ)) · (network − p)

The label stays until another class leads it by a margin. Below a threshold the label is *unsure*. Where a face cannot
be read it is *unreadable*: quality is smoothed alike, and what the network says meanwhile is not listened to.

Heat is asked for before its frame's label is known, so it speaks for the class of the frame before:

    readings ──smoothed per track──▶ labels ──targets──▶ the network's next call

In the one frame in which a label changes it therefore still speaks for the old class; `disagrees` tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..network.network import PREDICTED
from ..types import UNREADABLE, Box, Face, Floats, Reading

UNSURE = "unsure"
SMOOTHING_S = 0.3
"""Time constant for people's eyes: quick enough for a smile, slow enough to be read."""
UNSURE_BELOW = 0.4
"""For a model whose contract does not say: no class is even nearly as probable as all others together."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A face as it is shown.

    Attributes:
        reading: what the network said about it in this frame.
        probabilities: (K,) what is drawn: smoothed over time for the eyes, or the raw ones.
        label: the class that is written at the face, or "unsure", or "unreadable".
        confidence: the drawn probability of the class, 0–1.
        at_rest: how much of the person's neutral face has been seen, 0–1; 1 where its baseline is taken off, None where
            none is wanted.
    """

    reading: Reading
    probabilities: Floats
    label: str
    confidence: float
    at_rest: float | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class SmoothedLabel:
    """What is said about one face now.

    Attributes:
        probabilities: (K,) smoothed, summing to 1.
        index: the class of the label, also where it is unsure or unreadable.
        label: its name, or "unsure", or "unreadable".
        confidence: its smoothed probability, 0–1.
    """

    probabilities: Floats
    index: int
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is remembered of a track.

    Attributes:
        probabilities: (K,) smoothed.
        index: the class of the label.
        time_s: when it was last seen.
        quality: smoothed, 0–1.
    """

    probabilities: Floats
    index: int
    time_s: float
    quality: float


@dataclass(frozen=True, slots=True)
class Said:
    """All that a smoother remembers.

    Attributes:
        tracks: what is remembered of each.
        last: the classes that were said of the last frame's faces.
    """

    tracks: Mapping[int, Remembered] = field(default_factory=dict)
    last: Mapping[int, int] = field(default_factory=dict)


class LabelSmoother:
    """Smooths each track's probabilities and steadies its label.

    Args:
        labels: class names, in the network's order.
        constant_s: time constant in seconds; 0 smooths nothing.
        margin: by how much another class must lead before the label changes, 0–1.
        unsure_below: confidence under which the label is "unsure", 0–1.
        unreadable_below: quality under which the label is "unreadable", 0–1.
        memory_s: how long a track that is not seen is remembered, in seconds.
    """

    def __init__(
        self,
        labels: Sequence[str],
        constant_s: float = SMOOTHING_S,
        margin: float = 0.1,
        unsure_below: float = UNSURE_BELOW,
        unreadable_below: float = 0.0,
        memory_s: float = 2.0,
    ) -> None:
        self._labels = tuple(labels)
        self._constant_s = constant_s
        self._margin = margin
        self._unsure_below, self._unreadable_below = unsure_below, unreadable_below
        self._memory_s = memory_s
        self._tracks: dict[int, Remembered] = {}
        self._said: dict[int, int] = {}

    def say(self, readings: Sequence[Reading], time_s: float) -> tuple[Shown, ...]:
        """The faces of one frame as they are to be shown."""
        spoken = [
            self.update(one.face.track, one.prediction.probabilities, time_s, one.prediction.quality)
            for one in readings
        ]
        self._said = {one.face.track: label.index for one, label in zip(readings, spoken, strict=True)}
        return tuple(smoothed(one, label) for one, label in zip(readings, spoken, strict=True))

    def targets(self, pinned: int = PREDICTED) -> int | Mapping[int, int]:
        """The pinned class; else by track number the one that was said last, so that heat and label agree."""
        return self._said if pinned == PREDICTED else pinned

    def disagrees(self, reading: Reading) -> bool:
        """Whether the explanation of a face that was spoken of last, if there is one, is of another class."""
        why = reading.explanation
        return why is not None and why.target != self._labels[self._said[reading.face.track]]

    def update(self, track: int, probabilities: Floats, time_s: float, quality: float | None = None) -> SmoothedLabel:
        """What to say about a track, after the network's answer to one more of its pictures.

        Args:
            track: number of the face.
            probabilities: (K,), summing to 1.
            time_s: of the picture, in seconds.
            quality: how well the face could be read, 0–1; None where the network does not tell.
        """
        before, clear = self._tracks.get(track), 1.0 if quality is None else quality
        if before is None:
            after = Remembered(np.array(probabilities, np.float32), int(np.argmax(probabilities)), time_s, clear)
        else:
            after = self._next(before, probabilities, time_s, clear)
        self._tracks[track] = after
        self._forget(time_s)
        confidence = float(after.probabilities[after.index])
        return SmoothedLabel(after.probabilities, after.index, self._label(after, confidence), confidence)

    def _label(self, memory: Remembered, confidence: float) -> str:
        if memory.quality < self._unreadable_below:
            return UNREADABLE
        return self._labels[memory.index] if confidence >= self._unsure_below else UNSURE

    def memory(self) -> Said:
        """What is remembered now; another smoother that recalls it goes on where this one is."""
        return Said(dict(self._tracks), dict(self._said))

    def recall(self, said: Said) -> None:
        """Goes on where another smoother was."""
        self._tracks, self._said = dict(said.tracks), dict(said.last)

    def reset(self) -> None:
        """Forgets all tracks: another source, or a jump within it."""
        self._tracks.clear()
        self._said = {}

    def _next(self, before: Remembered, probabilities: Floats, time_s: float, clear: float) -> Remembered:
        elapsed_s = max(0.0, time_s - before.time_s)
        weight = 1.0 if self._constant_s <= 0 else 1 - np.exp(-elapsed_s / self._constant_s)
        quality = before.quality + float(weight) * (clear - before.quality)
        if clear < self._unreadable_below:
            return replace(before, time_s=time_s, quality=quality)
        if before.quality < self._unreadable_below:
            weight = 1.0  # nothing that was said before could be believed
        smooth = (before.probabilities + np.float32(weight) * (probabilities - before.probabilities)).astype(np.float32)
        best = int(smooth.argmax())
        changes = smooth[best] - smooth[before.index] > self._margin
        return Remembered(smooth, best if changes else before.index, time_s, quality)

    def _forget(self, time_s: float) -> None:
        old = [track for track, memory in self._tracks.items() if time_s - memory.time_s > self._memory_s]
        for track in old:
            del self._tracks[track]


def raw(reading: Reading) -> Shown:
    """A face with the network's raw answer, unsmoothed."""
    prediction = reading.prediction
    return Shown(reading, prediction.probabilities, prediction.emotion, prediction.confidence)


def smoothed(reading: Reading, label: SmoothedLabel) -> Shown:
    """A face with what is said about it over time."""
    return Shown(reading, label.probabilities, label.label, label.confidence)


def at_scale(shown: Shown, factor: float, x: float = 0.0, y: float = 0.0) -> Shown:
    """The same face in the pixels of a board, on which its picture lies.

    Args:
        shown: in pixels of the picture.
        factor: how many times as large the picture is there.
        x: of the picture's left edge on the board, in pixels.
        y: of its upper edge.
    """
    reading = shown.reading
    box, eyes = _scaled(reading.face.box_xyxy, factor, x, y), _eyes(reading.face, factor, x, y)
    face = replace(reading.face, box_xyxy=box, eyes=eyes)
    return replace(shown, reading=replace(reading, face=face, square=_scaled(reading.square, factor, x, y)))


def _scaled(box: Box, factor: float, x: float, y: float) -> Box:
    x0, y0, x1, y1 = box
    return x0 * factor + x, y0 * factor + y, x1 * factor + x, y1 * factor + y


def _eyes(face: Face, factor: float, x: float, y: float) -> tuple[tuple[float, float], tuple[float, float]]:
    (ax, ay), (bx, by) = face.eyes
    return (ax * factor + x, ay * factor + y), (bx * factor + x, by * factor + y)
