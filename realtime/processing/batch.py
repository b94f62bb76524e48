"""Several inputs, one after another; one that fails does not stop the rest."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path

from ..errors import EmoscopeError, line_of
from ..reading.analysis import Analyser
from ..report.rows import FORMATS
from ..system.interrupts import Interrupts
from .film import Outcome, Tick, process_film
from .inputs import is_picture
from .results import CHART, PICTURE, ROWS, SUMMARY, VIDEO, Results
from .settings import Settings
from .still import process_still

Progress = Callable[[Path, int, float | None], None]
"""Hears of an input how many frames are done, and which share of it, 0–1, where that is known."""


def results_of(source: Path, folder: Path | None, settings: Settings) -> Results:
    """What an input is to become; beside it where no folder is given."""
    picture = is_picture(source)
    kinds = []
    if settings.video:
        kinds.append(PICTURE if picture else VIDEO)
    if settings.rows is not None:
        kinds.append(ROWS + FORMATS[settings.rows].suffix)
    if settings.chart and not picture:
        kinds.append(CHART)
    if not picture:
        kinds.append(SUMMARY)
    return Results(source, source.parent if folder is None else folder, tuple(kinds))


def process_one(results: Results, analyser: Analyser, settings: Settings, tick: Tick) -> Outcome:
    """Processes one input; an error of its own ends in the outcome."""
    try:
        if is_picture(results.source):
            return process_still(results, analyser, settings)
        return process_film(results, analyser, settings, tick)
    except EmoscopeError as error:
        return Outcome(results.source, error=line_of(error))
    except Exception as error:  # a defect of the program, which is no reason to leave the other inputs undone
        told = line_of(error)
        return Outcome(
            results.source, error=told if isinstance(error, PermissionError) else f"{results.source}: {told}"
        )


def process_in_turn(todo: Sequence[Results], settings: Settings, progress: Progress) -> Generator[Outcome, None, None]:
    """Processes inputs one after another, in this process; ends after one that was interrupted."""
    with settings.open_analyser() as analyser, Interrupts() as interrupts:

        def tick(source: Path, frames: int, share: float | None) -> None:
            progress(source, frames, share)
            interrupts.check()

        for results in todo:
            outcome = process_one(results, analyser, settings, partial(tick, results.source))
            yield outcome
            if outcome.interrupted:
                return
            interrupts.check()
