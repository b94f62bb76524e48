"""One recording from end to end.

    decode ──▶ find faces ──▶ read faces ──▶ draw ──▶ encode, rows, chart, summary
    thread     thread         thread         thread   this thread

Sound and pictures pass in the file's order. A stage is a generator; `Prefetch` gives it a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from ..media.encoding import LARGE_PIXELS
from ..media.reader import Recording
from ..media.shape import Shape
from ..media.writer import VideoWriter
from ..network.network import Request
from ..reading.session import ReadFrame, Session
from ..system.memory import tidying
from ..types import Floats
from ..view.state import wish_of
from .finding import finds
from .painting import Painter
from .prefetch import Prefetch
from .reading import Item, Read, reads, share_of
from .rests import FIRST, rests
from .results import VIDEO, AtomicResults, Results
from .settings import Settings
from .tables import Tables

T = TypeVar("T")

WAITING_PIXELS = 16 * 1280 * 720
"""Of the frames that may wait behind one stage, where these are no larger than `LARGE_PIXELS`; else one may."""
DEEPEST = 16
TIDY_S = 0.5
"""How often memory that is free is given back while a recording is processed: it keeps 20 MB off the peak at 1080p."""

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


def process_film(results: Results, session: Session, settings: Settings, tick: Tick) -> Outcome:
    """Processes one recording.

    The session forgets what it has read before.

    A KeyboardInterrupt ends it early: what is done is kept under partial names, and the outcome says so.

    Raises:
        SourceError: it cannot be read at all.
        ResultError: the results cannot be written.
    """
    start, canvas = perf_counter(), None
    while True:
        outcome, larger = _attempt(results, session, settings, tick, canvas)
        outcome.seconds = perf_counter() - start
        if larger is None:
            return outcome
        canvas = larger


def _attempt(
    results: Results,
    session: Session,
    settings: Settings,
    tick: Tick,
    canvas: Shape | None,
) -> tuple[Outcome, Shape | None]:
    """Processes a recording with all pictures in one shape, that of its first; or says which it takes, if not that."""
    outcome, known = Outcome(results.source), dict[int, Floats]()
    if settings.baseline is not None:
        try:
            known = rests(results.source, session, settings, tick, canvas)
        except KeyboardInterrupt:
            outcome.interrupted = True
            return outcome, None
    with (
        Recording(results.source, settings.span, canvas=canvas, film=settings.film, fps=settings.fps) as recording,
        AtomicResults(results) as drafts,
        tidying(TIDY_S),
    ):
        session.reset(anew=True)
        session.baselines.know(known)
        tables = Tables(drafts, recording, session.network, settings, tuple(known))
        try:
            _Work(recording, drafts, tables, session, settings, outcome).run(tick)
            if recording.outgrown and recording.again:
                return outcome, _largest(recording, tick)
        except KeyboardInterrupt:
            outcome.interrupted = True
        tables.finish()
        outcome.written = drafts.interrupt() if outcome.interrupted else drafts.finish()
        outcome.damage = recording.damage.describe()
        outcome.notes += recording.describe()
    return outcome, None


def _largest(recording: Recording, tick: Tick) -> Shape:
    """The largest shape of a picture in the recording; the new film gets its size from the beginning."""
    for _ in recording.shapes_ahead():
        tick(0, None)
    return recording.handling.largest


@dataclass(frozen=True, slots=True)
class _Work:
    """The stages of one recording, joined."""

    recording: Recording
    drafts: AtomicResults
    tables: Tables
    session: Session
    settings: Settings
    outcome: Outcome

    def run(self, tick: Tick) -> None:
        """Works to the end; leaving it, however, ends all threads and closes all files."""
        with ExitStack() as stack:
            stack.enter_context(self.tables)
            film = stack.enter_context(self._film()) if self.settings.video else None
            for item in self._stages(stack):
                if self.recording.outgrown and self.recording.again:
                    return
                if isinstance(item, ReadFrame):
                    self._write(item, film)
                    tick(self.outcome.frames, self._share(item.frame.time_s))
                elif film is not None:
                    film.sound(item)

    def _share(self, time_s: float) -> float | None:
        share = share_of(time_s, self.recording)
        return share if share is None or self.settings.baseline is None else FIRST + (1 - FIRST) * share

    def _film(self) -> VideoWriter:
        path, log = self.drafts.path(VIDEO), self.outcome.notes.append
        return VideoWriter(path, self.recording, self.settings.encoding, log)

    def _stages(self, stack: ExitStack) -> Iterable[Item]:
        def prefetched(stage: Iterable[T], name: str, bound: int) -> Iterable[T]:
            return stack.enter_context(Prefetch(stage, name, bound)) if bound else stage

        deep, shallow = _depths(self.recording, self.settings.video)
        state = self.settings.look(self.session.network.contract)
        wish = replace(wish_of(state), everyone=state.heat, exact=True)
        if not self.settings.video:
            wish = replace(wish, request=Request())
        decoded = prefetched(self.recording, "decoding", deep)
        found = prefetched(finds(decoded, self.session.finder, self.settings.every), "finding", shallow)
        read = reads(found, self.session, wish)
        items = prefetched(read, "reading", shallow)
        if not self.settings.video:
            return items
        return prefetched(Painter(state, self.settings.blur).paint(items), "drawing", deep)

    def _write(self, read: Read, film: VideoWriter | None) -> None:
        if film is not None:
            film.picture(read.frame.picture.frame, read.frame.pts)
        if read.fresh:
            self.tables.add(read)
        self.outcome.frames += 1


def _depths(recording: Recording, film: bool) -> tuple[int, int]:
    """How many frames may wait behind decoding and drawing, and behind the stages between; 0: these have no threads.

    Deep queues even out stages that stall each other; at 720p a tenth of the time is gained. At 1080p the encoder alone
    holds 150 MB of pictures and takes so long that the stages before it need no threads of their own.
    """
    pixels = recording.first.picture.width * recording.first.picture.height
    if pixels > LARGE_PIXELS:
        return 1, 0 if film else 1
    deep = min(DEEPEST, WAITING_PIXELS // pixels)
    return deep, deep
