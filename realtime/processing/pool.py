"""Several inputs at once, each in a process of its own; first those so large that all work on one, by its sections.

this process ──inputs, sections──▶ workers     settings open the models once in each
             ◀─outcomes, news of progress
             ──stop──▶                         on Ctrl-C each worker keeps what it has done

A worker that falls, ended from outside or for want of memory, takes the pool with it. What was under way is then tried
again alone, so that only the input that makes workers fall is lost.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import SpawnContext
from pathlib import Path
from queue import Empty
from typing import Any

from ..errors import EmoscopeError
from ..reading.session import Session
from ..system.interrupts import Interrupts, be_deaf, starting_deaf
from .at_once import FEW
from .batch import Progress, process_one
from .film import Outcome
from .results import AtomicResults, Results
from .section import Part
from .settings import Settings
from .tuning import tune

LISTEN_S = 0.1
TELL = 10
"""Frames after which a worker tells how far it is."""


def process_at_once(
    todo: Sequence[Results], settings: Settings, progress: Progress, jobs: int
) -> Generator[Outcome, None, None]:
    """Processes inputs in several processes, the largest first; on Ctrl-C each keeps what it has done.

    Args:
        todo: what is to be done.
        settings: of the run, the same for all.
        progress: hears of each input how far it is.
        jobs: how many processes work at once.

    Yields:
        The outcome of each input, as they end.

    Raises:
        KeyboardInterrupt: a signal ended it, and no outcome says so.
    """
    told = False
    with Interrupts() as interrupts:
        for outcome in _rounds(todo, settings, progress, jobs, interrupts):
            told |= outcome.interrupted
            yield outcome
        if not told:  # what was not begun has no outcome, and the run has not done it
            interrupts.check()


def _rounds(
    todo: Sequence[Results], settings: Settings, progress: Progress, jobs: int, interrupts: Interrupts
) -> Generator[Outcome, None, None]:
    large, rest = _divided(todo, jobs)
    fallen = yield from _one_by_one(large, settings, progress, jobs, interrupts) if large else _none()
    groups = [*([one] for one in fallen), *([rest] if rest else [])]
    while groups and not interrupts.heard:
        lost = yield from _side_by_side(group := groups.pop(0), settings, progress, jobs, interrupts)
        if lost and len(group) == 1:
            yield _fallen(lost[0])
        elif lost:
            # Whoever made a worker fall is among those that came first; each gets a process of its own.
            groups = [*([one] for one in lost[:jobs]), *([lost[jobs:]] if lost[jobs:] else [])]


def _divided(todo: Sequence[Results], jobs: int) -> tuple[list[Results], list[Results]]:
    """Inputs for which one worker would be at work longer than all for the rest; and the others; the largest first."""
    sizes = {results.source: results.size for results in todo}
    ordered = sorted(todo, key=lambda results: -sizes[results.source])
    share = sum(sizes.values()) / jobs
    large = [one for one in ordered if len(todo) == 1 or (jobs > FEW and sizes[one.source] > share)]
    return large, ordered[len(large) :]


def _none() -> Generator[Outcome, None, list[Results]]:
    return []
    yield


def _one_by_one(
    todo: Sequence[Results], settings: Settings, progress: Progress, jobs: int, interrupts: Interrupts
) -> Generator[Outcome, None, list[Results]]:
    """Processes inputs one after another, each by all workers; returns those that made a worker fall."""
    fallen = []
    with settings.open_session() as session:
        for results in todo:

            def tick(frames: int, share: float | None, source: Path = results.source) -> None:
                progress(source, frames, share)
                interrupts.check()

            link = _Link.made_by(context := multiprocessing.get_context("spawn"))
            with ProcessPoolExecutor(jobs, context, _start_worker, (settings, link)) as pool:
                try:
                    outcome = process_one(results, session, settings, tick, _Pooled(pool, link, jobs))
                except BrokenProcessPool:
                    fallen.append(results)
                    continue
            yield outcome
            if outcome.interrupted:
                return []
            interrupts.check()
    return fallen


def _side_by_side(
    todo: Sequence[Results], settings: Settings, progress: Progress, jobs: int, interrupts: Interrupts
) -> Generator[Outcome, None, list[Results]]:
    """Processes inputs, `jobs` at once; returns those that were not done when a worker fell."""
    context = multiprocessing.get_context("spawn")
    link = _Link.made_by(context)
    with ProcessPoolExecutor(min(jobs, len(todo)), context, _start_worker, (settings, link)) as pool:
        with starting_deaf():
            futures = [pool.submit(_work, results) for results in todo]
        try:
            yield from _collected(futures, link, progress, interrupts)
        except KeyboardInterrupt:
            link.stop.set()
            pool.shutdown(cancel_futures=True)
            yield from (future.result() for future in futures if not future.cancelled() and not _fell(future))
    return [results for results, future in zip(todo, futures, strict=True) if _fell(future)]


@dataclass(frozen=True, slots=True)
class _Pooled:
    """The processes of a pool as workers that do sections."""

    pool: ProcessPoolExecutor
    link: _Link
    count: int

    def submit(self, work: Callable[..., None], part: Part) -> Future[bool]:
        self.link.stop.clear()
        with starting_deaf():
            return self.pool.submit(_do_section, work, part)

    def frames(self) -> Iterator[tuple[str, int, int]]:
        with suppress(Empty):
            while True:
                yield self.link.news.get_nowait()

    def stop(self) -> None:
        self.link.stop.set()


def _fell(future: Future[Outcome]) -> bool:
    return not future.cancelled() and isinstance(future.exception(), BrokenProcessPool)


def _fallen(results: Results) -> Outcome:
    """What to say of an input whose process was ended from outside, and nothing of it is left."""
    with suppress(EmoscopeError), results.lease(), AtomicResults(results) as drafts:
        for kind in results.kinds:
            drafts.path(kind)
    told = "its process was ended from outside, or fell: is there memory enough? --resume tries again"
    return Outcome(results.source, error=f"{results.source}: {told}")


@dataclass(frozen=True, slots=True)
class _Link:
    """What runs between this process and its workers: news of progress, and the wish to stop."""

    news: Any
    stop: Any

    @classmethod
    def made_by(cls, context: SpawnContext) -> _Link:
        with starting_deaf():
            return cls(context.Queue(), context.Event())


def _collected(
    futures: Sequence[Future[Outcome]], link: _Link, progress: Progress, interrupts: Interrupts
) -> Generator[Outcome, None, None]:
    waiting = set(futures)
    while waiting:
        interrupts.check()
        done = {future for future in waiting if future.done()}
        waiting -= done
        yield from (future.result() for future in futures if future in done and not _fell(future))
        try:
            progress(*link.news.get(timeout=LISTEN_S))
        except Empty:
            continue


class _Worker:
    """What a worker process keeps between inputs."""

    settings: Settings
    session: Session
    link: _Link
    opened: Any
    at_work = threading.Lock()
    refused: EmoscopeError | None = None


def _start_worker(settings: Settings, link: _Link) -> None:
    be_deaf()  # the process that started this one hears Ctrl-C for all of them, and says so through the link
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    tune()
    _Worker.settings, _Worker.link = settings, link
    _Worker.opened = settings.open_session()
    try:
        _Worker.session = _Worker.opened.__enter__()
    except (
        EmoscopeError
    ) as error:  # raised here it would take the whole pool down; it ends the run with the first input
        _Worker.refused = error


def _end_with_parent() -> None:
    """Ends this process when the one that started it was killed: else it would wait for work for ever."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        with _Worker.at_work:  # which notices by itself, and keeps what is done
            os._exit(1)


def _heard(frames: int, news: tuple[Any, ...]) -> None:
    """Tells how far the work is, and ends it where nobody waits for it any more."""
    if frames % TELL == 0:
        _Worker.link.news.put(news)
        parent = multiprocessing.parent_process()
        if parent is not None and not parent.is_alive():
            raise KeyboardInterrupt
    if _Worker.link.stop.is_set():
        raise KeyboardInterrupt


def _do_section(work: Callable[..., None], part: Part) -> bool:
    """Has a section done; whether it was done to its end."""
    if _Worker.refused is not None:
        raise _Worker.refused
    kind = work.__name__
    try:
        with _Worker.at_work:
            work(part, _Worker.session, _Worker.settings, lambda frames: _heard(frames, (kind, part.number, frames)))
    except KeyboardInterrupt:
        return False
    return True


def _work(results: Results) -> Outcome:
    def tick(frames: int, share: float | None) -> None:
        _heard(frames, (results.source, frames, share))

    if _Worker.refused is not None:
        raise _Worker.refused
    with _Worker.at_work:
        return process_one(results, _Worker.session, _Worker.settings, tick)
