"""A film whose sections are done at once: looked at in any order, joined in theirs, then made in any order.

look 0  look 1  look 2  look 3        workers
   └──▶────┴──▶────┴──▶───┘           numbers and what is said, in turn, here: it takes no time
make 0  make 1  make 2  make 3        workers
   └──▶────┴──▶────┴──▶───┘           results
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from typing import Protocol

from ..media.encoding import LARGE_PIXELS
from ..media.reader import Recording
from ..media.span import KeyFrames
from ..reading.session import Session
from .assembly import Assembly
from .in_turn import ElsewhereError, Tick, counted, kept_sections
from .results import Results
from .section import LOOK, Part, handed_over, look, make
from .sections import Handover, Sections
from .settings import Settings
from .unfinished import SectionDone, Unfinished

LISTEN_S = 0.1
LOOKING = 0.4
"""Which part of the work looking is, where a film is made."""
FEW, FEW_SMALL = 2, 4
"""Cores that a film done in turn keeps busy by the threads of its stages; the second, of a film of small pictures."""


class Workers(Protocol):
    """Processes that do sections."""

    @property
    def count(self) -> int:
        """How many there are."""
        ...

    def submit(self, work: Callable[..., None], part: Part) -> Future[bool]:
        """Has a section done; the answer is whether it was done to its end."""
        ...

    def frames(self) -> Iterator[tuple[str, int, int]]:
        """What was heard since: kind of work, number of the section, frames that are done."""
        ...

    def stop(self) -> None:
        """Ends what is being done."""
        ...


def is_worth_it(recording: Recording, settings: Settings, workers: Workers | None) -> bool:
    """Whether a film is done sooner by sections at once: it is decoded twice then, and its faces are read twice."""
    if workers is None or settings.blur or settings.baseline is not None:
        return False  # what is hidden, and everybody's rest, go over seams in ways that only a run in turn follows
    picture = recording.first.picture
    small = settings.video and picture.width * picture.height <= LARGE_PIXELS
    return workers.count > (FEW_SMALL if small else FEW)


@dataclass(slots=True)
class AtOnce:
    """The sections of one film, and how far they are.

    Attributes:
        head: the source, opened at the beginning of the part that is read.
        results: what it becomes.
        session: says what is said of faces.
        settings: of the run.
        sections: where it is cut.
        work: where sections are kept.
        assembly: of the results.
        workers: do them.
    """

    head: Recording
    results: Results
    session: Session
    settings: Settings
    sections: Sections
    work: Unfinished
    assembly: Assembly
    workers: Workers
    _keys: KeyFrames = field(default_factory=lambda: KeyFrames(0, (), ()))
    _times: list[int] = field(default_factory=list)
    _told: dict[int, Handover] = field(default_factory=dict)
    _following: dict[int, Handover | None] = field(default_factory=dict)
    _under_way: dict[Future[bool], tuple[str, int]] = field(default_factory=dict)
    _frames: dict[tuple[str, int], int] = field(default_factory=dict)

    def run(self, tick: Tick) -> tuple[Recording, bool]:
        """Does what is not done yet; see `Turn.run`.

        Raises:
            ElsewhereError: it cannot be done by sections, or not be gone on with.
        """
        kept = kept_sections(self.work, self.session, self.head)
        for number, section in enumerate(kept):
            self.assembly.add(section, self.work.film(number))
        before, interrupted = self.assembly.pictures, False
        if not kept or not kept[-1].last:
            self._told[len(kept)] = kept[-1].told if kept else Handover()
            try:
                self._look_ahead()
                self._do(len(kept), before, tick)
            except KeyboardInterrupt:
                interrupted = True
            finally:
                self._end()
        if not interrupted:
            self.assembly.end()
        return counted(self.head, self.head, self.assembly.pictures), interrupted

    def _look_ahead(self) -> None:
        """Learns where the film can be begun, and when the pictures are shown that are to be read."""
        keys = self.head.key_frames()
        if keys is None:
            raise ElsewhereError
        tick_s, span, first = self.head.time_base, self.settings.span, self.head.first.pts
        self._keys = keys
        self._times = [pts for pts in keys.times if pts >= first and span.holds(float(pts * tick_s))]

    def _do(self, first: int, before: int, tick: Tick) -> None:
        """Keeps the workers at work until the last section is joined."""
        count = self.sections.number(self._times[-1]) + 1
        made = first
        tasks = self._tasks(first, count)
        task = next(tasks)
        while made < count:
            while task is not None and len(self._under_way) < self.workers.count:
                self._begin(*task)
                task = next(tasks)
            done, _ = wait(self._under_way, LISTEN_S, FIRST_COMPLETED)
            for future in done:
                del self._under_way[future]
                if not future.result():
                    raise KeyboardInterrupt
            while made < count and self._is_made(made):
                self._add(made)
                made += 1
            task = task or next(tasks)
            self._hear(tick, before)

    def _tasks(self, first: int, count: int) -> Iterator[tuple[str, int] | None]:
        """What may be begun next, what is joined before what is only looked at; None for nothing yet."""
        looked = making = joining = first
        while True:
            while joining < count and self._is_looked(joining):
                self._join(joining, count)
                joining += 1
            if making < joining:
                if not self._is_made(making):
                    yield "make", making
                making += 1
            elif looked < count:
                if not self._is_looked(looked):
                    yield "look", looked
                looked += 1
            else:
                yield None

    def _begin(self, kind: str, number: int) -> None:
        start = self.sections.start(number) - self.sections.lead
        near = self._keys.part(start, self.sections.start(number + 1))
        canvas = self.head.handling.canvas
        part = Part(self.results, self.sections, number, near, canvas)
        if kind == "make":
            part = replace(part, told=self._told[number], following=self._following[number])
        self._under_way[self.workers.submit(look if kind == "look" else make, part)] = kind, number

    def _is_looked(self, number: int) -> bool:
        under_way = ("look", number) in self._under_way.values()
        return not under_way and self.work.file(number, LOOK).exists()

    def _is_made(self, number: int) -> bool:
        under_way = ("make", number) in self._under_way.values()
        return not under_way and self.work.is_done(number)

    def _join(self, number: int, count: int) -> None:
        """Says who is who in a section, and tells the next."""
        seen = self._kept(number, LOOK)
        start, end = (bisect_left(self._times, self.sections.start(one)) for one in (number, number + 1))
        if not seen.regular or seen.pictures != end - start:
            raise ElsewhereError
        numbered, following = handed_over(seen, self._told[number], self.session, self.sections)
        last = number + 1 == count
        self._told[number + 1], self._following[number] = following, None if last else following
        if not self.settings.video:
            self.work.keep(number, replace(numbered, told=Handover() if last else following, last=last))

    def _add(self, number: int) -> None:
        self.assembly.add(self._kept(number, ".npz"), self.work.film(number))
        self.work.file(number, LOOK).unlink(missing_ok=True)

    def _kept(self, number: int, suffix: str) -> SectionDone:
        return self.work.section(number, self.session.network.contract.labels, suffix)

    def _hear(self, tick: Tick, before: int) -> None:
        for kind, number, frames in self.workers.frames():
            self._frames[kind, number] = frames
        looked, made = (sum(n for (kind, _), n in self._frames.items() if kind == one) for one in ("look", "make"))
        done = int(LOOKING * looked + (1 - LOOKING) * made) if self.settings.video else looked
        done = min(before + done, len(self._times))
        tick(self.head, done, float(self._times[max(0, done - 1)] * self.head.time_base))

    def _end(self) -> None:
        """Ends what is still being done, where the film is not."""
        if self._under_way:
            self.workers.stop()
            wait(self._under_way)
