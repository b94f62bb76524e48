"""Each stage of processing by itself, one after another on one thread: where the time of a frame goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..draw.overlay import draw_on
from ..media.encoding import Encoding
from ..media.reader import RecordedFrame, Recording
from ..media.writer import VideoWriter
from ..processing.finding import Found
from ..processing.painting import Painter
from ..processing.reading import reads
from ..reading.session import ReadFrame, Session
from ..system.stopwatch import Stopwatch
from ..view.state import ViewState, wish_of

MOST_FRAMES = 300
"""Frames that are looked at; more would not change the mean."""


class Totals(Stopwatch):
    """Adds seconds up, where the window's stopwatch averages them."""

    def add(self, name: str, seconds: float) -> None:
        """Adds one measurement."""
        self._seconds[name] = self._seconds.get(name, 0.0) + seconds


@dataclass(frozen=True, slots=True)
class StageTimes:
    """What was measured.

    Attributes:
        milliseconds: stage → ms per frame.
        faces: per frame, on average.
    """

    milliseconds: dict[str, float]
    faces: float


def time_stages(path: Path, film_path: Path, session: Session, state: ViewState, encoding: Encoding) -> StageTimes:
    """Times every stage over the first frames of a file.

    Args:
        path: the file.
        film_path: where an annotated film of them is left.
        session: reads it; its stopwatch is replaced.
        state: what is drawn.
        encoding: of the annotated film.
    """
    watch, faces, number = Totals(), 0, 0
    session.stopwatch = watch
    session.reset(anew=True)
    painter, wish = Painter(state), replace(wish_of(state), exact=True)
    with Recording(path) as recording, VideoWriter(film_path, recording, encoding, print) as film:
        found = _found(recording.frames(), session, watch)
        for read in (item for item in reads(found, session, wish) if isinstance(item, ReadFrame)):
            picture, number = read.frame.picture, number + 1
            with watch.stage("compose"):
                patches = painter.patches(read)
            with watch.stage("draw"):
                draw_on(picture.frame, patches, picture.scale)
            with watch.stage("encode"):
                film.picture(picture.frame, read.frame.pts)
            faces += len(read.faces)
    return StageTimes({name: 1000 * seconds / number for name, seconds in watch.seconds.items()}, faces / number)


def _found(frames: Iterator[RecordedFrame], session: Session, watch: Totals) -> Iterator[Found]:
    """The first frames, each with its faces measured."""
    session.finder.reset()
    for _ in range(MOST_FRAMES):
        with watch.stage("decode"):
            frame = next(frames, None)
        if frame is None:
            return
        with watch.stage("faces"):
            faces = tuple(session.finder.find(frame.picture, frame.time_s))
        yield Found(frame, faces)
