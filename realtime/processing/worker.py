"""What a worker of a cluster does: one input at a time, with models that are opened once, until the run is to end.

Where the list has come to its end and workers have nothing to do, whoever is at work on a film hands out its sections
to them, and puts together what they leave in the unfinished run's folder.
"""

from __future__ import annotations

import platform
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from time import monotonic
from typing import Any, ClassVar

from ..errors import EmoscopeError, ResultError, line_of, printable
from ..reading.session import Session
from .batch import process_one
from .film import Outcome
from .results import Results
from .section import Part
from .settings import Settings
from .tuning import tune

COUNT_S = 2.0
"""How often a run asks how many workers there are, and a worker whether the run is to end."""
MOST_STOPS = 64
"""Runs and films of which a worker knows when it asked for them last."""


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
    stops: ClassVar[dict[str, tuple[float, bool]]] = {}


def hello(deaf: bool) -> str:
    """Answers for a worker that has this program, with its host's name; a deaf one leaves Ctrl-C to others."""
    if deaf:
        with suppress(ValueError):  # not in the main thread, which then belongs to somebody else
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    return platform.node()


def work_on(results: Results, settings: Settings, run: str) -> Outcome:
    """What a worker does: one input, with models that are opened once."""
    if _is_stopped(run):
        return Outcome(results.source, interrupted=True)
    hands = _Hands(run, settings, alone=results.here != results.folder)
    with _session(settings) as session:
        outcome = process_one(results, session, settings, partial(_tick, run), hands)
    outcome.host = platform.node()
    return outcome


def do_section(work: Callable[..., None], part: Part, settings: Settings, run: str, film: str) -> bool:
    """Has a section done; whether it was done to its end.

    Args:
        work: see `section.py`.
        part: the section.
        settings: of the run.
        run: the run's name.
        film: the name under which whoever puts the film together ends its sections.
    """

    def tick(frames: int) -> None:
        if _is_stopped(run) or _is_stopped(film):
            raise KeyboardInterrupt

    try:
        with _session(settings) as session:
            work(part, session, settings, tick)
    except KeyboardInterrupt:
        return False
    return True


class _Hands:
    """Workers of the cluster that have nothing else to do, for the sections of a film that this one is at work on.

    Args:
        run: the run's name, under which it says how many workers there are for each film.
        settings: of the run.
        alone: whether what is done of the film stands on this machine only, as where results go to a server.
    """

    def __init__(self, run: str, settings: Settings, alone: bool) -> None:
        self._run, self._settings, self._alone = run, settings, alone
        self._film = f"{run}-{secrets.token_hex(4)}"
        self._asked, self._share, self._left = float("-inf"), 0, False
        self._futures: set[Any] = set()

    @property
    def count(self) -> int:
        """How many there are; asked of the scheduler now and then."""
        from distributed import Variable, get_client

        if self._alone:
            return 0
        if monotonic() - self._asked > COUNT_S:
            self._asked = monotonic()
            with suppress(Exception):  # while the scheduler is away there are as many as before
                self._share = Variable(share_name(self._run), client=get_client()).get(timeout=COUNT_S)
        return self._share

    def submit(self, work: Callable[..., None], part: Part) -> Future[bool]:
        """Has a section done by whoever is free, this worker too."""
        from distributed import get_client, secede

        client, future = get_client(), Future[bool]()
        if not self._left:
            secede()  # else this worker would not begin a section before the film is whole
            self._left = True
        key = f"{printable(part.results.source.name)} {work.__name__} {part.number}-{secrets.token_hex(6)}"
        asked = client.submit(do_section, work, part, self._settings, self._run, self._film, pure=False, key=key)
        self._futures.add(asked)

        def ended(answer: Any) -> None:
            self._futures.discard(answer)
            try:
                future.set_result(answer.result())
            except EmoscopeError as error:
                future.set_exception(error)
            except Exception as error:
                future.set_exception(ResultError(f"{part.results.source}: {told_of(error)}"))

        asked.add_done_callback(ended)
        return future

    def frames(self) -> Iterator[tuple[str, int, int]]:
        """Nothing: how far a section is, a cluster does not say."""
        return iter(())

    def stop(self) -> None:
        """Ends the sections that are being done."""
        from distributed import Event, get_client

        Event(self._film, client=get_client()).set()


def share_name(run: str) -> str:
    """Of the variable that says how many workers there are for each film that is under way."""
    return f"{run}-share"


def told_of(error: BaseException) -> str:
    """What to say of a worker's error."""
    name = type(error).__name__
    if name == "KilledWorker":
        return "the workers that did it were ended, or fell: is there memory enough? --resume tries again"
    if isinstance(error, ImportError):
        return f"{error}: install EmoScope on the workers, the same version as here"
    return line_of(error) if isinstance(error, Exception) else name


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


def _tick(run: str, frames: int, share: float | None) -> None:
    """Ends the input where the run is to end."""
    if _is_stopped(run):
        raise KeyboardInterrupt


def _is_stopped(name: str) -> bool:
    """Whether a run, or one film of it, is to end; asked of the scheduler now and then."""
    asked, heard = _Kept.stops.get(name, (float("-inf"), False))
    if not heard and monotonic() - asked > COUNT_S:
        from distributed import Event, get_client

        heard = Event(name, client=get_client()).is_set()
        if name not in _Kept.stops and len(_Kept.stops) >= MOST_STOPS:
            _Kept.stops.clear()
        _Kept.stops[name] = (monotonic(), heard)
    return heard
