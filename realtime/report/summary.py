"""The summary of a recording as JSON: per face and over all, share of time per emotion, longest spans, changes.

Shares are of the time in which a face could be read; how long it could not is told beside them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..types import Reading
from .spans import FaceTimes

SUMMARY = ".summary.json"
"""End of its name."""
MADE = "made"
"""Under which it holds the record of what made it (`emoscope.processing.record`)."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A frame whose end is not known before the next one comes."""

    time_s: float
    readings: Sequence[Reading]


class Summary:
    """Collects what a recording shows, frame by frame, in memory that grows with the number of faces only.

    Args:
        labels: class names, in the network's order.
        usual_s: how long the last frame is shown where there is no other to tell, in seconds.
    """

    def __init__(self, labels: Sequence[str], usual_s: float = 0.04) -> None:
        self.labels = tuple(labels)
        self.faces: dict[int, FaceTimes] = {}
        self.frames = self.frames_with_faces = 0
        self.first_s = self.last_s = 0.0
        self._usual_s = usual_s
        self._waiting: _Waiting | None = None

    def add(self, time_s: float, readings: Sequence[Reading]) -> None:
        """Adds a frame at its time, in seconds; times rise."""
        if self._waiting is None:
            self.first_s = time_s
        else:
            self._usual_s = time_s - self._waiting.time_s
            self._count(self._waiting, time_s)
        self._waiting = _Waiting(time_s, list(readings))
        self.frames += 1
        self.frames_with_faces += bool(readings)

    def close(self) -> None:
        """Counts the last frame."""
        if self._waiting is not None:
            self._count(self._waiting, self._waiting.time_s + self._usual_s)
            self._waiting = None
        for face in self.faces.values():
            face.close()

    def as_json(self) -> dict[str, Any]:
        """Everything, with times in seconds on the recording's clock and shares from 0 to 1."""
        seconds = sum((face.seconds for face in self.faces.values()), np.zeros(len(self.labels)))
        return {
            "frames": self.frames,
            "frames_with_faces": self.frames_with_faces,
            "start_s": round(self.first_s, 6),
            "end_s": round(self.last_s, 6),
            "unreadable_s": round(sum(face.unreadable_s for face in self.faces.values()), 6),
            "share_of_time": self._shares(seconds),
            "faces": [self._face(number, face) for number, face in sorted(self.faces.items())],
        }

    def _count(self, frame: _Waiting, end_s: float) -> None:
        self.last_s = end_s
        for reading in frame.readings:
            face = self.faces.setdefault(reading.face.track, FaceTimes(self.labels))
            face.add(frame.time_s, end_s, reading.prediction)

    def _face(self, number: int, face: FaceTimes) -> dict[str, Any]:
        return {
            "face": number,
            "frames": face.frames,
            "first_s": round(face.first_s, 6),
            "last_s": round(face.last_s, 6),
            "seen_s": round(face.seen_s, 6),
            "unreadable_s": round(face.unreadable_s, 6),
            "mean_quality": None if face.quality is None else round(face.quality, 4),
            "share_of_time": self._shares(face.seconds),
            "mean_probability": self._shares(face.weighted),
            "changes": face.changes,
            "longest_spans": [_rounded(asdict(span)) for span in face.longest],
        }

    def _shares(self, seconds: NDArray[np.float64]) -> dict[str, float]:
        total = float(seconds.sum()) or 1.0
        return {label: round(float(part) / total, 6) for label, part in zip(self.labels, seconds, strict=True)}


def write_summary(path: Path, summary: Summary, about: Mapping[str, Any]) -> None:
    """Writes the summary with what else is to be said about the run before it."""
    text = json.dumps({**about, **summary.as_json()}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")


def read_record(path: Path) -> dict[str, Any] | None:
    """The record in a summary; None where there is none."""
    try:
        record = json.loads(path.read_text("utf-8"))[MADE]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if isinstance(record, dict) else None


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in values.items()}
