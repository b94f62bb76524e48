"""The frames of a source, one after another: of a film every one, of a camera or stream the newest, of a folder all.

Each is a generator that owns what it opens: when it is closed, or dropped, files are closed and threads have ended.
"""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeAlias

from ..errors import SettingsError, SourceError
from ..live.feed import Feed
from ..live.opening import open_source
from ..live.source import Source
from ..media.given import given_picture
from ..media.kinds import is_left_behind, is_ours, is_picture
from ..media.numbered import is_numbered, rate_of
from ..media.raster import raster_of
from ..media.reader import Recording
from ..media.shape import Shape
from ..media.span import WHOLE, Span
from ..media.tape import STANDARD_INPUT
from ..processing.finding import PACE, finds
from ..processing.prefetch import Prefetch
from ..processing.reading import reads
from ..processing.sections import Sections
from ..reading.session import ReadFrame, Seen, Session, Wish
from ..types import Raster, is_number, is_whole
from .results import FrameReadings, faces_of

LOOK_S = 0.1
"""How long to wait for a frame of a live source before looking whether it has ended, in seconds."""

SessionOpener: TypeAlias = "Callable[[float], Session]"
"""Opens a session for one source that looks for new faces at this share of the usual pace."""
StillReader: TypeAlias = "Callable[[Raster, Wish], Seen]"
"""Reads a picture by itself, and forgets what it read before."""


class Sink(Protocol):
    """Where frames go, one after another: a file, a database, a socket of your own.

    It is called once for each frame; where it has a method `close`, that is called at the end, also after an error.
    """

    def __call__(self, frame: FrameReadings, /) -> object:
        """Takes a frame."""
        ...


class OutgrownError(Exception):
    """A picture has come that is larger than the one shape that all were to get.

    Attributes:
        largest: the largest shape of a picture in the part.
    """

    def __init__(self, largest: Shape) -> None:
        super().__init__(largest)
        self.largest = largest


@dataclass(frozen=True, slots=True)
class FilmPart:
    """Which frames of a film are looked at, and how.

    Attributes:
        span: from when to when.
        every: every Nth frame only.
        video_stream: which video of a file that holds several, from 0; None for the largest.
        fps: numbered pictures a second; None for 25.
        fixed: whether all pictures get one shape, as in the film that `process` writes; else each keeps its own.
        canvas: this shape; None for that of the first picture.

    Raises:
        SettingsError: one of them is no such number.
    """

    span: Span = WHOLE
    every: int = 1
    video_stream: int | None = None
    fps: float | None = None
    fixed: bool = False
    canvas: Shape | None = None

    def __post_init__(self) -> None:
        if not (is_whole(self.every) and self.every >= 1):
            raise SettingsError(f"every is a whole number from 1, for every Nth frame, not {self.every!r}")
        if not (self.video_stream is None or is_whole(self.video_stream)):
            raise SettingsError(f"video_stream is a whole number, None for the largest, not {self.video_stream!r}")
        if not (self.fps is None or (is_number(self.fps) and 0 < self.fps < math.inf)):
            raise SettingsError(f"fps is the number of pictures a second, above 0, None for 25, not {self.fps!r}")


def frames_of(
    source: int | str | os.PathLike[str],
    wish: Wish,
    part: FilmPart,
    open_session: SessionOpener,
    read_still: StillReader,
) -> Iterator[FrameReadings]:
    """The frames of whatever a source is.

    Args:
        source: camera number, film, stream address, picture, or folder of pictures.
        wish: what is to be known of each face.
        part: of a film.
        open_session: for a film, a camera or a stream, which is read by a session of its own.
        read_still: reads pictures.

    Raises:
        SourceError: the source is none, or cannot be read; of a film, and of a picture in a folder, only when its turn
            comes.
    """
    if not isinstance(source, str | os.PathLike):
        if not is_whole(source):
            told = f"an object of type {type(source).__name__} is no source"
            raise SourceError(f"{told}: give a camera's number, a path, or the address of a stream")
        return live_frames(open_source(str(int(source))), wish, open_session)
    path = Path(os.fspath(source))
    if path.is_dir():
        return pictures(_pictures_in(path), wish, read_still)
    recorded = path.exists() or path == STANDARD_INPUT or is_numbered(path)
    if recorded and not is_picture(path):
        return film_frames(path, wish, part, open_session)
    if path.exists():
        return picture(path, wish, read_still)
    return live_frames(open_source(str(source)), wish, open_session)


def film_frames(path: Path, wish: Wish, part: FilmPart, open_session: SessionOpener) -> Iterator[FrameReadings]:
    """Every frame of a film, decoded and searched for faces on threads that run ahead; see `frames_of`.

    Args:
        path: the film, numbered pictures, or "-".
        wish: what is to be known of each face.
        part: which frames are looked at.
        open_session: gives the session that reads it, and is closed with it.

    Raises:
        SourceError: it cannot be opened, or holds no picture in that part.
        OutgrownError: all pictures are to get one shape, and there is a larger one: what came is to be forgotten.
    """
    how = {"film": part.video_stream, "fps": rate_of(part.fps), "fixed": part.fixed, "canvas": part.canvas}
    with open_session(PACE) as session, Recording(path, part.span, **how) as recording:  # type: ignore[arg-type]
        with (
            Prefetch(recording.frames(), "decoding") as frames,
            Prefetch(
                finds(frames, session.finder, part.every, Sections.of(recording, every=part.every)), "finding"
            ) as found,
        ):
            for item in reads(found, session, wish):
                if part.fixed and recording.outgrown and recording.again:
                    break
                if isinstance(item, ReadFrame) and item.fresh:
                    frame = item.frame
                    yield _frame(frame.index, frame.time_s, item.seen, frame.picture, path.name)
            else:
                return
        for _ in recording.shapes_ahead():  # only now, when no thread reads it any more
            pass
        raise OutgrownError(recording.handling.largest)


def live_frames(source: Source, wish: Wish, open_session: SessionOpener) -> Iterator[FrameReadings]:
    """The newest frame of a source that does not wait, whenever one is asked for; closes the source.

    Args:
        source: already open.
        wish: what is to be known of each face.
        open_session: gives the session that reads it, and is closed with it.

    Raises:
        SourceError: the source was lost, and does not come back.
    """
    with Feed(source) as feed, open_session(1.0) as session:
        while not feed.newest.ended:
            frame = feed.newest.take(LOOK_S)
            if frame is not None:
                seen = session.read(frame.picture, frame.time_s, wish)
                read = _frame(frame.index, frame.time_s, seen, frame.picture, feed.source.name)
                yield replace(read, captured_at=frame.captured_at)
        if feed.error is not None:
            raise feed.error


def picture(path: Path, wish: Wish, read_still: StillReader, index: int = 0) -> Iterator[FrameReadings]:
    """A picture as a source of one frame.

    Args:
        path: the file.
        wish: what is to be known of each face.
        read_still: reads it.
        index: the frame's number, and its time in seconds.

    Raises:
        SourceError: it cannot be read.
    """
    raster = raster_of(given_picture(path))
    yield _frame(index, float(index), read_still(raster, wish), raster, path.name)


def pictures(paths: Sequence[Path], wish: Wish, read_still: StillReader) -> Iterator[FrameReadings]:
    """Pictures one after another; one that cannot be read is passed over with a warning.

    Args:
        paths: in the order in which they come.
        wish: what is to be known of each face.
        read_still: reads each.
    """
    for index, path in enumerate(paths):
        try:
            yield from picture(path, wish, read_still, index)
        except SourceError as error:
            warnings.warn(f"passed over: {error}", stacklevel=2)


def _pictures_in(folder: Path) -> list[Path]:
    taken = (path for path in folder.iterdir() if not (is_left_behind(path) or is_ours(path)))
    paths = sorted(path for path in taken if is_picture(path))
    if not paths:
        raise SourceError(f"{folder}: holds no pictures: name another folder")
    return paths


def _frame(index: int, time_s: float, seen: Seen, picture: Raster, name: str) -> FrameReadings:
    return FrameReadings(index, time_s, tuple(faces_of(seen, picture)), name, picture)
