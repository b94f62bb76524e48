"""Where the faces of a recording are, without measuring what is known already.

A recording can be looked at ahead, as a camera cannot. While all faces move slowly only every second frame is measured,
while they hardly move every fourth, and the frames before it get what lies between:

    frame       1     2     3     4     5     6     7     8     9
    slow        ●           ●           ●           ●           ●    as soon as a face moves, comes or goes, or the
    still       ●                       ●                       ●    scene changes, every frame is measured again
    between           ○     ○     ○           ○     ○     ○

A face slower than `CALM` moves by less than 2 % of its edge a frame, and what its speed changes by between two frames
is less than what two measurements of a still face differ by. One is still that is slower than `STILL` and whose place
shows in each frame that waits what it showed when it was measured: of three films of talking and grimacing people the
box and eyes between then lie off by 0.1 % of the edge in half of the frames, and by less than 0.4 % in 95 of 100.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ..faces import FaceFinder
from ..faces.appearance import Appearance
from ..faces.geometry import REACH, between, distance
from ..media.demux import Packet
from ..media.reader import Event, RecordedFrame
from ..types import Face
from .sections import Handover, Looks, Numbers, Sections, Sight, sight

PACE = 0.5
"""Half as many looks for new faces as a live view takes: on eight recordings it found the same faces, and their rows
within 1 %, for two thirds of the cost. At 0.35 a walking crowd lost 8 % of its rows."""

CALM = 0.6
"""Speed in edges of the face a second, below which a face may stay unmeasured for a frame."""
STILL = 0.2
"""The same for a face that may stay unmeasured for `MOST_WAITING` frames."""
LONGEST_S, LONGEST_STILL_S = 0.09, 0.17
"""Between two measurements: in a recording of less than 23 frames a second every frame is measured."""

MOST_WAITING = 3
"""Frames that may wait for the one that is measured: they stay in memory."""
MOST_BEHIND = 64
"""Packets of sound, and frames that are not looked at, that a frame may hold up."""


@dataclass(frozen=True, slots=True)
class Found:
    """A frame and its faces; None where the frame is not to be looked at.

    Attributes:
        frame: the frame.
        faces: in it.
        looks: of those people of whom there was none before, by number.
    """

    frame: RecordedFrame
    faces: tuple[Face, ...] | None
    looks: Mapping[int, Appearance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seam:
    """Stands where a section ends and the next begins; `told` is what the next one is told."""

    told: Handover


Finds: TypeAlias = "Found | Packet | Seam"


def finds(
    events: Iterable[Event],
    finder: FaceFinder,
    every: int = 1,
    sections: Sections | None = None,
    told: Handover | None = None,
) -> Iterator[Finds]:
    """Finds the faces in every Nth frame, counted from the first of each section.

    Args:
        events: frames, and packets of sound, which pass untouched; all stay in order.
        finder: has forgotten what was before these frames.
        every: looks at every Nth frame only.
        sections: where the film is cut; None where it is not.
        told: what the first of these sections is told, where that is not the film's first; frames before it are looked
            at and not given out.
    """
    relay = _Relay(finder, every, sections, told or Handover())
    for event in events:
        yield from relay.push(event)
    yield from relay.rest()


def finds_alone(
    events: Iterable[Event],
    finder: FaceFinder,
    every: int,
    sections: Sections,
    number: int,
    galleries: MutableMapping[int, Looks],
) -> Iterator[Found]:
    """Finds the faces of one section, and of the frames in its lead, by the numbers of its own finder.

    Args:
        events: from the beginning of the lead to the end of the section.
        finder: has forgotten what was before these frames.
        every: looks at every Nth frame only.
        sections: where the film is cut.
        number: of the section.
        galleries: gets, at the end, what everybody looks like who was seen, by the finder's numbers.
    """
    search = _Search(finder, every)
    for event in events:
        if isinstance(event, RecordedFrame):
            if number and event.pts >= sections.start(number):
                search.begin()
            yield from (item for item in search.push(event) if isinstance(item, Found))
    yield from (item for item in search.rest() if isinstance(item, Found))
    galleries.update(search.galleries())


class _Relay:
    """One search a section; the next one begins a little before the one at work has ended.

    Args:
        finder: of the first section; the others get fresh ones.
        every: looks at every Nth frame only.
        sections: where the film is cut; None where it is not.
        told: what the first of these sections is told.
    """

    def __init__(self, finder: FaceFinder, every: int, sections: Sections | None, told: Handover) -> None:
        self._finder, self._every, self._sections = finder, every, sections
        self._number, self._numbers = told.number, Numbers(told)
        self._search = _Search(finder, every)
        self._following: _Search | None = None
        self._lead: list[Sight] = []
        self._looks: dict[int, Appearance] = {}
        self._tail: list[Sight] = []

    def push(self, event: Event) -> Iterator[Found | Packet | Seam]:
        """What is known with the next event, in order."""
        if isinstance(event, RecordedFrame) and self._sections is not None:
            yield from self._changed(self._sections, event)
        yield from self._given(self._search.push(event))

    def rest(self) -> Iterator[Found | Packet]:
        """What still waits when nothing more comes."""
        yield from self._given(self._search.rest())

    def _changed(self, sections: Sections, frame: RecordedFrame) -> Iterator[Found | Packet | Seam]:
        """Ends what ends before a frame, and begins what begins with it."""
        while self._number < sections.number(frame.pts):
            yield from self._given(self._search.rest())
            yield self._next(sections)
        if self._number and frame.pts >= sections.start(self._number):
            self._search.begin()
        if frame.pts >= sections.start(self._number + 1) - sections.lead:
            if self._following is None:
                self._following = _Search(self._finder.fresh(), self._every)
            found = self._following.push(frame)
            self._lead += _sights(found)
            for item in found:
                self._looks |= item.looks if isinstance(item, Found) else {}

    def _next(self, sections: Sections) -> Seam:
        self._number += 1
        since = sections.start(self._number) - sections.lead
        tail = tuple(one for one in self._tail if one[0] >= since)
        people = self._numbers.people(self._search.galleries())
        told = Handover(self._number, self._numbers.last, tail, people=people)
        self._search = self._following or _Search(self._finder.fresh(), self._every)
        self._numbers = Numbers(told)
        self._numbers.ahead(self._lead)
        self._numbers.look(self._looks)
        self._following, self._lead, self._tail, self._looks = None, [], [], {}
        return Seam(told)

    def _given(self, items: Iterable[Found | Packet]) -> Iterator[Found | Packet]:
        """The items with the film's numbers; frames of the lead are only remembered."""
        sections = self._sections
        for item in items:
            if not isinstance(item, Found):
                yield item
                continue
            self._numbers.look(item.looks)
            if sections is not None and self._number and item.frame.pts < sections.start(self._number):
                self._numbers.ahead(_sights([item]))
            elif item.faces is None:
                yield item
            else:
                faces = self._numbers.of(item.faces)
                if sections is not None and item.frame.pts >= sections.start(self._number + 1) - sections.lead:
                    self._tail.append(sight(item.frame.pts, faces))
                yield Found(item.frame, faces)


def _sights(items: Iterable[Found | Packet]) -> list[Sight]:
    return [sight(item.frame.pts, item.faces) for item in items if isinstance(item, Found) and item.faces is not None]


class _Search:
    """Measures frames, and holds back those that wait for the next one that is measured, with all behind them."""

    def __init__(self, finder: FaceFinder, every: int) -> None:
        finder.carries = False  # of still faces, what lies between two measurements is nearer the truth
        self._finder, self._every = finder, every
        self._count, self._begun = 0, False
        self._held: list[RecordedFrame | Found | Packet] = []
        self._waiting = 0
        self._looked: set[int] = set()
        self._last = _Sight(float("-inf"), {})

    def begin(self) -> None:
        """Counts frames from the next one on, the first time that it is called."""
        if not self._begun:
            self._count, self._begun = 0, True

    def push(self, event: Event) -> list[Found | Packet]:
        """What is known with the next event, in order."""
        if not isinstance(event, RecordedFrame):
            return self._passed(event)
        self._count += 1
        if (self._count - 1) % self._every:
            self._look_between(event)
            return self._passed(Found(event, None))
        changed = self._finder.changes(event.picture, event.time_s)
        if not changed and self._can_wait(event):
            self._held.append(event)
            self._waiting += 1
            return []
        return self._take(event)

    def _look_between(self, frame: RecordedFrame) -> None:
        """Sees where a scene changes, or a face takes another's place: that shows between neighbouring frames alone.

        What is measured there is given to nobody; nor is it asked while a frame waits, since the next one is near.
        """
        if not self._waiting and self._finder.changes(frame.picture, frame.time_s):
            self._finder.find(frame.picture, frame.time_s)

    def rest(self) -> list[Found | Packet]:
        """What still waits when nothing more comes."""
        behind: list[Found | Packet] = []
        while self._held:
            item = self._held.pop()
            if isinstance(item, RecordedFrame):
                return [*self._take(item), *reversed(behind)]
            behind.append(item)
        return []

    def _passed(self, item: Found | Packet) -> list[Found | Packet]:
        if not self._waiting:
            return [item]
        self._held.append(item)
        return self.rest() if len(self._held) > MOST_BEHIND else []

    def _take(self, frame: RecordedFrame) -> list[Found | Packet]:
        """What was held, and a frame with its faces; the frames that waited get what lies between."""
        last, held, self._held, self._waiting = self._last, self._held, [], 0
        now = self._last = last.followed_by(frame.time_s, self._finder.find(frame.picture, frame.time_s))
        before = [Found(one, last.until(now, one.time_s)) if isinstance(one, RecordedFrame) else one for one in held]
        return [*before, Found(frame, tuple(now.faces.values()), self._new_looks())]

    def _can_wait(self, frame: RecordedFrame) -> bool:
        """Whether a frame may get its faces from a later one."""
        after, elapsed_s = self._waiting + 2, frame.time_s - self._last.time_s
        next_s = elapsed_s * after / (after - 1)  # when a later one could be measured, at the earliest
        if not self._waiting:
            return self._last.speed < CALM and next_s < LONGEST_S
        still = self._waiting < MOST_WAITING and self._last.speed < STILL and next_s < LONGEST_STILL_S
        return still and self._finder.stands_still()

    def galleries(self) -> dict[int, Looks]:
        """What everybody looks like whom the finder has seen, by its numbers."""
        people = getattr(self._finder, "people", None)
        return {} if people is None else {number: tuple(one.looks) for number, one in people.galleries.items()}

    def _new_looks(self) -> dict[int, Appearance]:
        """The first look at each person of whom there was none before."""
        people = getattr(self._finder, "people", None)
        if people is None:
            return {}
        galleries = people.galleries.items()
        new = {number: one.looks[0] for number, one in galleries if one.looks and number not in self._looked}
        self._looked.update(new)
        return new


@dataclass(frozen=True, slots=True)
class _Sight:
    """What was measured in a frame, by number of the face, and how fast the quickest of them is, in edges a second:
    infinitely so where they are others than a moment before.
    """

    time_s: float
    faces: dict[int, Face]
    speed: float = math.inf

    def followed_by(self, time_s: float, faces: Iterable[Face]) -> _Sight:
        """The next sight."""
        seen, elapsed_s = {face.track: face for face in faces}, time_s - self.time_s
        if seen.keys() != self.faces.keys() or not 0 < elapsed_s < LONGEST_STILL_S:
            return _Sight(time_s, seen)
        moved = (distance(face.box_xyxy, self.faces[track].box_xyxy) for track, face in seen.items())
        return _Sight(time_s, seen, max(moved, default=0.0) / elapsed_s)

    def until(self, after: _Sight, time_s: float) -> tuple[Face, ...]:
        """The faces at a moment between two sights; who is gone in the second, or far away, is where the first one saw
        them.
        """
        share = (time_s - self.time_s) / (after.time_s - self.time_s)
        there = {track: after.faces.get(track, face) for track, face in self.faces.items()}
        near = {track: distance(face.box_xyxy, there[track].box_xyxy) < REACH for track, face in self.faces.items()}
        return tuple(between(face, there[track], share if near[track] else 0.0) for track, face in self.faces.items())
