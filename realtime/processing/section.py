"""One section of a film as work for anybody: in this process, in another, on another machine.

    look(part, session, settings, tick)      what is seen in it                         →  NNNNN.look.npz
    reread(part, session, settings, tick)    once rests are known, where they are taken off   →  NNNNN.read.npz
    make(part, session, settings, tick)      its film, once it is known who is who      →  NNNNN.film, NNNNN.npz

They are plain functions of plain values, which can be pickled; what they make stands in the unfinished run's folder, on
a disk that all see. Whoever calls them holds the lease on the film, and joins what they make.

    part = Part(results, sections, number, keys, canvas)          look at all, in any order
    part = replace(part, told=…, following=…, …)                  then make all, in any order
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..media.reader import Event, RecordedFrame, Recording
from ..media.shape import Shape
from ..media.span import KeyFrames, Span
from ..network.network import Request
from ..reading.session import ReadFrame, Session, Wish
from ..types import Floats
from .finding import Found, finds_alone
from .making import Making
from .places import Moment, copied, follow, moment_of
from .prefetch import Prefetch
from .reading import reads
from .rests import REST_WISH
from .results import Results
from .sections import Handover, Numbers, Sections, sight
from .settings import Settings
from .stages import Stages, wish_for
from .unfinished import Looked, SectionDone, Unfinished, without_pictures

LOOK, READ = ".look.npz", ".read.npz"
"""What the files of sections end in that have been looked at, and read again."""
Tick = Callable[[int], None]
"""Hears how many frames are done, and ends the work by KeyboardInterrupt."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a film.

    Attributes:
        results: of the whole film.
        sections: where it is cut.
        number: of the section, from 0.
        keys: where reading can begin.
        canvas: shape of all pictures.
        told: by the section before; None before that is known.
        following: what the next section is told; None before that is known, and where there is none.
        rests: of all faces, by the film's numbers, where they are taken off.
        after: where faces are behind its end, where they are hidden.
    """

    results: Results
    sections: Sections
    number: int
    keys: KeyFrames
    canvas: Shape | None
    told: Handover | None = None
    following: Handover | None = None
    rests: Mapping[int, Floats] = field(default_factory=dict)
    after: tuple[Moment, ...] = ()

    def opened(self, settings: Settings, lead: bool) -> Recording:
        """The section alone, with its lead if that is wanted."""
        return self._open(settings, self.sections.span(self.number, settings.span, lead), keys=self.keys)

    def head(self, settings: Settings) -> Recording:
        """The film from its beginning, or from that of the part that is read."""
        return self._open(settings, settings.span, keys=self.keys)

    def _open(self, settings: Settings, span: Span, **how: Any) -> Recording:
        source, canvas = self.results.source, self.canvas
        return Recording(source, span, canvas=canvas, **settings.source, **how)


def look(part: Part, session: Session, settings: Settings, tick: Tick) -> None:
    """Finds and reads the faces of a section, and keeps what is said of them, by the numbers of its own finder.

    Args:
        part: the section.
        session: forgets what it has read before.
        settings: of the run.
        tick: see `Tick`.

    Raises:
        SourceError: the film cannot be read.
        ResultError: the work cannot be kept.
    """
    session.reset(anew=True)
    start, done = part.sections.start(part.number), SectionDone()
    wish = plain_wish(session, settings)
    finding = partial(finds_alone, finder=session.finder, every=settings.every, sections=part.sections)
    galleries = done.galleries
    with (
        part.opened(settings, lead=True) as recording,
        Prefetch(recording.frames(), "decoding") as frames,
        Prefetch(finding(frames, number=part.number, galleries=galleries), "finding") as items,
    ):
        for read in reads(_own(items, start if part.number else None, done), session, wish):
            if not isinstance(read, ReadFrame):
                continue
            done.pictures += 1
            if read.fresh:
                readings = tuple(without_pictures(reading) for reading in read.seen.readings)
                done.frames.append(Looked(read.frame.index, read.frame.time_s, read.frame.pts, readings))
            tick(done.pictures)
        done.regular = recording.regular
    Unfinished(part.results.work).keep(part.number, done, LOOK)


def _own(items: Iterable[Found], start: int | None, done: SectionDone) -> Iterator[Found]:
    """A section's own frames, from `start` on; what is learnt from all, and who is in the lead, is noted."""
    for item in items:
        pts = item.frame.pts
        done.looks += [(pts, track, one) for track, one in item.looks.items()]
        if start is None or pts >= start:
            yield item
        elif item.faces is not None:
            done.lead.append(sight(pts, item.faces))


def plain_wish(session: Session, settings: Settings) -> Wish:
    """What a look is to know of each frame: as a first look for everybody's rest does, where one is wanted."""
    if settings.baseline is not None:
        return REST_WISH
    return replace(wish_for(session, settings), request=Request(), smoothed=False)


def reread(part: Part, session: Session, settings: Settings, tick: Tick) -> None:
    """Reads the faces of a section that has been looked at once more, with everybody's rest taken off.

    Args:
        part: the section, what it is told of numbers, and everybody's rest.
        session: forgets what it has read before.
        settings: of the run.
        tick: see `Tick`.

    Raises:
        SourceError: the film cannot be read.
        ResultError: the work cannot be kept.
    """
    told, work = part.told or Handover(), Unfinished(part.results.work)
    seen = work.section(part.number, session.network.contract.labels, LOOK)
    session.reset(anew=True)
    session.baselines.know(part.rests)
    wish = replace(wish_for(session, settings), request=Request(), smoothed=False)
    own = {one.pts: one for one in seen.frames}
    frames: list[Looked] = []
    with part.opened(settings, lead=False) as recording, Prefetch(recording.frames(), "decoding") as events:
        for read in reads(_known(events, seen, told), session, wish):
            if isinstance(read, ReadFrame) and read.fresh:
                before = own[read.frame.pts]
                # Numbers stay those of the section's own finder, by which looks and lead are told apart.
                pairs = zip(read.seen.readings, before.readings, strict=True)
                again = tuple(replace(without_pictures(one), face=old.face) for one, old in pairs)
                frames.append(replace(before, readings=again))
            tick(len(frames))
    work.keep(part.number, replace(seen, frames=frames), READ)


def make(part: Part, session: Session, settings: Settings, tick: Tick) -> None:
    """Draws and encodes a section that has been looked at, and keeps it as done.

    Args:
        part: the section, and what it is told.
        session: forgets what it has read before.
        settings: of the run.
        tick: see `Tick`.

    Raises:
        SourceError: the film cannot be read.
        ResultError: the work cannot be kept.
    """
    told, work = part.told or Handover(), Unfinished(part.results.work)
    seen = work.section(part.number, session.network.contract.labels, LOOK)
    session.reset(anew=True)
    session.recall(told.memory)
    session.baselines.know(part.rests)
    with part.head(settings) as head, part.opened(settings, lead=False) as recording, ExitStack() as stack:
        making = stack.enter_context(Making(work, head, settings, part.number))
        count = 0
        known = partial(_known, seen=seen, told=told)
        for item in Stages(recording, session, settings, known, told.ways, part.after).items(stack):
            if isinstance(item, ReadFrame):
                making.add(item)
                count += 1
                tick(count)
        making.end(recording, part.following)
        making.keep()


def _known(events: Iterable[Event], seen: SectionDone, told: Handover) -> Iterator[Found]:
    """The frames of a section with the faces that were found in them, by the film's numbers."""
    numbers = Numbers(told)
    numbers.ahead(seen.lead)
    looks = _Looks(seen, numbers)
    faces = {one.pts: tuple(reading.face for reading in one.readings) for one in seen.frames}
    for event in events:
        if isinstance(event, RecordedFrame):
            here = faces.get(event.pts)
            looks.until(event.pts)
            yield Found(event, None if here is None else numbers.of(here))


def handed_over(
    seen: SectionDone, told: Handover, session: Session, sections: Sections, blur: bool = False
) -> tuple[SectionDone, Handover]:
    """A section that was looked at with the film's numbers, and what the next one is told.

    Args:
        seen: as it was looked at.
        told: by the section before.
        session: says what is said of faces; forgets what it has read before.
        sections: where the film is cut.
        blur: whether faces are hidden.
    """
    numbers = Numbers(told)
    numbers.ahead(seen.lead)
    looks, ways = _Looks(seen, numbers), copied(told.ways)
    session.reset(anew=True)
    session.recall(told.memory)
    since, tail, frames = sections.start(told.number + 1) - sections.lead, [], []
    for one in seen.frames:
        looks.until(one.pts)
        faces = numbers.of(reading.face for reading in one.readings)
        readings = tuple(replace(reading, face=face) for reading, face in zip(one.readings, faces, strict=True))
        session.follow(readings, one.time_s)
        if blur:
            follow(ways, moment_of(one.time_s, readings))
        frames.append(replace(one, readings=readings))
        if one.pts >= since:
            tail.append(sight(one.pts, faces))
    people = numbers.people(seen.galleries)
    following = Handover(told.number + 1, numbers.last, tuple(tail), session.memory(), people, ways)
    return replace(seen, frames=frames, told=following, lead=[], looks=[], galleries={}), following


class _Looks:
    """Hands out the first looks at people as they were taken."""

    def __init__(self, seen: SectionDone, numbers: Numbers) -> None:
        self._looks, self._numbers = deque(seen.looks), numbers

    def until(self, pts: int) -> None:
        """Those up to a frame."""
        while self._looks and self._looks[0][0] <= pts:
            _, track, look = self._looks.popleft()
            self._numbers.look({track: look})
