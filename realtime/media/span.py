"""A part of a recording, and the quickest way to its first frame that still knows the frame's number."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

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


@dataclass(frozen=True, slots=True)
class KeyFrames:
    """Where a film can be begun: the key frames that a seek lands on, known once for many seeks.

    Attributes:
        stream: number of the film's stream.
        keys: time in ticks of each, and how many pictures are shown before it.
        times: of all pictures, in ticks, rising.
    """

    stream: int
    keys: tuple[tuple[int, int], ...]
    times: tuple[int, ...]

    @classmethod
    def of(cls, tape: Tape, stream: VideoStream, until_s: float = math.inf) -> KeyFrames | None:
        """Those before a moment; None where the film cannot be begun but at its beginning. Only packets are read.

        Args:
            tape: opens the same source again.
            stream: the film in it.
            until_s: the moment, in seconds on the recording's own clock.
        """
        if not tape.seekable or stream.time_base is None:
            return None
        times, keys = _times_before(tape, stream.index, until_s)
        ordered = sorted(times)
        return cls(stream.index, tuple((key, bisect_left(ordered, key)) for key in sorted(keys)), tuple(ordered))

    def between(self, start: int, end: int) -> int:
        """How many pictures are shown from one moment to another, in ticks."""
        return bisect_left(self.times, end) - bisect_left(self.times, start)

    def part(self, start: int, end: int) -> KeyFrames:
        """What is needed to seek to moments of a part, in ticks: little, so that it can be sent."""
        before = bisect_right(self.keys, (start, math.inf))
        keys = self.keys[max(0, before - 2 * TRIES) : bisect_left(self.keys, (end, 0))]
        return KeyFrames(self.stream, keys, ())


def seek(
    container: InputContainer, stream: VideoStream, tape: Tape, start_s: float, known: KeyFrames | None = None
) -> int:
    """Moves to a key frame before a moment and returns its number, counted from the file's beginning.

    Counting only reads packets, so it is many times faster than decoding what lies before. Some containers land behind
    the key frame they are asked for: then an earlier one is asked for, or reading starts at the beginning.

    Args:
        container: that is read.
        stream: the film in it.
        tape: opens the same source again.
        start_s: the moment, in seconds.
        known: the key frames, where they have been looked for already.
    """
    if start_s <= 0 or stream.time_base is None or not tape.seekable:
        return 0
    keys = (KeyFrames.of(tape, stream, start_s) if known is None else known) or KeyFrames(stream.index, (), ())
    numbers = {key: number for key, number in keys.keys if float(key * Fraction(stream.time_base)) <= start_s}
    for key in sorted(numbers, reverse=True)[:TRIES]:
        landing = _landing(tape, stream.index, key)
        if landing in numbers:
            container.seek(key, stream=stream)
            return numbers[landing]
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
