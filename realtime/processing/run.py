"""A whole run: find the inputs, check that their results can be written, process them, tell how it went."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import ResultError
from ..system.interrupts import status_of_interruption
from .batch import process_in_turn, results_of
from .film import Outcome
from .inputs import Input, expand, left_out
from .pool import process_at_once
from .progress import Teller
from .results import Results, check_free, check_names, undone
from .settings import Settings
from .tuning import tune

DONE, FAILED = 0, 1
PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0
"""Before inputs are tried again: doubled each time, up to the longest."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be processed, and where to.

    Attributes:
        inputs: files, folders and patterns, as the user names them.
        folder: of the results; None for beside each input.
        resume: whether inputs whose results are all there are skipped.
        overwrite: whether results that are there are replaced.
        jobs: inputs processed at once.
        recursive: whether folders are searched with all that is below them; `folder` then gets the same tree.
        retries: how often an input is tried again whose error may pass.
    """

    inputs: Sequence[str]
    folder: Path | None = None
    resume: bool = False
    overwrite: bool = False
    jobs: int = 1
    recursive: bool = False
    retries: int = 0


def run(order: Order, settings: Settings) -> int:
    """Processes everything and returns the command's exit status.

    Raises:
        EmoscopeError: the run cannot start: nothing to do, or results that may not be overwritten.
    """
    tune()
    settings = replace(settings, overwrite=order.overwrite, since_s=time.time())
    everything = [_results(one, order, settings) for one in expand(order.inputs, order.recursive)]
    todo = _todo(everything, order, settings)
    for folder in {results.folder for results in todo} if order.folder is not None else ():
        _make_folder(folder)
    teller = Teller([results.source for results in todo])
    for line in left_out(order.inputs, order.recursive, order.folder):
        teller.note(line)
    there = {results.source for results in todo}
    for results in everything:
        if results.source not in there:
            teller.finished(Outcome(results.source, skipped=f"done before: {results.existing[-1]}"))
    outcomes = []
    with closing(_process(todo, order, settings, teller)) as processed:
        for outcome in processed:
            teller.finished(outcome)
            outcomes.append(outcome)
    teller.total()
    return _status(outcomes)


def _results(one: Input, order: Order, settings: Settings) -> Results:
    folder = None if order.folder is None else order.folder / one.below
    return results_of(one.path, folder, settings, one.name)


def _todo(everything: list[Results], order: Order, settings: Settings) -> list[Results]:
    check_names(everything)
    if order.overwrite:
        return everything
    if not order.resume or settings.maker is None:
        check_free(everything)
        return everything
    return undone(everything, settings.maker)


def _process(todo: list[Results], order: Order, settings: Settings, teller: Teller) -> Generator[Outcome, None, None]:
    """Every input once, and those again, after a pause, whose error may pass."""
    for retry in range(order.retries + 1):
        again = []
        for outcome in _round(todo, order, settings, teller):
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


def _round(todo: list[Results], order: Order, settings: Settings, teller: Teller) -> Generator[Outcome, None, None]:
    jobs = min(order.jobs, len(todo))
    if jobs > 1:
        yield from process_at_once(todo, settings, teller.progress, jobs)
    elif todo:
        yield from process_in_turn(todo, settings, teller.progress)


def _status(outcomes: Sequence[Outcome]) -> int:
    if any(outcome.interrupted for outcome in outcomes):
        return status_of_interruption()
    return FAILED if any(outcome.error for outcome in outcomes) else DONE


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultError(f"{folder}: cannot be made a folder for results ({error.strerror})") from None
