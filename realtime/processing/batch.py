"""Several inputs, one after another; one that fails does not stop the rest."""

from __future__ import annotations

import errno
from collections.abc import Callable, Generator, Sequence
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

from ..errors import EmoscopeError, ResultError, line_of
from ..media.kinds import is_picture
from ..reading.session import Session
from ..report.rows import FORMATS
from ..system.interrupts import Interrupts
from ..system.lease import BusyError
from .at_once import Workers
from .film import Outcome, Tick, process_film
from .record import path_of
from .results import CHART, PICTURE, ROWS, SUMMARY, VIDEO, Results
from .settings import Settings
from .still import process_still

PASSING = {
    errno.EAGAIN,
    errno.EBUSY,
    errno.EINTR,
    errno.EIO,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.ESTALE,
    errno.ETIMEDOUT,
}
"""Errors of the system that are tried again with --retries; a full disk is not among them."""

Progress = Callable[[Path, int, float | None], None]
"""Hears of an input how many frames are done, and which share of it, 0–1, where that is known."""


def results_of(source: Path, folder: Path | None, settings: Settings, name: str = "") -> Results:
    """What an input is to become; beside it where no folder is given, under its own name where no other is.

    Args:
        source: the input.
        folder: where results go; None for the input's own.
        settings: which results are wanted.
        name: stem of the results' names; "" for the input's.
    """
    picture = is_picture(source)
    kinds = []
    if settings.video:
        kinds.append(PICTURE if picture else VIDEO)
    if settings.rows is not None:
        kinds.append(ROWS + FORMATS[settings.rows].suffix)
    if settings.chart and not picture:
        kinds.append(CHART)
    folder = source.parent if folder is None else folder
    if settings.dataset is None:
        return Results(source, folder, (*kinds, SUMMARY), name)
    # A summary says what made the files beside a film; where there are none, the data set's manifest says it.
    ends = (*kinds, SUMMARY) if kinds != [ROWS + FORMATS["parquet"].suffix] else tuple(kinds)
    return Results(source, folder, ends, name, settings.dataset.layout.draft(path_of(source)))


def process_one(
    results: Results, session: Session, settings: Settings, tick: Tick, workers: Workers | None = None
) -> Outcome:
    """Processes one input that no other run is working on; an error of its own ends in the outcome.

    Args:
        results: what it becomes.
        session: reads it.
        settings: what is to be done.
        tick: hears of progress.
        workers: do the sections of a film, where that is sooner; None for this process alone.
    """
    source = results.source
    try:
        if results.here != results.folder:
            results.make_room()
        with results.lease():
            if told := _done_meanwhile(results, settings):
                return Outcome(source, skipped=told)
            if is_picture(source):
                return process_still(results, session, settings)
            return process_film(results, session, settings, tick, workers)
    except BrokenProcessPool:  # whoever keeps the workers knows what to do
        raise
    except BusyError as error:
        return Outcome(source, skipped=str(error), passing=True)
    except (EmoscopeError, PermissionError) as error:
        return Outcome(source, error=line_of(error), passing=_may_pass(error))
    except Exception as error:  # a defect of the program, which is no reason to leave the other inputs undone
        return Outcome(source, error=f"{source}: {line_of(error)}", passing=_may_pass(error))


def _done_meanwhile(results: Results, settings: Settings) -> str:
    """Why there is nothing to do, though there was when the run began: another run was quicker.

    Raises:
        ResultError: the other run made something else of it.
    """
    if settings.maker is None or settings.dataset is not None or not results.existing:
        return ""
    told = results.foreign(settings.maker)
    if told and not settings.overwrite:
        raise ResultError(f"{told}, by a run beside this one: --overwrite does it again, another -o keeps both")
    old = settings.overwrite and results.since_s() < settings.since_s
    return f"{results.source}: another run has just done it" if results.whole and not told and not old else ""


def _may_pass(error: BaseException | None) -> bool:
    """Whether an error is of the kind that is gone a moment later: a network folder, a disk, a lock."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in PASSING:
            return True
        error = error.__cause__ or error.__context__
    return False


def process_in_turn(todo: Sequence[Results], settings: Settings, progress: Progress) -> Generator[Outcome, None, None]:
    """Processes inputs one after another, in this process; ends after one that was interrupted."""
    with settings.open_session() as session, Interrupts() as interrupts:

        def tick(source: Path, frames: int, share: float | None) -> None:
            progress(source, frames, share)
            interrupts.check()

        for results in todo:
            outcome = process_one(results, session, settings, partial(tick, results.source))
            yield outcome
            if outcome.interrupted:
                return
            interrupts.check()
