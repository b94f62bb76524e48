"""Tells on the terminal how far the work is: a line that moves, a line per finished input, a total.

clip.mp4   43 %   118 frames/s   0:07 left
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from ..errors import discreet
from ..report.counted import counted
from ..system.terminal import MovingLine, say_line
from .film import Outcome

SKIPPED_TOLD = 20
"""Inputs that are skipped with a line each."""
LINES, LOGGED_S = 1_000, 60.0
"""Of a long run, inputs that get a line each, and how often a line tells of all where no line can move."""


class Teller:
    """Speaks to standard error while inputs are processed; results are named on standard output.

    Args:
        sources: all inputs that are to be done, in order.
    """

    def __init__(self, sources: Sequence[Path]) -> None:
        self._weights = {source: _size(source) for source in sources}
        self._shares = dict.fromkeys(sources, 0.0)
        self._frames: dict[Path, int] = dict.fromkeys(sources, 0)
        self._skipped = 0
        self._done: list[Outcome] = []
        self._start, self._line = perf_counter(), MovingLine()

    def progress(self, source: Path, frames: int, share: float | None) -> None:
        """Moves the moving line; for `batch.Progress`."""
        self._frames[source] = frames
        self._shares[source] = share or 0.0
        if self._line.due:
            self._line.show(self._told_of(source, perf_counter()))

    def finished(self, outcome: Outcome) -> None:
        """One line for a finished input, one for each thing worth knowing; of many that are skipped, the number."""
        if outcome.skipped:
            self._skip(outcome)
            return
        self._done.append(outcome)
        self._frames[outcome.source], self._shares[outcome.source] = outcome.frames, 1.0
        self._line.show("")
        _tell(outcome, named=True)

    def again(self, outcome: Outcome, retry: int, retries: int, pause_s: float) -> None:
        """Tells that an input is tried again.

        Args:
            outcome: of the attempt that failed.
            retry: number of the next one, from 1.
            retries: how many there are at most.
            pause_s: after how many seconds.
        """
        why = outcome.error or outcome.skipped
        say_line(f"note: {why}; trying again in {pause_s:.0f} s ({retry} of {retries})", err=True)

    def _skip(self, outcome: Outcome) -> None:
        self._shares[outcome.source] = 1.0
        self._weights.setdefault(outcome.source, 0)
        self._skipped += 1
        if self._skipped <= SKIPPED_TOLD:
            say_line(
                f"skipped: {outcome.source}, {outcome.skipped}"
                if outcome.skipped.startswith("done before")
                else f"skipped: {outcome.skipped}"
            )
        elif self._skipped == SKIPPED_TOLD + 1:
            say_line("skipped: more, of which only the number is told at the end")

    def note(self, line: str) -> None:
        """Says what is worth knowing of the whole run."""
        self._line.show("")
        say_line(f"note: {line}", err=True)

    def total(self) -> None:
        """A line about all inputs, where there are several."""
        if len(self._weights) < 2:
            return
        seconds, frames = perf_counter() - self._start, sum(outcome.frames for outcome in self._done)
        failed = sum(bool(outcome.error) for outcome in self._done)
        whole = sum(not outcome.error and not outcome.interrupted for outcome in self._done)
        parts = [f"{whole} done"]
        parts += [f"{self._skipped} skipped"] if self._skipped else []
        parts += [f"{failed} failed"] if failed else []
        rate = f"{frames / max(seconds, 1e-9):.0f} frames/s"
        say_line(f"total: {', '.join(parts)}; {counted(frames, 'frame')} in {clock(seconds)} ({rate})")

    @property
    def is_long(self) -> bool:
        """Whether so much is to be done that nothing is looked at ahead."""
        return False

    def _told_of(self, source: Path, now: float) -> str:
        share = self._share()
        elapsed = now - self._start
        left = f"   {clock(elapsed * (1 - share) / share)} left" if share > 0 else ""
        rate = sum(self._frames.values()) / max(elapsed, 1e-9)
        several = f"{len(self._done) + 1} of {len(self._weights)}   " if len(self._weights) > 1 else ""
        percent = f"{100 * share:3.0f} %" if share > 0 else counted(self._frames[source], "frame")
        return f"{several}{source.name}   {percent}   {rate:.0f} frames/s{left}"

    def _share(self) -> float:
        whole = sum(self._weights.values())
        return sum(self._weights[source] * share for source, share in self._shares.items()) / max(whole, 1)


class LongTeller(Teller):
    """The same of a run whose inputs are not known beforehand, and too many to be kept.

    41,203 done   3 failed   2 at work   97 frames/s   1:20:04 left

    Args:
        waiting: how many inputs are still to come, or None while the list is being read.
    """

    def __init__(self, waiting: Callable[[], int | None] = lambda: None) -> None:
        super().__init__(())
        self._waiting = waiting
        self._whole = self._failed = self._all_frames = 0
        self._logged = self._start

    @property
    def is_long(self) -> bool:
        return True

    def progress(self, source: Path, frames: int, share: float | None) -> None:
        self._shares[source], self._frames[source] = share or 0.0, frames
        self._tell(perf_counter())

    def finished(self, outcome: Outcome) -> None:
        self._shares.pop(outcome.source, None)
        self._frames.pop(outcome.source, None)
        if outcome.skipped:
            self._skip(outcome)
            self._shares.pop(outcome.source, None)
            self._weights.clear()
        else:
            self._whole += not outcome.error and not outcome.interrupted
            self._failed += bool(outcome.error)
            self._all_frames += outcome.frames
            self._line.show("")
            _tell(outcome, self._whole <= LINES)
        self._tell(perf_counter())

    def total(self) -> None:
        self._line.show("")
        seconds = perf_counter() - self._start
        parts = [f"{self._whole:,} done"]
        parts += [f"{self._skipped:,} skipped"] if self._skipped else []
        parts += [f"{self._failed:,} failed"] if self._failed else []
        rate = f"{self._all_frames / max(seconds, 1e-9):.0f} frames/s"
        say_line(f"total: {', '.join(parts)}; {counted(self._all_frames, 'frame')} in {clock(seconds)} ({rate})")

    def _tell(self, now: float) -> None:
        if self._line.due:
            self._line.show(self._all(now))
        elif not self._line.seen and now - self._logged >= LOGGED_S:
            self._logged = now
            say_line(self._all(now), err=True)

    def _all(self, now: float) -> str:
        seconds, shares = max(now - self._start, 1e-9), sum(self._shares.values())
        done = self._whole + self._failed + shares
        waiting = self._waiting()
        parts = [f"{self._whole:,} done"]
        parts += [f"{self._skipped:,} skipped"] if self._skipped else []
        parts += [f"{self._failed:,} failed"] if self._failed else []
        parts += [f"{len(self._shares)} at work"] if self._shares else []
        parts.append(f"{(self._all_frames + sum(self._frames.values())) / seconds:.0f} frames/s")
        if waiting is not None and done > 0:
            parts.append(f"{clock((waiting + len(self._shares) - shares) * seconds / done)} left")
        return "   ".join(parts)


def _tell(outcome: Outcome, named: bool) -> None:
    """What is to be said of an input that is done; only what is wrong with it, where it is not to be named."""
    if outcome.error:
        say_line(f"emoscope: {discreet(outcome.error)}", err=True)
    for note in outcome.notes if named else ():
        say_line(f"note: {outcome.source.name}: {note}", err=True)
    if outcome.damage:
        say_line(f"warning: {outcome.source.name}: {outcome.damage}", err=True)
    if named and (outcome.written or (outcome.frames and not outcome.error)):
        say_line(_told(outcome))


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _told(outcome: Outcome) -> str:
    names = ", ".join(path.name for path in outcome.written)
    rate = f", {outcome.frames / max(outcome.seconds, 1e-9):.0f} frames/s" if outcome.frames > 1 else ""
    start = "interrupted: " if outcome.interrupted else ""
    where = f" → {outcome.written[0].parent}: {names}" if outcome.written else ""
    return f"{start}{outcome.source.name}: {counted(outcome.frames, 'frame')}{rate}{where}"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
