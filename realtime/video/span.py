"""A part of a recording, and the quickest way to its first frame that still knows the frame's number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from realtime.errors import SourceError
from realtime.video.opening import open_container


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


def seek(container: InputContainer, stream: VideoStream, path: Path, start_s: float) -> int:
    """Moves to the last key frame before a moment and returns its number, counted from the file's beginning.

    Counting only reads packets, so it is many times faster than decoding what lies before.
    """
    if start_s <= 0 or stream.time_base is None:
        return 0
    key = _key_before(path, stream.index, start_s)
    if key is None:
        return 0
    try:
        container.seek(key[0], stream=stream)
    except FFmpegError:
        return 0
    return key[1]


def _key_before(path: Path, index: int, start_s: float) -> tuple[int, int] | None:
    """Time in ticks and frame number of the last key frame not after `start_s`; None where packets have no times."""
    times, keys = [], []
    with open_container(path) as container:
        stream = container.streams[index]
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            times.append(packet.pts)
            if packet.is_keyframe and packet.pts * packet.time_base <= start_s:
                keys.append(packet.pts)
            if packet.dts is not None and packet.dts * packet.time_base > start_s:
                break
    return (keys[-1], sum(time < keys[-1] for time in times)) if keys else None
