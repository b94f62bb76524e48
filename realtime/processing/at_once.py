"""A film whose sections are done at once: looked at in any order, joined in theirs, then made in any order.

look 0  look 1  look 2  look 3        workers
   └──▶────┴──▶────┴──▶───┘           numbers and what is said, in turn, here: it takes no time
make 0  make 1  make 2  make 3        workers
   └──▶────┴──▶────┴──▶───┘           results

Where everybody's rest is taken off, all sections are looked at first, for their numbers and rests, and read again
before they are joined. Where faces are hidden, a section is made when those behind it that concern it are joined.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from time import sleep
from typing import Protocol

from ..errors import ResultError
from ..media.encoding import LARGE_PIXELS
from ..media.reader import Recording
from ..media.span import KeyFrames
from ..reading.session import Session
from ..types import Floats
from .assembly import Assembly
from .in_turn import ElsewhereError, Tick, counted, kept_sections
from .places import MOST_HELD, Moment, moment_of
from .rests import Rests
from .results import Results
from .section import LOOK, READ, Part, handed_over, look, make, reread
from .sections import Handover, Sections
from .settings import Settings
from .unfinished import SectionDone, Unfinished

LISTEN_S = 0.1
PATIENCE_S = 90.0
"""How long what another machine has written may not be seen: network folders remember for a while what is not there."""
LOOKING = 0.4
"""Which part of the work looking is, where a film is made."""
FEW, FEW_SMALL = 2, 4
"""Cores that a film done in turn keeps busy by the threads of its stages; the second, of a film of small pictures."""


_Task = tuple[str, int]
"""Kind of work, and number of the section."""
WORK = {"look": look, "reread": reread, "make": make}
ENDS = {"look": LOOK, "reread": READ, "make": ".npz"}
"""What the files end in that say that it is done."""


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
    if workers is None or (settings.blur and settings.every > 1):
        return False  # faces are not hidden where nobody looked
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
        workers: do them.
        rests: of everybody, where they are taken off.
    """

    head: Recording
    results: Results
    session: Session
    settings: Settings
    sections: Sections
    work: Unfinished
    workers: Workers
    rests: Mapping[int, Floats] = field(default_factory=dict)
    _keys: KeyFrames = field(default_factory=lambda: KeyFrames(0, (), ()))
    _times: list[int] = field(default_factory=list)
    _counted: dict[int, Handover] = field(default_factory=dict)
    _told: dict[int, Handover] = field(default_factory=dict)
    _begins: dict[int, list[Moment]] = field(default_factory=dict)
    _under_way: dict[Future[bool], tuple[str, int]] = field(default_factory=dict)
    _frames: dict[tuple[str, int], int] = field(default_factory=dict)
    _joined: int = 0
    _missed: int = 0

    def look_for_rests(self, tick: Tick) -> dict[int, Floats]:
        """Looks at all sections, and tells everybody's rest.

        Raises:
            ElsewhereError: the film cannot be done by sections.
            KeyboardInterrupt: by `tick`.
        """
        found = Rests(self.settings.baseline)
        self._counted[0] = Handover()
        try:
            self._look_ahead()
            for number in self._passed(self._looks(), {"look": 1.0}, 0, tick):
                for one in self._number(number).frames:
                    found.add(one.readings, one.time_s)
        finally:
            self._end()
        return found.typical()

    def run(self, assembly: Assembly, tick: Tick) -> tuple[Recording, bool]:
        """Does what is not done yet; see `Turn.run`.

        Raises:
            ElsewhereError: it cannot be done by sections, or not be gone on with.
        """
        kept = kept_sections(self.work, self.session, self.head)
        for number, section in enumerate(kept):
            assembly.add(section, self.work.film(number))
        before, first, interrupted = assembly.pictures, len(kept), False
        if not kept or not kept[-1].last:
            self._told[first] = self._counted[first] = kept[-1].told if kept else Handover()
            weights = {"make": 1 - LOOKING, self._seen: LOOKING} if self.settings.video else {self._seen: 1.0}
            try:
                self._look_ahead()
                for number in self._passed(self._tasks(first), weights, before, tick):
                    self._add(number, assembly)
            except KeyboardInterrupt:
                interrupted = True
            finally:
                self._end()
        if not interrupted:
            assembly.end()
        return counted(self.head, self.head, assembly.pictures), interrupted

    def _look_ahead(self) -> None:
        """Learns where the film can be begun, and when the pictures are shown that are to be read."""
        keys = self.head.key_frames()
        if keys is None:
            raise ElsewhereError
        tick_s, span, first = self.head.time_base, self.settings.span, self.head.first.pts
        self._keys = keys
        self._times = [pts for pts in keys.times if pts >= first and span.holds(float(pts * tick_s))]

    def _passed(
        self, tasks: Iterator[_Task | int | None], weights: Mapping[str, float], before: int, tick: Tick
    ) -> Iterator[int]:
        """Keeps the workers at work; yields the sections that come out of the tasks, in order.

        Args:
            tasks: see `_tasks`.
            weights: of each kind of work, as shares of all.
            before: frames that were done before.
            tick: see `Tick`.
        """
        self._frames.clear()
        for task in tasks:
            if isinstance(task, int):
                yield task
                continue
            if task is not None:
                self._begin(*task)
            elif self._under_way:
                self._wait(weights, before, tick)
            else:
                self._miss()
            while len(self._under_way) >= max(1, self.workers.count):
                self._wait(weights, before, tick)

    def _wait(self, weights: Mapping[str, float], before: int, tick: Tick) -> None:
        """Waits a moment for work to end, and tells how far it is."""
        done, _ = wait(self._under_way, LISTEN_S, FIRST_COMPLETED)
        for future in done:
            del self._under_way[future]
            if not future.result():
                raise KeyboardInterrupt
        for kind, number, frames in self.workers.frames():
            self._frames[kind, number] = frames
        made = int(sum(weights.get(kind, 0.0) * frames for (kind, _), frames in self._frames.items()))
        made = min(before + made, len(self._times))
        tick(self.head, made, float(self._times[max(0, made - 1)] * self.head.time_base))

    def _looks(self) -> Iterator[_Task | int | None]:
        """What is to be begun next where everything is only looked at, as `_tasks`."""
        looked = ready = 0
        while ready < self._count:
            if self._has(ready, "look"):
                yield ready
                ready += 1
            elif looked < self._count:
                if not self._has(looked, "look"):
                    yield "look", looked
                looked += 1
            else:
                yield None

    def _tasks(self, first: int) -> Iterator[_Task | int | None]:
        """What is to be begun next, what is nearest to its end before the rest; between these the numbers of sections
        that are made, in order; None for nothing yet."""
        looked = numbered = read = making = made = self._joined = first
        own = self._seen != "look"
        while made < self._count:
            while own and numbered < self._count and self._has(numbered, "look"):
                if numbered + 1 not in self._counted:
                    self._number(numbered)
                numbered += 1
            while self._joined < self._count and self._has(self._joined, self._seen):
                self._join(self._joined)
                self._joined += 1
            if made < making and self._has(made, "make"):
                yield made
                made += 1
            elif making < self._joined and self._after(making, self._joined) is not None:
                if not self._has(making, "make"):
                    yield "make", making
                making += 1
            elif own and read < numbered:
                if not self._has(read, "reread"):
                    yield "reread", read
                read += 1
            elif looked < self._count:
                if not self._has(looked, "look"):
                    yield "look", looked
                looked += 1
            else:
                yield None

    def _after(self, number: int, joined: int) -> tuple[Moment, ...] | None:
        """Where faces are behind a section, as far as that concerns it; None where it is not known yet."""
        if not self.settings.blur:
            return ()
        moments = [moment for one in range(number + 1, joined) for moment in self._begins[one]]
        return tuple(moments[:MOST_HELD]) if len(moments) >= MOST_HELD or joined == self._count else None

    @property
    def _seen(self) -> str:
        """The work that has to be done before sections are joined."""
        return "look" if self.settings.baseline is None else "reread"

    @property
    def _count(self) -> int:
        return self.sections.number(self._times[-1]) + 1

    def _begin(self, kind: str, number: int) -> None:
        start = self.sections.start(number) - self.sections.lead
        near = self._keys.part(start, self.sections.start(number + 1))
        part = Part(self.results, self.sections, number, near, self.head.handling.canvas)
        if kind == "reread":
            part = replace(part, told=self._counted[number], rests=self.rests)
        elif kind == "make":
            after = self._after(number, self._joined) or ()
            following = self._told[number + 1] if number + 1 < self._count else None
            part = replace(part, told=self._told[number], following=following, rests=self.rests, after=after)
        self._under_way[self.workers.submit(WORK[kind], part)] = kind, number

    def _has(self, number: int, kind: str) -> bool:
        """Whether a piece of work is done."""
        return (kind, number) not in self._under_way.values() and self.work.file(number, ENDS[kind]).exists()

    def _number(self, number: int) -> SectionDone:
        """Says who is who in a section that was looked at, whatever their rests."""
        numbered, self._counted[number + 1] = self._handed_over(number, LOOK, self._counted[number])
        return numbered

    def _join(self, number: int) -> None:
        """Says who is who in a section, and what is said of them; tells the next."""
        numbered, following = self._handed_over(number, ENDS[self._seen], self._told[number])
        self._told[number + 1], last = following, number + 1 == self._count
        self._begins[number] = [moment_of(one.time_s, one.readings) for one in numbered.frames[:MOST_HELD]]
        if not self.settings.video:
            self.work.keep(number, replace(numbered, told=Handover() if last else following, last=last))

    def _handed_over(self, number: int, suffix: str, told: Handover) -> tuple[SectionDone, Handover]:
        seen = self._kept(number, suffix)
        start, end = (bisect_left(self._times, self.sections.start(one)) for one in (number, number + 1))
        if not seen.regular or seen.pictures != end - start:
            raise ElsewhereError
        return handed_over(seen, told, self.session, self.sections, self.settings.blur)

    def _add(self, number: int, assembly: Assembly) -> None:
        assembly.add(self._kept(number, ".npz"), self.work.film(number))
        for suffix in (LOOK, READ):
            self.work.file(number, suffix).unlink(missing_ok=True)

    def _kept(self, number: int, suffix: str) -> SectionDone:
        return self.work.section(number, self.session.network.contract.labels, suffix)

    def _miss(self) -> None:
        """Waits for what workers have written: another machine may see it a while later.

        Raises:
            ResultError: it does not come.
        """
        self._missed += 1
        if self._missed * LISTEN_S > PATIENCE_S:
            told = "what the workers write does not appear in it: they must see the same folder"
            raise ResultError(f"{self.work.folder}: {told}")
        sleep(LISTEN_S)

    def _end(self) -> None:
        """Ends what is still being done, where the film is not."""
        if self._under_way:
            self.workers.stop()
            wait(self._under_way)
            self._under_way.clear()
