"""A whole run: find the inputs, check that their results can be written, process them, tell how it went."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ..errors import ResultError
from .batch import process_in_turn, results_of
from .film import Outcome
from .inputs import expand, left_out
from .pool import process_at_once
from .progress import Teller
from .results import Results, check_free
from .settings import Settings
from .tuning import tune

DONE, FAILED, INTERRUPTED = 0, 1, 130


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be processed, and where to.

    Attributes:
        inputs: files, folders and patterns, as the user names them.
        folder: of the results; None for beside each input.
        resume: whether inputs whose results are all there are skipped.
        overwrite: whether results that are there are replaced.
        jobs: inputs processed at once.
    """

    inputs: Sequence[str]
    folder: Path | None = None
    resume: bool = False
    overwrite: bool = False
    jobs: int = 1


def run(order: Order, settings: Settings) -> int:
    """Processes everything and returns the command's exit status.

    Raises:
        EmoscopeError: the run cannot start: nothing to do, or results that may not be overwritten.
    """
    tune()
    everything = [results_of(source, order.folder, settings) for source in expand(order.inputs)]
    check_free(everything, order.overwrite, order.resume)
    todo = [results for results in everything if not (order.resume and results.whole)]
    _make_folder(order.folder)
    teller = Teller([results.source for results in todo], skipped=len(everything) - len(todo))
    for line in left_out(order.inputs):
        teller.note(line)
    outcomes = []
    with closing(_process(todo, order, settings, teller)) as processed:
        for outcome in processed:
            teller.finished(outcome)
            outcomes.append(outcome)
    teller.total()
    return _status(outcomes)


def _process(todo: list[Results], order: Order, settings: Settings, teller: Teller) -> Generator[Outcome, None, None]:
    jobs = min(order.jobs, len(todo))
    if jobs > 1:
        yield from process_at_once(todo, settings, teller.progress, jobs)
    elif todo:
        yield from process_in_turn(todo, settings, teller.progress)


def _status(outcomes: Sequence[Outcome]) -> int:
    if any(outcome.interrupted for outcome in outcomes):
        return INTERRUPTED
    return FAILED if any(outcome.error for outcome in outcomes) else DONE


def _make_folder(folder: Path | None) -> None:
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultError(f"{folder}: cannot be made a folder for results ({error.strerror})") from None
