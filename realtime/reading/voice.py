"""What is said about the faces of one source, and the class that heat must speak for to agree with it.

    readings ──smoothed per track──▶ labels ──targets──▶ the network's next call

Heat is asked for before its frame's label is known, so it speaks for the class of the frame before. In the one frame in
which a label changes it therefore still speaks for the old class; `agrees` tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..network.network import PREDICTED
from ..types import Reading
from ..view.scene import Shown, smoothed
from .smoothing import Smoother


class Voice:
    """Says something about each face, frame after frame.

    Args:
        labels: class names, in the network's order.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = tuple(labels)
        self._smoother = Smoother(labels)
        self._said: dict[int, int] = {}

    def say(self, readings: Sequence[Reading], time_s: float) -> tuple[Shown, ...]:
        """The faces of one frame as they are to be shown."""
        moods = [self._smoother.update(one.face.track, one.prediction.probabilities, time_s) for one in readings]
        self._said = {one.face.track: mood.index for one, mood in zip(readings, moods, strict=True)}
        return tuple(smoothed(one, mood) for one, mood in zip(readings, moods, strict=True))

    def targets(self, pinned: int = PREDICTED) -> int | Mapping[int, int]:
        """The pinned class; else by track number the one that was said last, so that heat and label agree."""
        return self._said if pinned == PREDICTED else pinned

    def agrees(self, readings: Sequence[Reading]) -> bool:
        """Whether the explanations of the faces that were spoken of last, if there are any, are of what was said."""
        return all(
            one.explanation is None or one.explanation.target == self._labels[self._said[one.face.track]]
            for one in readings
        )

    def reset(self) -> None:
        """Forgets all faces: another source, or a jump within it."""
        self._smoother.reset()
        self._said = {}
