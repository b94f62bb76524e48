"""Where the faces of a recording are, without measuring what is known already.

A recording can be looked at ahead, as a camera cannot. While all faces move slowly only every second frame is measured,
and the one before it gets what lies between:

    frame       1     2     3     4     5
    measured    ●           ●           ●        as soon as a face moves, comes or goes, or the scene changes,
    between           ○           ○              every frame is measured again

A face slower than `CALM` moves by less than 2 % of its edge a frame, and what its speed changes by between two frames
is less than what two measurements of a still face differ by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from ..faces import FaceFinder
from ..faces.geometry import between, distance
from ..media.demux import Packet
from ..media.reader import Event, RecordedFrame
from ..types import Face

PACE = 0.5
"""Half as many looks for new faces as a live view takes: on eight recordings it found the same faces, and their rows
within 1 %, for two thirds of the cost. At 0.35 a walking crowd lost 8 % of its rows."""

CALM = 0.6
"""Speed in edges of the face a second, below which a face may stay unmeasured for a frame."""
LONGEST_S = 0.09
"""Between two measurements: in a recording of less than 23 frames a second every frame is measured."""

MOST_BEHIND = 64
"""Packets of sound that a frame may hold up."""


@dataclass(frozen=True, slots=True)
class Found:
    """A frame and its faces; None where the frame is not to be looked at."""

    frame: RecordedFrame
    faces: tuple[Face, ...] | None


def finds(events: Iterable[Event], finder: FaceFinder, every: int = 1) -> Iterator[Found | Packet]:
    """Finds the faces in every Nth frame, counted from the first.

    Args:
        events: frames, and packets of sound, which pass untouched; all stay in order.
        finder: has forgotten what was before these frames.
        every: looks at every Nth frame only.
    """
    search = _Search(finder)
    behind: list[Found | Packet] = []  # a frame that waits for its faces
    for event in _looked_at(events, every):
        if isinstance(event, RecordedFrame):
            if not search.can_wait(event):
                *waited, now = search.take(event)
                yield from chain(waited, behind, (now,))
                behind = []
        elif search.waiting is None:
            yield event
        else:
            behind.append(event)
            if len(behind) > MOST_BEHIND:
                yield from chain(search.rest(), behind)
                behind = []
    yield from chain(search.rest(), behind)


def _looked_at(events: Iterable[Event], every: int) -> Iterator[RecordedFrame | Found | Packet]:
    """Every Nth frame as it is; the others without faces."""
    count = 0
    for event in events:
        if isinstance(event, RecordedFrame):
            yield event if count % every == 0 else Found(event, None)
            count += 1
        else:
            yield event


class _Search:
    """Measures frames, and holds back the one that waits for the next."""

    def __init__(self, finder: FaceFinder) -> None:
        self.waiting: RecordedFrame | None = None
        self._finder = finder
        self._last = _Sight(float("-inf"), {})

    def can_wait(self, frame: RecordedFrame) -> bool:
        """Whether a frame may get its faces from the next one; it is then held back."""
        last, soon = self._last, frame.time_s - self._last.time_s < LONGEST_S / 2
        waits = self.waiting is None and last.calm and soon and not self._finder.changes(frame.picture, frame.time_s)
        if waits:
            self.waiting = frame
        return waits

    def take(self, frame: RecordedFrame) -> list[Found]:
        """The faces of a frame, and before them those of the frame that waited."""
        now = self._last.followed_by(frame.time_s, self._finder.find(frame.picture, frame.time_s))
        found = []
        if self.waiting is not None:
            found.append(Found(self.waiting, self._last.until(now, self.waiting.time_s)))
        self.waiting, self._last = None, now
        return [*found, Found(frame, tuple(now.faces.values()))]

    def rest(self) -> list[Found]:
        """What still waits when nothing more comes."""
        return [] if self.waiting is None else [self.take(self.waiting)[-1]]


@dataclass(frozen=True, slots=True)
class _Sight:
    """What was measured in a frame, by number of the face, and whether the frame after it may wait."""

    time_s: float
    faces: dict[int, Face]
    calm: bool = False

    def followed_by(self, time_s: float, faces: Iterable[Face]) -> _Sight:
        """The next sight: calm where it shows the same faces a moment later, all of them slow."""
        seen, elapsed_s = {face.track: face for face in faces}, time_s - self.time_s
        calm = seen.keys() == self.faces.keys() and 0 < elapsed_s < LONGEST_S
        moved = (distance(face.box_xyxy, self.faces[track].box_xyxy) for track, face in seen.items() if calm)
        return _Sight(time_s, seen, calm and all(way < CALM * elapsed_s for way in moved))

    def until(self, after: _Sight, time_s: float) -> tuple[Face, ...]:
        """The faces at a moment between two sights; who is gone in the second stays where the first one saw them."""
        share = (time_s - self.time_s) / (after.time_s - self.time_s)
        return tuple(between(face, after.faces.get(track, face), share) for track, face in self.faces.items())
