"""Takes some pictures and a short clip of a source, without a window, and tells what was read in each picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from ..draw.picture import annotate
from ..errors import ResultError, SourceError
from ..reading.session import Session
from ..sinks.fan_out import FanOut
from ..view.scene import Status
from ..view.state import ViewState, wish_of
from .analyst import Analysed, Analyst, Watching
from .feed import Feed
from .naming import next_name
from .recorder import Recorder
from .scenes import Scenes
from .snapshot import save_snapshot
from .source import Source

FIRST_S, PATIENCE_S = 20.0, 3.0
"""How long to wait for the first frame of a source, and for the next one before it counts as ended, in seconds."""


def capture(
    source: Source,
    session: Session,
    state: ViewState,
    folder: Path,
    pictures: int,
    seconds: float,
    sinks: FanOut | None = None,
) -> Iterator[tuple[str, Analysed]]:
    """Pictures at equal distances over the clip, each as it is saved; the clip is whole at the end.

    Where fewer frames could be read than pictures are wanted, those that lack come behind the clip.

    Args:
        source: closed at the end.
        session: reads it.
        state: what is drawn on the clip, and asked of the network.
        folder: where pictures and the clip go.
        pictures: how many, at least 1.
        seconds: how long the clip is, on the source's own clock.
        sinks: where all readings, and what is recorded, go besides.

    Yields:
        The common name of a picture's files, and what was read in it.

    Raises:
        SourceError: the source gives no frame.
        ResultError: the folder cannot be written to.
    """
    scenes = Scenes(Status)
    watching = Watching(wish_of(state), state.mirror, still=True)  # a picture that is kept leaves nobody out
    with Feed(source) as feed, Analyst(feed, session, watching) as analyst:
        frames = _frames(analyst, feed)
        first = next(frames)  # raises what is wrong where there is none
        start_s = first.frame.time_s
        size = first.frame.picture.width, first.frame.picture.height
        taken = 0
        with next_name(folder) as name:
            recorder = Recorder(folder / f"{name}.mp4", size)
        with recorder:
            for analysed in chain([first], frames):
                elapsed_s = analysed.frame.time_s - start_s
                if elapsed_s >= seconds and taken == pictures:
                    break
                scenes.take(analysed)
                scene = replace(scenes.scene(analysed, state), status=None)
                picture = annotate(analysed.frame.image, scene, state)
                if elapsed_s < seconds:
                    recorder.add(picture, analysed.frame.time_s)
                if sinks is not None:
                    sinks.send(analysed.frame, analysed.faces, analysed.prior)
                    sinks.show(picture)
                if taken < pictures and elapsed_s >= taken * seconds / pictures:
                    taken += 1
                    yield save_snapshot(folder, analysed.frame, scene, state), analysed
        if recorder.error:
            raise ResultError(f"{recorder.path}: {recorder.error}")


def _frames(analyst: Analyst, feed: Feed) -> Iterator[Analysed]:
    """Fresh frames as they are read, until the source ends; SourceError where none comes at all."""
    seen = False
    while True:
        analysed = analyst.newest.take(PATIENCE_S if seen else FIRST_S)
        if analysed is not None and analysed.fresh:
            seen = True
            yield analysed
        elif analysed is None and (analyst.newest.ended or not analyst.busy):  # a slow machine may read one for long
            break
    error = feed.error or analyst.error
    if error is not None or not seen:
        raise error or SourceError(f"{feed.source.name}: gives no picture")
