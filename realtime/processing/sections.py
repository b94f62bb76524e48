"""Sections of a film: cut by its own clock, begun anew each, joined again as if nothing had been cut.

    film      0 s            30 s           60 s
              │ section 0     │ section 1     │ section 2
    faces     │ 1 1 1 2 2 2 2 2               │
              │            ┌──┼               │
              │            1 1 1 1 1 3 3 3 3 3 3      the finder of section 1 begins a second earlier
                           └──┴── both saw these frames: who stands where its 1 stood is 2, and 3 is new

What begins anew with a section: the finder, which frames are measured, the places of panels, the encoder. What goes on:
numbers, what is said of each face, whom the inset speaks of; it is small, and a section hands it over to the next. So
a film is the same whether its sections are done one after another, at once, or some of them after a pause.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..faces.appearance import Appearance
from ..faces.geometry import ious
from ..faces.people import CLEARLY, PEOPLE, SAME, Gallery
from ..media.reader import Recording
from ..media.span import Span
from ..reading.session import Memory
from ..types import Box, Face, Floats

SECTION_S = 30.0
LEAD_S, LEAD_LOOKS = 1.0, 2
"""How long before its section a finder begins: by then it has looked everywhere, and boxes have settled; and as long as
so many looks take, where they lie further apart."""
USUAL_RATE = 25
"""Frames a second of a film that does not say."""
ONE_PLACE = 0.5
"""Intersection over union from which on two finders' faces may be one."""

Sight = tuple[int, tuple[tuple[int, Box], ...]]
"""Time of a frame in ticks; number and box of each face in it."""

Looks = tuple[Appearance, ...]


@dataclass(frozen=True, slots=True)
class Sections:
    """Where the sections of a film lie, in ticks of its clock.

    Attributes:
        origin: time of the first picture.
        length: of a section.
        lead: of the time before a section in which its finder is at work already.
        time_base: seconds per tick.
    """

    origin: int
    length: int
    lead: int
    time_base: Fraction

    @classmethod
    def of(cls, recording: Recording, section_s: float = SECTION_S, every: int = 1) -> Sections:
        """Those of a recording, or of the part of it that is read, of which every Nth frame is looked at."""
        ticks = 1 / recording.time_base
        length = max(1, round(section_s * ticks))
        lead_s = max(LEAD_S, float(LEAD_LOOKS * every / (recording.rate or USUAL_RATE)))
        return cls(recording.first.pts, length, min(length, round(lead_s * ticks)), recording.time_base)

    def number(self, pts: int) -> int:
        """The section that a moment belongs to, from 0."""
        return max(0, (pts - self.origin) // self.length)

    def start(self, number: int) -> int:
        """Where a section begins."""
        return self.origin + number * self.length

    def span(self, number: int, within: Span, lead: bool = False) -> Span:
        """The part of the film that a section is, with its lead if that is wanted."""
        start_s = float((self.start(number) - (self.lead if lead else 0)) * self.time_base)
        end_s = float(self.start(number + 1) * self.time_base)
        return Span(start_s if number else within.start_s, min(end_s, within.end_s))


@dataclass(frozen=True, slots=True)
class Handover:
    """What a section is told by the one before.

    Attributes:
        number: of the section that is told.
        last: the highest number that a face has.
        tail: who stood where in the second before.
        memory: what was said of them.
        people: what those look like who have been seen, by number, the one seen last at the end.
        ways: what is hidden for a while yet, where faces are hidden.
    """

    number: int = 0
    last: int = 0
    tail: tuple[Sight, ...] = ()
    memory: Memory = field(default_factory=Memory)
    people: Mapping[int, Looks] = field(default_factory=dict)
    ways: Mapping[int, Any] = field(default_factory=dict)


class Numbers:
    """From the numbers of a section's own finder to those of the film; in the first section they are the same.

    Args:
        told: by the section before.
    """

    def __init__(self, told: Handover) -> None:
        self._told = told
        self._lead: list[Sight] = []
        self._known: dict[int, int] | None = None
        self._stayed: frozenset[int] = frozenset()
        self._looks: dict[int, Appearance] = {}
        self.last = told.last

    def ahead(self, lead: Iterable[Sight]) -> None:
        """Takes note of frames before the section."""
        self._lead += lead

    def look(self, looks: Mapping[int, Appearance]) -> None:
        """Takes note of what people look like of whom the section's finder had no look before, by its numbers."""
        self._looks |= looks

    def of(self, faces: Iterable[Face]) -> tuple[Face, ...]:
        """The faces of a frame of the section; who is nobody that was seen before gets the next number.

        Of whom there is no look yet that number is kept until there is one.
        """
        if self._known is None:
            self._known = joined(self._told.tail, self._lead)
            self._stayed = frozenset(self._known)
        return tuple(replace(face, track=self._number(self._known, face.track)) for face in faces)

    def people(self, galleries: Mapping[int, Looks]) -> dict[int, Looks]:
        """What everybody looks like who has been seen, by the film's numbers.

        Args:
            galleries: what the section's finder keeps, by its own numbers.
        """
        people = dict(self._told.people)
        for track, looks in galleries.items():
            number = (self._known or {}).get(track)
            if number is not None and looks:
                gallery = Gallery(list(people.pop(number, ())))
                for look in looks:
                    gallery.add(look)
                people[number] = tuple(gallery.looks)
        return dict([*people.items()][-PEOPLE:])

    def _number(self, known: dict[int, int], track: int) -> int:
        look = self._looks.pop(track, None)
        asked = self._told.number and track not in self._stayed
        if asked and look is not None and (number := self._seen_before(known, track, look)) is not None:
            known[track] = number
        if track not in known:
            known[track] = self.last + 1 if self._told.number else track
            self.last = max(self.last, known[track])
        return known[track]

    def _seen_before(self, known: Mapping[int, int], track: int, look: Appearance) -> int | None:
        """The number of somebody who was away and is like this look, and far more than anybody else is."""
        here = {number for other, number in known.items() if other != track}
        apart = sorted(
            (Gallery(list(looks)).difference(look), number)
            for number, looks in self._told.people.items()
            if number not in here
        )
        (best, number), (second, _) = (*apart, *[(float("inf"), 0)] * 2)[:2]
        return number if best < SAME and best + CLEARLY < second else None


def sight(pts: int, faces: Iterable[Face]) -> Sight:
    """Who is where in a frame."""
    return pts, tuple((face.track, face.box_xyxy) for face in faces)


def joined(before: Sequence[Sight], after: Sequence[Sight]) -> dict[int, int]:
    """Numbers of the second finder → numbers of the first, for those who were the same in most frames of both.

    Args:
        before: what the first finder saw in the frames that both saw.
        after: what the second one saw in them.
    """
    votes: dict[tuple[int, int], float] = defaultdict(float)
    for pts, faces in after if before else ():
        _, others = min(before, key=lambda one: abs(one[0] - pts))
        shares = ious(_boxes(faces), _boxes(others))
        for row, column in np.argwhere(shares >= ONE_PLACE):
            votes[faces[row][0], others[column][0]] += float(shares[row, column])
    found: dict[int, int] = {}
    for (track, number), _ in sorted(votes.items(), key=lambda pair: (-pair[1], pair[0])):
        if track not in found and number not in found.values():
            found[track] = number
    return found


def _boxes(faces: Sequence[tuple[int, Box]]) -> Floats:
    return np.array([box for _, box in faces], np.float32).reshape(-1, 4)
