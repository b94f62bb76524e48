"""Several inputs, one after another or several at once; one that fails does not stop the rest."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing.context import SpawnContext
from pathlib import Path
from queue import Empty
from typing import Any

from realtime.analysis import Analyser
from realtime.errors import EmoscopeError
from realtime.interrupts import Interrupts
from realtime.processing.film import Outcome, Tick, process_film
from realtime.processing.inputs import is_picture
from realtime.processing.results import CHART, PICTURE, ROWS, SUMMARY, VIDEO, Results
from realtime.processing.settings import Settings
from realtime.processing.still import process_still
from realtime.processing.tuning import tune
from realtime.rows import FORMATS

Progress = Callable[[Path, int, float | None], None]
"""Hears of an input how many frames are done, and which share of it, 0–1, where that is known."""

LISTEN_S = 0.1


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
        return Outcome(results.source, error=str(error))


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


def process_at_once(
    todo: Sequence[Results], settings: Settings, progress: Progress, jobs: int
) -> Generator[Outcome, None, None]:
    """Processes inputs in several processes; on Ctrl-C each keeps what it has done."""
    context = multiprocessing.get_context("spawn")
    link = _Link.made_by(context)
    with ProcessPoolExecutor(jobs, context, _start_worker, (settings, link)) as pool, Interrupts() as interrupts:
        futures = [pool.submit(_work, results) for results in todo]
        try:
            yield from _collected(futures, link, progress, interrupts)
        except KeyboardInterrupt:
            link.stop.set()
            pool.shutdown(cancel_futures=True)
            yield from (future.result() for future in futures if future.done() and not future.cancelled())


@dataclass(frozen=True, slots=True)
class _Link:
    """What runs between this process and its workers: news of progress, and the wish to stop."""

    news: Any
    stop: Any

    @classmethod
    def made_by(cls, context: SpawnContext) -> _Link:
        return cls(context.Queue(), context.Event())


def _collected(
    futures: Sequence[Future[Outcome]], link: _Link, progress: Progress, interrupts: Interrupts
) -> Generator[Outcome, None, None]:
    waiting = set(futures)
    while waiting:
        interrupts.check()
        done = {future for future in waiting if future.done()}
        waiting -= done
        yield from (future.result() for future in futures if future in done)
        try:
            progress(*link.news.get(timeout=LISTEN_S))
        except Empty:
            continue


class _Worker:
    """What a worker process keeps between inputs."""

    settings: Settings
    analyser: Analyser
    link: _Link
    opened: Any


def _start_worker(settings: Settings, link: _Link) -> None:
    # The process that started this one hears Ctrl-C for all of them, and says so through the link.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tune()
    _Worker.settings, _Worker.link = settings, link
    _Worker.opened = settings.open_analyser()
    _Worker.analyser = _Worker.opened.__enter__()


def _work(results: Results) -> Outcome:
    def tick(frames: int, share: float | None) -> None:
        if frames % 10 == 0:
            _Worker.link.news.put((results.source, frames, share))
        if _Worker.link.stop.is_set():
            raise KeyboardInterrupt

    return process_one(results, _Worker.analyser, _Worker.settings, tick)
