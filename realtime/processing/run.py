"""A whole run: find the inputs, check that their results can be written, process them, tell how it went."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ..system.interrupts import status_of_interruption
from ..system.lease import BusyError
from ..system.libraries import cores
from .archive import DatasetWork
from .at_once import FEW
from .batch import Progress, process_in_turn
from .cluster import process_on_cluster
from .film import Outcome
from .inputs import left_out
from .jobs import jobs_for, told_memory
from .pool import process_at_once
from .progress import Teller
from .results import Results
from .settings import Settings
from .todo import FolderWork, Order
from .tuning import tune

DONE, FAILED = 0, 1
PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0
"""Before inputs are tried again: doubled each time, up to the longest."""


class Work(Protocol):
    """What is to be done, in chunks, and who notes what became of it."""

    def teller(self) -> Teller:
        """Speaks of the run as it goes on."""

    def chunks(self) -> Iterator[list[Results | Outcome]]:
        """What is to be done, and what has become of inputs with which nothing is to be done."""

    def started(self, source: Path) -> None:
        """Hears that an input is being worked on."""

    def note(self, outcome: Outcome) -> None:
        """Hears what has become of an input."""

    def beat(self) -> None:
        """Hears that time passes."""

    def finish(self) -> None:
        """Hears that nothing more is to come."""


def run(order: Order, settings: Settings) -> int:
    """Processes everything and returns the command's exit status.

    Raises:
        EmoscopeError: the run cannot start: nothing to do, or results that may not be overwritten.
    """
    tune()
    settings = replace(settings, overwrite=order.overwrite, resume=order.resume, since_s=time.time())
    if settings.dataset is None:
        with FolderWork(order, settings) as work:
            return _run(work, order, settings)
    try:
        with DatasetWork(order, settings) as work:
            return _run(work, order, settings)
    except BusyError as error:
        teller = Teller(())
        teller.finished(Outcome(settings.dataset.layout.folder, skipped=f"{error}; --shard i/n shares the work"))
        return DONE


def _run(work: Work, order: Order, settings: Settings) -> int:
    teller = work.teller()
    if not teller.is_long:
        _tell_left_out(order, teller)
    if order.jobs is None and not order.cluster and (told := told_memory()):
        teller.note(told)
    ends = _Ends()
    try:
        with closing(_process(work, order, settings, teller)) as processed:
            for outcome in processed:
                work.note(outcome)
                teller.finished(outcome)
                ends.add(outcome)
    finally:
        work.finish()
    if teller.is_long:
        _tell_left_out(order, teller)
    teller.total()
    return ends.status


def _tell_left_out(order: Order, teller: Teller) -> None:
    """What else stands in the folders; a long run does not wait for it."""
    for line in left_out(order.inputs, order.recursive, order.folder):
        teller.note(line)


class _Ends:
    """How a run ends, by what became of its inputs."""

    def __init__(self) -> None:
        self._interrupted = self._failed = False

    def add(self, outcome: Outcome) -> None:
        self._interrupted |= outcome.interrupted
        self._failed |= bool(outcome.error)

    @property
    def status(self) -> int:
        return status_of_interruption() if self._interrupted else FAILED if self._failed else DONE


def _process(work: Work, order: Order, settings: Settings, teller: Teller) -> Generator[Outcome, None, None]:
    """Every input; ends after one that was interrupted."""

    def progress(source: Path, frames: int, share: float | None) -> None:
        work.started(source)
        teller.progress(source, frames, share)

    if order.cluster:
        everything = (one for chunk in work.chunks() for one in chunk)
        jobs = order.jobs or cores()
        yield from process_on_cluster(
            everything, settings, progress, order.cluster, jobs, teller.note, order.retries, teller.again, work.beat
        )
        return
    for chunk in work.chunks():
        todo = []
        for one in chunk:
            if isinstance(one, Outcome):
                yield one
            else:
                todo.append(one)
        interrupted = False
        for outcome in _retried(todo, order, settings, teller, progress):
            interrupted |= outcome.interrupted
            yield outcome
        if interrupted:
            return


def _retried(
    todo: list[Results], order: Order, settings: Settings, teller: Teller, progress: Progress
) -> Generator[Outcome, None, None]:
    """Every input once, and those again, after a pause, whose error may pass."""
    for retry in range(order.retries + 1):
        again = []
        for outcome in _round(todo, order, settings, progress):
            if outcome.passing and retry < order.retries:
                again.append(outcome)
            else:
                yield outcome
        if not again:
            return
        pause_s = min(PAUSE_S * 2**retry, LONGEST_PAUSE_S)
        for outcome in again:
            teller.again(outcome, retry + 1, order.retries, pause_s)
        time.sleep(pause_s)
        sources = {outcome.source for outcome in again}
        todo = [results for results in todo if results.source in sources]


def _round(
    todo: Sequence[Results], order: Order, settings: Settings, progress: Progress
) -> Generator[Outcome, None, None]:
    jobs = order.jobs or jobs_for(todo)
    if jobs > 1 and (len(todo) > 1 or jobs > FEW):
        yield from process_at_once(todo, settings, progress, jobs)
    elif todo:
        yield from process_in_turn(todo, settings, progress)
