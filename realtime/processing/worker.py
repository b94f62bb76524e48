"""What a worker of a cluster does: one input at a time, with models that are opened once, until the run is to end."""

from __future__ import annotations

import platform
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from time import monotonic
from typing import Any, ClassVar

from ..reading.session import Session
from .batch import process_one
from .film import Outcome
from .results import Results
from .settings import Settings
from .tuning import tune

COUNT_S = 2.0
"""How often a run asks how many workers there are, and a worker whether the run is to end."""


def deaf_plugin() -> Any:
    """A plugin of local workers, also of those that take a fallen one's place: Ctrl-C is for who started them."""
    from distributed import WorkerPlugin

    class Deaf(WorkerPlugin):  # type: ignore[misc,unused-ignore]
        """Leaves Ctrl-C to others."""

        def setup(self, worker: Any) -> None:
            hello(True)

    return Deaf()


class _Kept:
    """Sessions that wait for the next input, of the settings that were asked for last."""

    lock = threading.Lock()
    mark: object = None
    free: ClassVar[list[Session]] = []
    stop: tuple[str, float, bool] = ("", 0.0, False)


def hello(deaf: bool) -> str:
    """Answers for a worker that has this program, with its host's name; a deaf one leaves Ctrl-C to others."""
    if deaf:
        with suppress(ValueError):  # not in the main thread, which then belongs to somebody else
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    return platform.node()


def work_on(results: Results, settings: Settings, stop: str) -> Outcome:
    """What a worker does: one input, with models that are opened once."""
    if _is_stopped(stop):
        return Outcome(results.source, interrupted=True)
    with _session(settings) as session:
        outcome = process_one(results, session, settings, partial(_tick, stop))
    outcome.host = platform.node()
    return outcome


@contextmanager
def _session(settings: Settings) -> Iterator[Session]:
    """A session that nobody uses: threads of a worker have one each."""
    mark = (settings.maker.model, settings.maker.digest) if settings.maker else settings.open_session
    with _Kept.lock:
        if _Kept.mark != mark:
            for old in _Kept.free:
                old.close()
            _Kept.mark, _Kept.free = mark, []
        session = _Kept.free.pop() if _Kept.free else None
    if session is None:
        tune()
        session = settings.open_session().__enter__()
    try:
        yield session
    finally:
        with _Kept.lock:
            if _Kept.mark == mark:
                _Kept.free.append(session)
            else:
                session.close()


def _tick(stop: str, frames: int, share: float | None) -> None:
    """Ends the input where the run is to end."""
    if _is_stopped(stop):
        raise KeyboardInterrupt


def _is_stopped(stop: str) -> bool:
    """Whether the run is to end; asked of the scheduler now and then."""
    name, asked, heard = _Kept.stop
    if name != stop or (not heard and monotonic() - asked > COUNT_S):
        from distributed import Event, get_client

        heard = Event(stop, client=get_client()).is_set()
        _Kept.stop = (stop, monotonic(), heard)
    return heard
