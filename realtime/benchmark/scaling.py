"""How one film's time falls with the number of cores: each section is done alone and timed, the rest is reckoned.

    python -m emoscope.benchmark.scaling FILM

What is timed is the processor's time over all threads, so that it holds on a busy machine too. The plan is that of
`emoscope.processing.at_once`: sections are looked at in order, joined in order, made as soon as they are joined; a free
core takes what may be made before what may be looked at. The critical path is what no number of cores can shorten.
"""

from __future__ import annotations

import heapq
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import process_time

from ..media.reader import Recording
from ..media.span import WHOLE
from ..processing.assembly import Assembly
from ..processing.batch import results_of
from ..processing.film import process_film
from ..processing.finding import PACE
from ..processing.results import AtomicResults
from ..processing.section import LOOK, Part, handed_over, look, make
from ..processing.sections import SECTION_S, Handover, Sections
from ..processing.settings import Settings
from ..processing.tables import Tables
from ..processing.tuning import tune
from ..processing.unfinished import Unfinished
from ..reading.session import Session, open_session
from ..view.state import ViewOptions

CORES = (1, 2, 4, 8, 16, 32)


@dataclass(slots=True)
class Times:
    """Processor seconds.

    Attributes:
        in_turn: of the whole film, done in turn.
        looking: at each section.
        joining: each to the one before.
        making: each.
        adding: each to the results.
    """

    in_turn: float = 0.0
    looking: list[float] = field(default_factory=list)
    joining: list[float] = field(default_factory=list)
    making: list[float] = field(default_factory=list)
    adding: list[float] = field(default_factory=list)

    @property
    def work(self) -> float:
        """All of it."""
        return sum(map(sum, (self.looking, self.joining, self.making, self.adding)))

    @property
    def critical(self) -> float:
        """The longest chain of what must come one after another."""
        joined = added = 0.0
        for number, seconds in enumerate(self.looking):
            joined = max(joined, seconds) + self.joining[number]
            added = max(added, joined + self.making[number]) + self.adding[number]
        return added

    def on(self, cores: int) -> float:
        """Seconds that it takes on so many cores."""
        count, looked, joined = len(self.looking), 0, 0
        ready: list[int] = []
        seen: set[int] = set()
        running: list[tuple[float, str, int]] = []
        now = free_s = 0.0
        made: dict[int, float] = {}
        while len(made) < count:
            while len(running) < cores and (ready or looked < count):
                if ready:
                    number = ready.pop(0)
                    heapq.heappush(running, (now + self.making[number], "make", number))
                else:
                    heapq.heappush(running, (now + self.looking[looked], "look", looked))
                    looked += 1
            now, kind, number = heapq.heappop(running)
            if kind == "make":
                made[number] = now
                continue
            seen.add(number)
            while joined in seen:
                free_s = max(free_s, now) + self.joining[joined]
                ready.append(joined)
                joined += 1
        end_s = 0.0
        for number in range(count):
            end_s = max(end_s, made[number]) + self.adding[number]
        return end_s


def timed(film: Path, session: Session, settings: Settings, folder: Path) -> Times:
    """Does every section of a film alone, and the film once more in turn.

    Args:
        film: the recording.
        session: reads it.
        settings: of the run; say how long a section is.
        folder: for what is written, and thrown away with it.
    """
    results, times = results_of(film, folder, settings), Times()
    times.in_turn = _seconds(lambda: process_film(results, session, settings, lambda *_: None))
    with Recording(film) as head, AtomicResults(results) as drafts:
        keys, sections = head.key_frames(), Sections.of(head, settings.section_s, settings.every)
        if keys is None:
            raise SystemExit(f"{film}: can be read from its beginning only")
        work, told = Unfinished(results.work), Handover()
        work.begin({}, False)
        count = sections.number(keys.times[-1]) + 1
        with Assembly(Tables(drafts, head, session.network, settings), drafts, head, settings) as assembly:
            for number in range(count):
                part = Part(results, sections, number, keys, head.handling.canvas, told)
                times.looking.append(_seconds(partial(look, part, session, settings, _ignore)))
                seen = work.section(number, session.network.contract.labels, LOOK)
                start = process_time()
                _, following = handed_over(seen, told, session, sections)
                times.joining.append(process_time() - start)
                part = replace(part, following=following if number + 1 < count else None)
                times.making.append(_seconds(partial(make, part, session, settings, _ignore)))
                start = process_time()
                assembly.add(work.section(number, session.network.contract.labels), work.film(number))
                times.adding.append(process_time() - start)
                told = following
        work.remove()
    return times


def _seconds(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


def _ignore(_: int) -> None:
    """Hears of progress."""


def table(times: Times) -> str:
    """The table, as Markdown."""
    lines = [
        f"{len(times.looking)} sections; processor time in turn {times.in_turn:.1f} s, at once {times.work:.1f} s;"
        f" critical path {times.critical:.1f} s, {times.critical / times.work:.3f} of the work",
        "",
        "| cores | s | times as fast as one core in turn | of the ideal |",
        "|---|---|---|---|",
    ]
    for cores in CORES:
        seconds = times.on(cores)
        gain = times.in_turn / seconds
        lines.append(f"| {cores} | {seconds:.1f} | {gain:.2f} | {gain / cores:.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Times a film."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        raise SystemExit("usage: python -m emoscope.benchmark.scaling FILM")
    tune()
    settings = Settings(
        partial(open_session, pace=PACE, steady=True), ViewOptions().state, span=WHOLE, section_s=SECTION_S
    )
    with tempfile.TemporaryDirectory() as folder, settings.open_session() as session:
        print(table(timed(Path(sys.argv[1]), session, settings, Path(folder))))


if __name__ == "__main__":
    main()
