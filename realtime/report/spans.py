"""How long a face showed what: time per emotion, unbroken spans, changes. Built frame by frame in constant memory.

Every frame counts for as long as it is shown, so a variable frame rate changes nothing:

    frame   │happy  │happy      │sad  │happy │
    time    0      0.1         0.4   0.5    0.6      happy 0.5 s, sad 0.1 s, longest happy span 0.4 s, 2 changes
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..types import Prediction

GAP_S = 0.5
"""A face that was gone for longer than this starts a new span, in seconds."""
NOTHING = -1
"""In the place of an emotion: the face could not be read, or was not seen yet."""
KEPT = 5
"""How many of the longest spans are kept."""


@dataclass(frozen=True, slots=True, order=True)
class EmotionSpan:
    """One emotion without a break.

    Attributes:
        seconds: how long.
        emotion: its name.
        start_s: on the recording's clock.
        end_s: likewise.
    """

    seconds: float
    emotion: str
    start_s: float
    end_s: float


@dataclass(slots=True)
class FaceTimes:
    """What one face showed, for how long.

    Attributes:
        labels: class names.
        seconds: (K,) time per emotion.
        unreadable_s: time in which it could not be read.
        quality_s: its quality summed over time, in seconds, or None where no network told it.
        weighted: (K,) probabilities summed over time, in seconds.
        frames: in which it was seen.
        changes: from one emotion to another without the face being gone or unreadable.
        longest: the longest spans, longest first.
        first_s: when it was first seen.
        last_s: until when it was seen.
    """

    labels: Sequence[str]
    frames: int = 0
    changes: int = 0
    unreadable_s: float = 0.0
    quality_s: float | None = None
    first_s: float = 0.0
    last_s: float = 0.0
    longest: list[EmotionSpan] = field(default_factory=list)
    seconds: NDArray[np.float64] = field(init=False)
    weighted: NDArray[np.float64] = field(init=False)
    _emotion: int = NOTHING
    _since_s: float = 0.0

    def __post_init__(self) -> None:
        self.seconds = np.zeros(len(self.labels))
        self.weighted = np.zeros(len(self.labels))

    @property
    def seen_s(self) -> float:
        """How long it was seen, in seconds."""
        return float(self.seconds.sum()) + self.unreadable_s

    @property
    def quality(self) -> float | None:
        """How well it could be read on average, 0–1."""
        return None if self.quality_s is None else self.quality_s / max(self.seen_s, 1e-9)

    def add(self, start_s: float, end_s: float, prediction: Prediction) -> None:
        """Adds a frame that is shown from `start_s` to `end_s`."""
        emotion, seconds = prediction.index if prediction.readable else NOTHING, end_s - start_s
        gone = self.frames > 0 and start_s - self.last_s > GAP_S
        if self.frames == 0:
            self.first_s = self._since_s = start_s
        elif gone or emotion != self._emotion:
            self._end_span()
            self._since_s = start_s
            self.changes += not gone and NOTHING not in (emotion, self._emotion)
        self._emotion, self.last_s = emotion, end_s
        self.frames += 1
        if prediction.quality is not None:
            self.quality_s = (self.quality_s or 0.0) + prediction.quality * seconds
        if emotion == NOTHING:
            self.unreadable_s += seconds
        else:
            self.seconds[emotion] += seconds
            self.weighted += prediction.probabilities * seconds

    def close(self) -> None:
        """Ends the span that is still open."""
        if self.frames:
            self._end_span()

    def _end_span(self) -> None:
        if self._emotion == NOTHING:
            return
        span = EmotionSpan(self.last_s - self._since_s, self.labels[self._emotion], self._since_s, self.last_s)
        self.longest = sorted([*self.longest, span], key=lambda span: (-span.seconds, span.start_s))[:KEPT]
