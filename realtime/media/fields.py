"""Interlaced films: each frame is two half pictures, a moment apart; whoever looks at it is shown whole ones.

    decoded    A    B    C          as they are, for the new film
    bwdif        ╲  ╱ ╲  ╱          fills the lines of one field from the other, and from the frames beside it
    seen       A'   B'   C'         for detector and network, one frame later

FFmpeg's filter `bwdif` is asked for one picture a frame. Frames that are not marked as interlaced pass it unchanged;
a film without any passes by it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, cast

import av
from av.error import FFmpegError
from av.filter import Graph

FILTER = "mode=send_frame:parity=auto:deint=interlaced"
TICK = Fraction(1, 1000)


class Sight(NamedTuple):
    """A frame as it was decoded, its time in ticks, and the frame as it is to be looked at."""

    frame: av.VideoFrame
    pts: int
    seen: av.VideoFrame


class Fields:
    """Pairs each decoded frame with what is to be seen of it."""

    def __init__(self) -> None:
        self._waiting = deque[tuple[av.VideoFrame, int]]()
        self._filter: _Filter | None = None

    def push(self, frame: av.VideoFrame, pts: int) -> Iterator[Sight]:
        """The next frame in; what is ready, in order."""
        if self._filter is None and not frame.interlaced_frame:
            yield Sight(frame, pts, frame)
            return
        if self._filter is None or not self._filter.fits(frame):
            yield from self.rest()
            self._filter = _Filter(frame)
        self._waiting.append((frame, pts))
        yield from self._paired(self._filter.passed(frame, len(self._waiting)))

    def rest(self) -> Iterator[Sight]:
        """What still waits when nothing more comes; what is pushed afterwards begins anew."""
        if self._filter is not None:
            yield from self._paired(self._filter.passed(None, len(self._waiting)))
            self._filter = None
        while self._waiting:  # the filter has failed: better as they are than not at all
            frame, pts = self._waiting.popleft()
            yield Sight(frame, pts, frame)

    def _paired(self, passed: list[av.VideoFrame]) -> Iterator[Sight]:
        for seen in passed:
            frame, pts = self._waiting.popleft()
            # The filter knows nothing of what a frame says about its colours where that has changed on the way.
            seen.color_range, seen.colorspace = frame.color_range, frame.colorspace
            seen.color_primaries, seen.color_trc = frame.color_primaries, frame.color_trc
            yield Sight(frame, pts, seen)


class _Filter:
    """FFmpeg's filter for frames of one size and format."""

    def __init__(self, like: av.VideoFrame) -> None:
        self._form = like.width, like.height, like.format.name
        self._count = 0
        self._graph = Graph()
        source = self._graph.add_buffer(width=like.width, height=like.height, format=like.format, time_base=TICK)
        chain = [source, self._graph.add("bwdif", FILTER), self._graph.add("buffersink")]
        for before, after in pairwise(chain):
            before.link_to(after)
        self._graph.configure()
        self._source, self._sink = chain[0], chain[-1]

    def fits(self, frame: av.VideoFrame) -> bool:
        return self._form == (frame.width, frame.height, frame.format.name)

    def passed(self, frame: av.VideoFrame | None, most: int) -> list[av.VideoFrame]:
        """What comes out when a frame goes in, or nothing more will."""
        passed: list[av.VideoFrame] = []
        with suppress(FFmpegError):  # it waits for more, or has ended
            self._push(frame)
            while len(passed) < most:
                passed.append(cast(av.VideoFrame, self._sink.pull()))
        return passed

    def _push(self, frame: av.VideoFrame | None) -> None:
        if frame is None:
            self._source.push(None)
            return
        stamp = frame.pts, frame.time_base
        frame.pts, frame.time_base = self._count, TICK
        self._source.push(frame)
        frame.pts, frame.time_base = stamp
        self._count += 1
