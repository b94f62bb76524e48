"""Which places of each frame must be hidden, so that no face flashes up in a film that is to be published.

    frame     1    2    3    4    5    6    7    8    9
    face                     seen seen seen
    hidden    ────────────── ────────────── ──────────────
              before it was  where it is    after it was
              found                         lost

A recording can be held back, as a camera cannot: where a face comes from is told by how it moves when it is found.
Where a section is made alone, who comes into view behind its end is told by the moments that follow it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from ..reading.session import ReadFrame
from ..types import Box, Reading
from .finding import Seam
from .reading import Item

BEFORE_S, AFTER_S = 0.5, 1.0
"""How long a place is hidden before a face is found there, and after it is lost, in seconds."""
MOST_HELD = 16
"""Frames that are held back at most, whatever their rate, so that memory stays flat."""
STEPS = 4
"""Sightings of a new face from which its way is told."""

Moment = tuple[float, tuple[tuple[int, Box], ...]]
"""Time of a frame in seconds; number and box of each face in it."""


@dataclass(slots=True)
class _Held:
    """An item that waits, the time of its frame, and the places to hide in it; no item for a frame of somebody else."""

    item: Item | None
    time_s: float | None = None
    places: list[Box] = field(default_factory=list)


@dataclass(slots=True)
class Way:
    """A face's first sighting, its latest, and how many there were.

    Attributes:
        first: its box, in pixels.
        first_s: when that was, in seconds.
        last: its box, in pixels.
        last_s: when that was, in seconds.
        sightings: how many there were.
    """

    first: Box
    first_s: float
    last: Box
    last_s: float
    sightings: int = 1

    def see(self, box: Box, time_s: float) -> None:
        self.last, self.last_s, self.sightings = box, time_s, self.sightings + 1

    def before(self, time_s: float) -> Box:
        """All between where the face was first seen and where it came from, if it moved as it did afterwards."""
        steps = (time_s - self.first_s) / max(self.last_s - self.first_s, 1e-9) if self.sightings > 1 else 0.0
        origin = [edge + steps * (now - edge) for edge, now in zip(self.first, self.last, strict=True)]
        low, high = map(min, origin[:2], self.first[:2]), map(max, origin[2:], self.first[2:])
        return (*low, *high)  # type: ignore[return-value]


def hidden_places(
    items: Iterable[Item], before: Mapping[int, Way] | None = None, after: Iterable[Moment] = ()
) -> Iterator[tuple[Item, list[Box]]]:
    """The items in their order, each frame with the boxes to hide in it.

    Args:
        items: what was read; a seam learns what is hidden for a while yet.
        before: what was known of each face before the first item.
        after: what is seen behind the last item, of as many frames as may be held back.
    """
    held, ways, frames = deque[_Held](), copied(before or {}), 0
    for item, moment in chain(((item, _moment(item)) for item in items), ((None, moment) for moment in after)):
        if isinstance(item, Seam):
            item = Seam(replace(item.told, ways=copied(ways)))
        held.append(entry := _Held(item))
        if moment is not None:
            entry.time_s, frames = moment[0], frames + 1
            entry.places += follow(ways, moment)
            for way in ways.values():
                if way.last_s == entry.time_s and way.sightings in (1, STEPS):
                    _hide_before(held, way)
        while held and (held[0].time_s is None or frames > MOST_HELD or _is_old(held[0].time_s, entry.time_s)):
            first = held.popleft()
            frames -= first.time_s is not None
            if first.item is not None:
                yield first.item, first.places
    yield from ((one.item, one.places) for one in held if one.item is not None)


def copied(ways: Mapping[int, Way]) -> dict[int, Way]:
    """The same, which may be changed."""
    return {track: replace(way) for track, way in ways.items()}


def moment_of(time_s: float, readings: Iterable[Reading]) -> Moment:
    """Who is where in a frame."""
    return time_s, tuple((reading.face.track, reading.face.box_xyxy) for reading in readings)


def _moment(item: Item) -> Moment | None:
    return moment_of(item.frame.time_s, item.seen.readings) if isinstance(item, ReadFrame) else None


def follow(ways: dict[int, Way], moment: Moment) -> list[Box]:
    """Takes note of a frame; where faces are, and where those were that were lost a moment ago."""
    now_s, faces = moment
    for track, box in faces:
        if track in ways:
            ways[track].see(box, now_s)
        else:
            ways[track] = Way(box, now_s, box, now_s)
    for track in [track for track, way in ways.items() if now_s - way.last_s > AFTER_S]:
        del ways[track]
    return [way.last for way in ways.values()]


def _hide_before(held: Iterable[_Held], way: Way) -> None:
    for one in held:
        if one.time_s is not None and one.time_s < way.first_s:
            one.places.append(way.before(one.time_s))


def _is_old(time_s: float, now_s: float | None) -> bool:
    return now_s is not None and now_s - time_s > BEFORE_S
