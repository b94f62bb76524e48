"""From recorded frames to readings, in three steps that can run at once.

    frame ──copies──▶ + a small colour copy ──finds──▶ + faces ──reads──▶ + readings

Faces are found in the copy; the network's crops are cut from the full luma plane. Packets of sound pass untouched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from realtime.analysis import Analyser
from realtime.faces import FaceFinder
from realtime.network import PREDICTED, Request
from realtime.types import Face, Image, Reading
from realtime.video.demux import Packet
from realtime.video.reader import Event, RecordedFrame

SEARCH_EDGE = 960
"""Longer edge of the copy in which faces are found, in pixels: no detector looks for faces more finely."""

PACE = 0.5
"""Half as many looks for new faces as a live view takes: on eight recordings it found the same faces, and their rows
within 1 %, for two thirds of the cost. At 0.35 a walking crowd lost 8 % of its rows."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A frame and its small colour copy; None where the frame is not to be looked at."""

    frame: RecordedFrame
    copy: Image | None


@dataclass(frozen=True, slots=True)
class Found:
    """A frame and its faces; None where the frame is not to be looked at."""

    frame: RecordedFrame
    faces: tuple[Face, ...] | None


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


def copies(events: Iterable[Event], every: int = 1) -> Iterator[Copied | Packet]:
    """Makes what faces are found in and crops are cut from, for every Nth frame, counted from the first."""
    number = 0
    for event in events:
        if isinstance(event, RecordedFrame):
            copy = event.picture.copy(SEARCH_EDGE) if number % every == 0 else None
            number += 1
            yield Copied(event, copy)
        else:
            yield event


def finds(items: Iterable[Copied | Packet], finder: FaceFinder) -> Iterator[Found | Packet]:
    """Finds the faces and numbers them from 1 on, whatever the finder has seen before."""
    finder.reset()
    numbers: dict[int, int] = {}
    for item in items:
        if not isinstance(item, Copied):
            yield item
        elif item.copy is None:
            yield Found(item.frame, None)
        else:
            size = (item.frame.picture.width, item.frame.picture.height)
            faces = finder.find(item.copy, item.frame.time_s, size)
            own = (numbers.setdefault(face.track, len(numbers) + 1) for face in faces)
            yield Found(item.frame, tuple(replace(face, track=number) for face, number in zip(faces, own, strict=True)))


def reads(
    items: Iterable[Found | Packet], analyser: Analyser, request: Request, target: int = PREDICTED
) -> Iterator[Item]:
    """Asks the network about all faces; frames that were not looked at come with the readings before."""
    gray = analyser.network.contract.input.channels == "gray"
    last: tuple[Reading, ...] = ()
    for item in items:
        if isinstance(item, Found):
            if item.faces is not None:
                picture = item.frame.picture
                image = picture.gray if gray else picture.bgr
                last = tuple(analyser.read_faces(image, item.faces, request, target)) if item.faces else ()
            yield Read(item.frame, last, item.faces is not None)
        else:
            yield item
