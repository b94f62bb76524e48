"""Recordings for scripts: every frame's faces and what the network said about them, one typed value at a time.

from emoscope import analyse

for frame in analyse("clip.mp4"):
    for reading in frame.readings:
        print(frame.time_s, reading.face.track, reading.prediction.emotion)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from .media.reader import Recording
from .media.span import Span
from .network.bundle import DEFAULT_MODEL
from .network.network import Request
from .processing.ahead import Ahead
from .processing.finding import PACE, finds
from .processing.reading import reads
from .reading.session import ReadFrame, Wish, open_session
from .types import Reading


@dataclass(frozen=True, slots=True)
class FrameReadings:
    """What was read in one frame.

    Attributes:
        index: number of the frame in the recording, from 0.
        time_s: its time on the recording's own clock, in seconds.
        readings: one a face, in any order; empty where nobody is seen.
    """

    index: int
    time_s: float
    readings: tuple[Reading, ...]


def analyse(
    source: str | PathLike[str],
    *,
    model: str = DEFAULT_MODEL,
    detector: str = "auto",
    provider: str = "auto",
    layer: str = "",
    method: str = "",
    start_s: float = -math.inf,
    end_s: float = math.inf,
    every: int = 1,
) -> Iterator[FrameReadings]:
    """Reads a recording frame by frame, in memory that does not grow with its length.

    Args:
        source: the file.
        model: shipped name, or path of an .onnx pair.
        detector: name of the face finder.
        provider: onnxruntime's execution provider.
        layer: the layer whose activations each reading's `explanation` is to hold, "" for none.
        method: the CAM method whose heatmap of this layer it is to hold, "" for none.
        start_s: where to begin, in seconds on the recording's own clock.
        end_s: where to end.
        every: looks at every Nth frame only, and yields no others.

    Raises:
        EmoscopeError: the recording or the model cannot be read; the message says why.
    """
    wish = Wish(Request(layer, maps=bool(layer), method=method), smoothed=False)
    with (
        open_session(model, provider, detector, pace=PACE) as session,
        Recording(Path(source), Span(start_s, end_s)) as recording,
        Ahead(recording.frames(), "decoding") as frames,
        Ahead(finds(frames, session.finder, every), "finding") as found,
    ):
        for item in reads(found, session, wish):
            if isinstance(item, ReadFrame) and item.fresh:
                yield FrameReadings(item.frame.index, item.frame.time_s, item.seen.readings)
