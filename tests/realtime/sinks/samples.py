"""Frames and readings to give to sinks."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from emoscope.media.raster import Bgr
from emoscope.sinks.about import About
from emoscope.sinks.sample import Marker, Moment, Sample
from emoscope.types import Frame
from tests.realtime.tiny import LABELS, explained, face, gray, shown

if TYPE_CHECKING:
    from emoscope.reading.smoothing import Shown

ABOUT = About(LABELS, "tiny", "list")


def frame(index: int = 0, captured_at: float | None = None) -> Frame:
    """A gray frame, captured now."""
    return Frame(index, index / 30, Bgr(gray()), perf_counter() if captured_at is None else captured_at)


def two() -> tuple[Shown, ...]:
    """Two faces, the second of which was seen first; with heat, and a label of its own."""
    second = replace(shown(face(80, 10, track=1), best=1), label="unsure", confidence=0.25)
    return shown(face(track=2), why=explained()), second


def sample(index: int = 0, faces: tuple[Shown, ...] | None = None, prior: float | None = None) -> Sample:
    """A frame's readings."""
    return Sample.of(frame(index), two() if faces is None else faces, "list", prior)


def marker(event: str = "marker 1", index: int = 0) -> Marker:
    """An event."""
    return Marker(event, index, index / 30, Moment.of(perf_counter()), "list")


def crowd(count: int) -> tuple[Shown, ...]:
    """Many faces beside each other."""
    return tuple(shown(face(float(10 * number), 0, track=number + 1)) for number in range(count))


def wild() -> tuple[Shown, ...]:
    """A face with numbers that JSON does not know."""
    one = shown(face(float("inf"), 0, track=1, score=float("nan")))
    return (replace(one, confidence=float(np.float32("nan"))),)
