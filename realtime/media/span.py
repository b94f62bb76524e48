"""A part of a recording, and the quickest way to its first frame that still knows the frame's number."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from contextlib import suppress
from dataclasses import dataclass

from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from ..errors import SourceError
from ..types import is_number
from .idr import begins_anew
from .tape import Tape


@dataclass(frozen=True, slots=True)
class Span:
    """From `start_s` up to, not including, `end_s`, in seconds on the recording's own clock."""

    start_s: float = -math.inf
    end_s: float = math.inf

    def __post_init__(self) -> None:
        if not (is_number(self.start_s) and is_number(self.end_s)):
            told = f"a part goes from one time in seconds to another, not from {self.start_s!r} to {self.end_s!r}"
            raise SourceError(f"{told}: leave out what is not wanted")
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
        keys: time in ticks of each, how many pictures are shown before it, and from when on they are whole.
        times: of all pictures, in ticks, rising.
    """

    stream: int
    keys: tuple[tuple[int, int, float], ...]
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
        if not times:
            return None
        ordered, marks = sorted(times), sorted(keys)
        following = [*marks[1:], math.inf]
        found = (
            (key, bisect_left(ordered, key), key if keys[key] else after)
            for key, after in zip(marks, following, strict=False)
        )
        return cls(stream.index, tuple(found), tuple(ordered))

    def part(self, start: int, end: int) -> KeyFrames:
        """What is needed to seek to moments of a part, in ticks: little, so that it can be sent."""
        before = bisect_right(self.keys, (start, math.inf))
        keys = self.keys[max(0, before - 2 * TRIES) : bisect_left(self.keys, (end,))]
        first = keys[0][1] if keys else 0
        return KeyFrames(self.stream, keys, self.times[first : bisect_left(self.times, end)])

    def numbers(self, landing: int) -> Numbering:
        """The numbers of pictures, where reading begins at this key frame."""
        number = next(number for key, number, _ in self.keys if key == landing)
        return Numbering(number - bisect_left(self.times, landing), self.times)


@dataclass(frozen=True, slots=True)
class Numbering:
    """Numbers pictures from a key frame on, of which a decoder may pass over the first.

    Attributes:
        first: number of the first of these times.
        times: of pictures about the key frame, in ticks, rising.
    """

    first: int = 0
    times: tuple[int, ...] = ()

    def of(self, pts: int) -> int:
        """The number of the first picture that was decoded, by its time."""
        return self.first + bisect_left(self.times, pts)


def seek(
    container: InputContainer, stream: VideoStream, tape: Tape, start_s: float, known: KeyFrames | None = None
) -> Numbering:
    """Moves to a key frame before a moment and tells the numbers of what is read then, from the file's beginning.

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
        return Numbering()
    keys = (KeyFrames.of(tape, stream, start_s) if known is None else known) or KeyFrames(stream.index, (), ())
    tick_s = float(stream.time_base)
    good = sorted(key for key, _, whole in keys.keys if max(key, whole) * tick_s <= start_s)
    for key in good[: -TRIES - 1 : -1]:
        landing = _landing(tape, stream.index, key)
        if landing in good:
            container.seek(key, stream=stream)
            return keys.numbers(landing)
    return Numbering()


def _times_before(tape: Tape, index: int, start_s: float) -> tuple[set[int], dict[int, bool]]:
    """Times in ticks of the pictures before a moment and some behind it, and of the key frames among those before,
    each with whether its picture, and those behind it, can be whole at once.

    Both are empty where the clock starts anew within, as in spliced recordings.
    """
    times, keys, last = set[int](), dict[int, bool](), -math.inf
    with tape.open() as container:
        stream = container.streams[index]
        is_h264, extradata = stream.codec_context.name == "h264", stream.codec_context.extradata
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            ticks = packet.pts if packet.dts is None else packet.dts
            if packet.dts is not None:  # a container that keeps no times of decoding has them from the second on
                if packet.dts < last:
                    return set(), {}
                last = packet.dts
            times.add(packet.pts)
            if packet.is_keyframe and packet.pts * packet.time_base <= start_s:
                keys[packet.pts] = not is_h264 or begins_anew(bytes(packet), extradata)
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
