"""A part of a recording, and the quickest way to its first frame that still knows the frame's number."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass

from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from ..errors import SourceError
from .tape import Tape


@dataclass(frozen=True, slots=True)
class Span:
    """From `start_s` up to, not including, `end_s`, in seconds on the recording's own clock."""

    start_s: float = -math.inf
    end_s: float = math.inf

    def __post_init__(self) -> None:
        if not self.start_s < self.end_s:
            raise SourceError(f"the part from {self.start_s:g} s to {self.end_s:g} s is empty: --end must be later")

    @property
    def whole(self) -> bool:
        """Whether nothing is cut off."""
        return self == Span()

    def holds(self, time_s: float) -> bool:
        """Whether a moment lies in the part."""
        return self.start_s <= time_s < self.end_s


WHOLE = Span()
TRIES = 4
"""Key frames that are asked for, the last before a moment and those before it."""


def seek(container: InputContainer, stream: VideoStream, tape: Tape, start_s: float) -> int:
    """Moves to a key frame before a moment and returns its number, counted from the file's beginning.

    Counting only reads packets, so it is many times faster than decoding what lies before. Some containers land behind
    the key frame they are asked for: then an earlier one is asked for, or reading starts at the beginning.
    """
    if start_s <= 0 or stream.time_base is None or not tape.seekable:
        return 0
    times, keys = _times_before(tape, stream.index, start_s)
    for key in sorted(keys, reverse=True)[:TRIES]:
        landing = _landing(tape, stream.index, key)
        if landing in keys:
            container.seek(key, stream=stream)
            return sum(time < landing for time in times)
    return 0


def _times_before(tape: Tape, index: int, start_s: float) -> tuple[set[int], set[int]]:
    """Times in ticks of the pictures before a moment and some behind it, and of the key frames among those before.

    Both are empty where the clock starts anew within, as in spliced recordings.
    """
    times, keys, last = set[int](), set[int](), -math.inf
    with tape.open() as container:
        stream = container.streams[index]
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            ticks = packet.pts if packet.dts is None else packet.dts
            if ticks < last:
                return set(), set()
            last = ticks
            times.add(packet.pts)
            if packet.is_keyframe and packet.pts * packet.time_base <= start_s:
                keys.add(packet.pts)
            if ticks * packet.time_base > start_s:
                break
    return times, keys


def _landing(tape: Tape, index: int, key: int) -> int | None:
    """The time of the first picture that is read after a seek, in ticks; None where it fails."""
    with suppress(FFmpegError), tape.open() as container:
        container.seek(key, stream=container.streams[index])
        return next(
            (packet.pts for packet in container.demux(container.streams[index]) if packet.pts is not None), None
        )
    return None
