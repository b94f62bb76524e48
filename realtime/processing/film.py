"""One recording from end to end.

    decode ──▶ find faces ──▶ read faces ──▶ draw ──▶ encode, rows, chart, summary
    thread     thread         thread         thread   this thread

Sound and pictures pass in the file's order. A stage is a generator; `Prefetch` gives it a thread. A recording that is
longer than a section, and can be read again, is kept section by section, so that an ended run can be gone on with; what
is short, or can be read only once, goes straight into its results.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from ..errors import SourceError
from ..media.reader import Recording
from ..media.shape import Shape
from ..media.span import Span
from ..media.writer import VideoWriter
from ..reading.session import ReadFrame, Session
from ..system.memory import tidying
from ..types import Floats
from .assembly import Assembly
from .at_once import AtOnce, Workers, is_worth_it
from .finding import Seam, finds
from .in_turn import ElsewhereError, HandsError, Turn
from .reading import share_of
from .rests import FIRST, rests
from .results import VIDEO, AtomicResults, Results
from .sections import Sections
from .settings import Settings
from .stages import Stages
from .tables import Tables
from .unfinished import Unfinished

TIDY_S, TIDY_WORK_S = 0.5, 0.5
"""How often memory that is free is given back while a recording is processed, which keeps 20 MB off the peak at 1080p;
and how much work must lie between: half of what two cores do in this time. At 0.8 s the peak rose by 6 MB at 720p."""

Tick = Callable[[int, float | None], None]
"""Hears how many frames are done, and which share of the whole, 0–1, where that is known."""


@dataclass(slots=True)
class Outcome:
    """What became of one input.

    Attributes:
        source: the input.
        frames: that were processed.
        seconds: that it took.
        written: the results.
        damage: one line about what could not be read, "" for nothing.
        notes: what else is worth knowing.
        error: why it failed, "" if it did not.
        interrupted: whether it was ended before its time.
        skipped: why nothing was done, "" if it was.
        passing: whether what failed may work when it is tried again.
        host: where it was done, "" for here.
    """

    source: Path
    frames: int = 0
    seconds: float = 0.0
    written: list[Path] = field(default_factory=list)
    damage: str = ""
    notes: list[str] = field(default_factory=list)
    error: str = ""
    interrupted: bool = False
    skipped: str = ""
    passing: bool = False
    host: str = ""


def process_film(
    results: Results, session: Session, settings: Settings, tick: Tick, workers: Workers | None = None
) -> Outcome:
    """Processes one recording.

    The session forgets what it has read before.

    A KeyboardInterrupt ends it early: what is done is kept under partial names, and the outcome says so.

    Args:
        results: what it becomes.
        session: reads it.
        settings: what is to be done.
        tick: see `Tick`.
        workers: do its sections, where that is sooner; None for this process alone.

    Raises:
        SourceError: it cannot be read at all.
        ResultError: the results cannot be written.
    """
    start, canvas = perf_counter(), None
    while True:
        outcome = Outcome(results.source)
        try:
            larger = _Attempt(results, session, settings, tick, outcome, workers).run(canvas)
        except ElsewhereError:
            settings, workers = replace(settings, resume=False), None
            continue
        except HandsError:
            settings = replace(settings, resume=True)
            continue
        outcome.seconds = perf_counter() - start
        if larger is None:
            return outcome
        canvas = larger


class _OutgrownError(Exception):
    """A picture has come that is larger than the new film was to be."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Processes a recording with all pictures in one shape."""

    results: Results
    session: Session
    settings: Settings
    tick: Tick
    outcome: Outcome
    workers: Workers | None

    def run(self, canvas: Shape | None) -> Shape | None:
        """Does all of it, or says which shape it takes, if not this one; None for the first picture's."""
        with self._opened(self.settings.span, canvas=canvas) as recording, tidying(TIDY_S, TIDY_WORK_S):
            if self.settings.baseline is not None and not recording.again:
                told = "can be read only once, and --baseline looks twice: save it as a file first"
                raise SourceError(f"{self.results.source}: {told}")
            sections = Sections.of(recording, self.settings.section_s, self.settings.every)
            try:
                if sections.number(_last_pts(recording)) and recording.seekable:
                    self._by_sections(recording, sections)
                else:
                    self._at_once(recording, sections)
            except _OutgrownError:
                return self._largest(recording)
            except KeyboardInterrupt:  # in the first of two looks: there is nothing yet
                self.outcome.interrupted = True
        return None

    def _opened(self, span: Span, **how: Any) -> Recording:
        return Recording(self.results.source, span, **self.settings.source, **how)

    def _at_once(self, recording: Recording, sections: Sections) -> None:
        """Straight into the results."""
        known = self._rests(recording)
        with AtomicResults(self.results) as drafts:
            self._forget(known)
            tables = Tables(drafts, recording, self.session.network, self.settings, tuple(known))
            try:
                with ExitStack() as stack:
                    stack.enter_context(tables)
                    self._write(recording, sections, tables, drafts, stack)
            except KeyboardInterrupt:
                self.outcome.interrupted = True
            self._finish(recording, tables, drafts)

    def _write(
        self, recording: Recording, sections: Sections, tables: Tables, drafts: AtomicResults, stack: ExitStack
    ) -> None:
        film, log = None, tables.beside.append
        if self.settings.video:
            path = drafts.path(VIDEO)
            film = stack.enter_context(VideoWriter(path, recording, self.settings.encoding, log))
        found = partial(finds, finder=self.session.finder, every=self.settings.every, sections=sections)
        for item in Stages(recording, self.session, self.settings, found).items(stack):
            if isinstance(item, ReadFrame):
                frame = item.frame
                if film is not None:
                    film.picture(frame.picture.frame, frame.pts)
                if item.fresh:
                    tables.add(frame.index, frame.time_s, item.seen.readings)
                self._heard(recording, self.outcome.frames + 1, frame.time_s)
            elif film is None:
                continue
            elif isinstance(item, Seam):
                film.renew()
            else:
                film.sound(item)

    def _by_sections(self, recording: Recording, sections: Sections) -> None:
        """Section by section, each kept."""
        work = Unfinished(self.results.work)
        if work.begin(self._made(recording), self.settings.resume):
            self.outcome.notes.append("what an ended run had left was made otherwise, and is done again")
        with work, AtomicResults(self.results) as drafts:
            place = (recording, self.results, self.session, self.settings, sections, work)
            worth_it = partial(is_worth_it, recording, self.settings, self.workers)
            at_once = AtOnce(*place, self.workers) if self.workers is not None and worth_it() else None
            known = work.rests(partial(self._rests, recording, at_once))
            self._forget(known)
            tables = Tables(drafts, recording, self.session.network, self.settings, tuple(known))
            with Assembly(tables, drafts, recording, self.settings) as assembly:
                if at_once is not None:
                    at_once.rests = known
                    last, self.outcome.interrupted = at_once.run(assembly, self._heard)
                else:
                    turn = Turn(recording, self.session, self.settings, sections, work, self._opened, worth_it)
                    last, self.outcome.interrupted = turn.run(assembly, self._heard)
            if not assembly.pictures:
                raise KeyboardInterrupt
            self._finish(last, tables, drafts)
            self.outcome.frames = assembly.pictures
            if not self.outcome.interrupted:
                work.remove()

    def _made(self, recording: Recording) -> dict[str, Any]:
        """What the sections depend on."""
        maker, network = self.settings.maker, self.session.network
        canvas, length = recording.handling.canvas, self.settings.section_s
        record = {} if maker is None else maker.record(self.results.source, network.provider)
        return {"made": record, "key": None if maker else secrets.token_hex(8), "canvas": str(canvas), "s": length}

    def _rests(self, recording: Recording, at_once: AtOnce | None = None) -> dict[int, Floats]:
        """Everybody's rest, from a first look, where it is to be taken off."""
        if self.settings.baseline is None:
            return {}
        if at_once is not None:
            return at_once.look_for_rests(self._looked)
        canvas = recording.handling.canvas
        return rests(self.results.source, self.session, self.settings, self.tick, canvas)

    def _looked(self, recording: Recording, frames: int, time_s: float) -> None:
        """So many frames are looked at, the last of them at this time, and none is done."""
        share = share_of(time_s, recording)
        self.tick(0, None if share is None else FIRST * share)

    def _forget(self, known: Mapping[int, Floats]) -> None:
        self.session.reset(anew=True)
        self.session.baselines.know(known)

    def _heard(self, recording: Recording, frames: int, time_s: float) -> None:
        """So many frames are done, the last of them at this time."""
        if recording.outgrown and recording.again:
            raise _OutgrownError
        self.outcome.frames = frames
        share = share_of(time_s, recording)
        if share is not None and self.settings.baseline is not None:
            share = FIRST + (1 - FIRST) * share
        self.tick(self.outcome.frames, share)

    def _finish(self, recording: Recording, tables: Tables, drafts: AtomicResults) -> None:
        tables.finish(recording)
        self.outcome.written = (
            drafts.interrupt() if self.outcome.interrupted else drafts.finish(self.settings.overwrite)
        )
        self.outcome.damage = recording.damage.describe()
        self.outcome.notes += [*tables.beside, *recording.describe(self.settings.video)]
        provider = self.session.network.provider
        self.outcome.notes += [f"network and detectors ran on {provider}"] if provider != "CPU" else []

    def _largest(self, recording: Recording) -> Shape:
        """The largest shape of a picture in the recording; the new film gets its size from the beginning."""
        for _ in recording.shapes_ahead():
            self.tick(0, None)
        return recording.handling.largest


def _last_pts(recording: Recording) -> int:
    """When the part that is read ends by what the header says, in ticks; its beginning where that is not said."""
    end_s = min(recording.end_s or 0.0, recording.span.end_s)
    return max(recording.first.pts, int(end_s / recording.time_base))
