"""What a sink is given: a frame's readings, or an event that was marked, each with the moment on two clocks.

The wall clock says when it was, and may be set while a recording runs; the monotonic one only runs on, and is the one
to measure with. It is `time.perf_counter()`, which on Linux and macOS other programs of this machine read as well.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from ..reading.smoothing import Shown
from ..types import Frame, Image, Reading, Size

TRIES, UNDISTURBED_S = 5, 20e-6
"""How often two clocks are read, and how long that takes at most where nothing comes between, in seconds."""
NO_PICTURE: Image = np.empty((0, 0), np.uint8)


def ahead_s(clock: Callable[[], float]) -> float:
    """How far a clock is ahead of `time.perf_counter()`, in seconds.

    On a busy machine another program may run between two readings: of a few the one counts that took the least time.
    """
    shortest_s, ahead = math.inf, 0.0
    for _ in range(TRIES):
        before, there, after = time.perf_counter(), clock(), time.perf_counter()
        if after - before < shortest_s:
            shortest_s, ahead = after - before, there - (before + after) / 2
        if shortest_s < UNDISTURBED_S:
            break
    return ahead


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment on both clocks.

    Attributes:
        monotonic_s: `time.perf_counter()`, in seconds.
        unix_s: seconds since 1970, UTC, by the wall clock.
    """

    monotonic_s: float
    unix_s: float

    @classmethod
    def of(cls, monotonic_s: float) -> Moment:
        """A moment of `time.perf_counter()`; NaN, as a recording's frames have it, stands for now."""
        if math.isnan(monotonic_s):
            monotonic_s = time.perf_counter()
        return cls(monotonic_s, monotonic_s + ahead_s(time.time))

    @property
    def wall_time(self) -> str:
        """ISO 8601 with milliseconds and this machine's time zone: "2026-03-01T14:05:06.789+01:00"."""
        return datetime.fromtimestamp(self.unix_s).astimezone().isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Sample:
    """A frame's readings. It holds numbers only: no crops, maps or heat, so that many may wait.

    Attributes:
        index: number of the frame in its source, from 0; dropped frames leave gaps.
        time_s: on the source's own clock, in seconds.
        moment: when the frame was captured, or decoded.
        faces: as they are shown; empty where nobody is seen.
        size: width and height of the picture that boxes are pixels of.
        source: what is watched.
        prior: how much of the training pictures' prior is taken off, 0–1; None where that is not known.
    """

    index: int
    time_s: float
    moment: Moment
    faces: tuple[Shown, ...]
    size: Size
    source: str = ""
    prior: float | None = None

    @classmethod
    def of(cls, frame: Frame, faces: tuple[Shown, ...], source: str = "", prior: float | None = None) -> Sample:
        """What was read in a frame.

        Args:
            frame: the picture; its size and its time are kept, its pixels are not.
            faces: who is in it, as they are shown.
            source: name of the film or camera.
            prior: how much of the training pictures' prior is taken off, 0–1, or None.
        """
        size = frame.picture.width, frame.picture.height
        light = tuple(replace(shown, reading=_light(shown.reading)) for shown in faces)
        return cls(frame.index, frame.time_s, Moment.of(frame.captured_at), light, size, source, prior)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What the network said, one a face."""
        return tuple(shown.reading for shown in self.faces)

    def as_json(self) -> dict[str, Any]:
        """The frame as one JSON object; the README describes it.

        `probabilities` and `emotion` are the network's raw answer to this frame, as in the rows of a log; `shown` is
        what the window writes, smoothed over time.
        """
        return {
            "type": "frame",
            "source": self.source,
            "frame": self.index,
            "time_s": round(self.time_s, 6),
            "wall_time": self.moment.wall_time,
            "monotonic_s": round(self.moment.monotonic_s, 6),
            "size": list(self.size),
            "prior": self.prior,
            "faces": [_face(shown) for shown in sorted(self.faces, key=lambda shown: shown.reading.face.track)],
        }


@dataclass(frozen=True, slots=True)
class Marker:
    """An event that whoever watches marked.

    Attributes:
        event: its name, such as "marker 1".
        index: number of the frame that was shown.
        time_s: of that frame, on the source's own clock, in seconds.
        moment: when it was marked.
        source: what is watched.
    """

    event: str
    index: int
    time_s: float
    moment: Moment
    source: str = ""

    def as_json(self) -> dict[str, Any]:
        """The event as one JSON object."""
        return {
            "type": "marker",
            "source": self.source,
            "event": self.event,
            "frame": self.index,
            "time_s": round(self.time_s, 6),
            "wall_time": self.moment.wall_time,
            "monotonic_s": round(self.moment.monotonic_s, 6),
        }


def box_of(reading: Reading) -> tuple[float, float, float, float]:
    """Left, top, width, height of a face in pixels, as the rows have them."""
    x0, y0, x1, y1 = (float(edge) for edge in reading.face.box_xyxy)
    return round(x0, 1), round(y0, 1), round(x1 - x0, 1), round(y1 - y0, 1)


def _light(reading: Reading) -> Reading:
    return replace(reading, crop=NO_PICTURE, explanation=None, stretched=None)


def _face(shown: Shown) -> dict[str, Any]:
    reading = shown.reading
    said = reading.plain or reading.prediction
    x, y, width, height = map(_number, box_of(reading))
    return {
        "face": reading.face.track,
        "x": x,
        "y": y,
        "width": width,
        "height": height,
        "confidence": _number(reading.face.score, 4),
        "emotion": said.emotion,
        "probabilities": {name: _number(share) for name, share in zip(said.labels, said.probabilities, strict=True)},
        "quality": None if said.quality is None else _number(said.quality, 4),
        **({"numbers": {name: _number(value) for name, value in said.numbers.items()}} if said.numbers else {}),
        "shown": {"label": shown.label, "confidence": _number(shown.confidence, 4)},
    }


def _number(value: float, digits: int = 6) -> float | None:
    """A number as JSON has it, which knows no infinite ones."""
    return round(float(value), digits) if math.isfinite(value) else None
