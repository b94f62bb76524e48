"""Everything one drawn picture speaks of, gathered before drawing so that drawing is a pure function of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..reading.smoothing import Mood
from ..types import Box, Face, Floats, Image, Reading

@dataclass(frozen=True, slots=True)
class Shown:
    """A face as it is shown.

    Attributes:
        reading: what the network said about it in this frame.
        probabilities: (K,) what is drawn: smoothed over time for the eyes, or the raw ones.
        label: the class that is written at the face, or "unsure".
        confidence: the drawn probability of the most probable class, 0–1.
    """

    reading: Reading
    probabilities: Floats
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the running program, as the status panel tells it.

    Attributes:
        source: what is watched.
        fps: pictures shown per second, 0 while unknown or while nothing comes.
        latency_s: from capture to screen, or None where frames have no moment of capture.
        dropped: frames that a slow machine skipped.
        model: the network's name.
        provider: the execution provider that really runs.
        stages_s: seconds per stage and frame.
        recording: whether a recording runs.
        position: where in a file the picture stands, "" for live sources.
    """

    source: str = ""
    fps: float = 0.0
    latency_s: float | None = None
    dropped: int = 0
    model: str = ""
    provider: str = ""
    stages_s: Mapping[str, float] = field(default_factory=dict)
    recording: bool = False
    position: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is drawn on one picture.

    Attributes:
        faces: all faces, in any order.
        chosen: number of the face that the inset speaks of, in `faces`, or None.
        portrait: the square of the picture that the chosen face's crop was made from, gray or BGR, or None.
        status: None where there is no running program to speak of, as in a recorded file.
        history: (T, K) probabilities of the chosen face, oldest first, NaN where it was not seen; or None.
        history_s: seconds that `history` spans.
        notice: one line over everything, such as "paused"; "" for none.
        smoothed_s: time constant of the smoothing of what is shown, in seconds; 0 where the answers are raw.
        time_s: when it is drawn, on a clock of whoever draws one picture after another; panels move slowly by it.
    """

    faces: tuple[Shown, ...] = ()
    chosen: int | None = None
    portrait: Image | None = None
    status: Status | None = None
    history: Floats | None = None
    history_s: float = 0.0
    notice: str = ""
    smoothed_s: float = 0.0
    time_s: float = 0.0

    @property
    def subject(self) -> Shown | None:
        """The chosen face."""
        return None if self.chosen is None else self.faces[self.chosen]


def raw(reading: Reading) -> Shown:
    """A face with the network's raw answer, unsmoothed."""
    prediction = reading.prediction
    return Shown(reading, prediction.probabilities, prediction.emotion, prediction.confidence)


def smoothed(reading: Reading, mood: Mood) -> Shown:
    """A face with what is said about it over time."""
    return Shown(reading, mood.probabilities, mood.label, mood.confidence)


def at_scale(shown: Shown, factor: float, x: float = 0.0, y: float = 0.0) -> Shown:
    """The same face on a picture that is `factor` times as large, with its corner at (x, y) of a board."""
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
