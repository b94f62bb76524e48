"""From recorded frames to readings: faces are found in a small copy, crops are cut from the full luma plane."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from realtime.analysis import Analyser
from realtime.network import PREDICTED, Request
from realtime.types import Reading
from realtime.video.demux import Packet
from realtime.video.picture import Picture
from realtime.video.reader import Event, RecordedFrame

SEARCH_EDGE = 960
"""Longer edge of the copy in which faces are found, in pixels: no detector looks for faces more finely."""


@dataclass(frozen=True, slots=True)
class Read:
    """A frame and who is in it.

    Attributes:
        frame: of the recording.
        readings: one a face.
        fresh: whether the readings are this frame's own, not those of the last frame that was looked at.
    """

    frame: RecordedFrame
    readings: tuple[Reading, ...]
    fresh: bool = True


Item: TypeAlias = "Read | Packet"
"""What passes through the stages: frames, and packets of sound in between."""


def read_frames(
    events: Iterable[Event], analyser: Analyser, request: Request, target: int = PREDICTED, every: int = 1
) -> Iterator[Item]:
    """Reads every Nth frame, counted from the first; the others come with the readings before."""
    last: tuple[Reading, ...] = ()
    number = 0
    for event in events:
        if not isinstance(event, RecordedFrame):
            yield event
            continue
        fresh = number % every == 0
        if fresh:
            last = tuple(read_picture(event.picture, event.time_s, analyser, request, target))
        number += 1
        yield Read(event, last, fresh)


def read_picture(
    picture: Picture, time_s: float, analyser: Analyser, request: Request, target: int = PREDICTED
) -> list[Reading]:
    """All faces of one decoded frame."""
    gray = analyser.network.contract.input.channels == "gray"
    return analyser.read(picture.copy(SEARCH_EDGE), time_s, request, target, picture.gray if gray else picture.bgr)
