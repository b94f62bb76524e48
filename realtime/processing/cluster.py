"""Inputs over the workers of a Dask cluster: on this machine, of a scheduler that runs, or as jobs of a queue.

    --cluster local              so many processes here, on the loopback device alone
    --cluster tcp://HOST:8786    workers that somebody started, and may start and end at any time
    --cluster slurm[:FILE]       jobs of SLURM (or PBS, LSF, SGE, …), by dask-jobqueue; FILE is YAML with its options

    this process ──window──▶ scheduler ──▶ workers ──▶ results, rows
                 ◀────────── outcomes ──────────────

Only twice as many inputs as there are workers stand in the scheduler at once. A worker opens its models for its first
input and keeps them (`worker.py`). What a worker was at work on when it ended is done by another. Whoever can reach the
scheduler can run programs on its workers: that is what Dask is for, so it belongs on a network that is trusted.
"""

from __future__ import annotations

import heapq
import logging
import secrets
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from ..errors import ResultError, SystemLibraryError, line_of
from ..system.interrupts import Interrupts
from ..system.lease import STALE_S
from .batch import Progress
from .film import Outcome
from .results import Results
from .settings import Settings
from .worker import COUNT_S, deaf_plugin, hello, work_on

LOCAL, ADDRESS = "local", "://"
QUEUES = {
    "slurm": "SLURMCluster",
    "pbs": "PBSCluster",
    "lsf": "LSFCluster",
    "sge": "SGECluster",
    "oar": "OARCluster",
    "moab": "MoabCluster",
    "htcondor": "HTCondorCluster",
}
"""Names of queues → the classes of dask-jobqueue."""
IN_FLIGHT = 2
"""Inputs in the scheduler for each thread of a worker."""
LEAST_IN_FLIGHT = 4
LOOK_S, STOP_S = 0.2, 60.0
"""How often signals are looked for, and how long those at work may take to keep what is done."""
LEFT_S = STALE_S + 5
"""After which what a worker held that fell on another machine is free."""


def check_cluster(name: str) -> None:
    """What is wrong with a cluster's name, as the error of a missing package or file.

    Raises:
        ResultError: there is no such kind, or its file cannot be read.
        SystemLibraryError: a package is missing.
    """
    queue, _, file = name.partition(":")
    if queue in QUEUES and ADDRESS not in name:
        _library("dask_jobqueue")
        _options(file)
    elif name != LOCAL and ADDRESS not in name:
        raise ResultError(f"--cluster {name}: choose local, tcp://HOST:8786, or {', '.join(QUEUES)}")
    _library("distributed")


def process_on_cluster(
    todo: Iterable[Results | Outcome],
    settings: Settings,
    progress: Progress,
    cluster: str,
    jobs: int,
    note: Callable[[str], None],
    retries: int = 0,
    again: Callable[[Outcome, int, int, float], None] = lambda *_: None,
    beat: Callable[[], None] = lambda: None,
) -> Generator[Outcome, None, None]:
    """Processes inputs on the workers of a cluster; ends after the first signal, when those at work have kept it.

    Args:
        todo: is read as workers become free; what has become of an input passes untouched.
        settings: of the run.
        progress: hears that an input was handed out.
        cluster: see above.
        jobs: how many workers are started, where they are started here.
        note: hears where the dashboard is.
        retries: how often an input is tried again whose error may pass.
        again: hears of an input that is tried again: outcome, try, tries, pause in seconds.
        beat: hears now and then that time passes.

    Raises:
        ResultError: the cluster cannot be had.
    """
    with Interrupts() as interrupts, _client(cluster, jobs, note) as client:
        # What a worker that fell had done of a film, whoever takes over goes on with.
        window = _Window(client, replace(settings, resume=not settings.overwrite), progress)
        source, waiting = iter(todo), _Later(retries, again)
        try:
            while True:
                interrupts.check()
                beat()
                yield from _filled(window, source, waiting)
                if not (len(window) or waiting):
                    return
                for outcome in window.done(LOOK_S):
                    if not waiting.takes(window.results[outcome.source], outcome):
                        yield outcome
                    window.forget(outcome.source)
        except KeyboardInterrupt:
            yield from window.stopped()
            raise


def _filled(window: _Window, source: Iterator[Results | Outcome], waiting: _Later) -> Iterator[Outcome]:
    """Hands out inputs until the window is full; yields what needs no work."""
    while window.free > 0:
        one = waiting.due() or next(source, None)
        if one is None:
            return
        if isinstance(one, Outcome):
            yield one
        else:
            window.submit(one)


class _Window:
    """Inputs that are in the scheduler."""

    def __init__(self, client: Any, settings: Settings, progress: Progress) -> None:
        from distributed import Event

        self.results: dict[Path, Results] = {}
        self._client, self._settings, self._progress = client, settings, progress
        self._ended: SimpleQueue[Any] = SimpleQueue()
        self._futures: dict[Any, Results] = {}
        self._name = f"emoscope-{secrets.token_hex(8)}"
        self._stop = Event(self._name, client=client)
        self._counted, self._threads = float("-inf"), 0

    def __len__(self) -> int:
        return len(self._futures)

    @property
    def free(self) -> int:
        """How many more inputs may be handed out."""
        if monotonic() - self._counted > COUNT_S:
            self._counted, self._threads = monotonic(), sum(self._client.nthreads().values())
        return max(LEAST_IN_FLIGHT, IN_FLIGHT * self._threads) - len(self._futures)

    def submit(self, results: Results) -> None:
        self.results[results.source] = results
        future = self._client.submit(work_on, results, self._settings, self._name, pure=False, key=_key(results))
        self._futures[future] = results
        future.add_done_callback(self._ended.put)
        self._progress(results.source, 0, 0.0)

    def done(self, timeout_s: float) -> Iterator[Outcome]:
        """What has ended; waits so long for the first."""
        with suppress(Empty):
            future = self._ended.get(timeout=timeout_s)
            while True:
                yield self._outcome(future)
                future = self._ended.get_nowait()

    def forget(self, source: Path) -> None:
        self.results.pop(source, None)

    def stopped(self) -> Iterator[Outcome]:
        """Lets those that are at work keep what is done; the others do not begin."""
        self._stop.set()
        until = monotonic() + STOP_S
        while self._futures and monotonic() < until:
            yield from self.done(LOOK_S)

    def _outcome(self, future: Any) -> Outcome:
        results = self._futures.pop(future)
        try:
            outcome: Outcome = future.result()
            return outcome
        except Exception as error:  # of the worker, not of the input: `process_one` tells of these itself
            return Outcome(results.source, error=f"{results.source}: {_told(error)}")


class _Later:
    """Inputs that are tried again after a while."""

    def __init__(self, retries: int, again: Callable[[Outcome, int, int, float], None]) -> None:
        self._retries, self._again = retries, again
        self._tries: dict[Path, int] = {}
        self._heap: list[tuple[float, int, Results]] = []
        self._count = 0

    def __bool__(self) -> bool:
        return bool(self._heap)

    def takes(self, results: Results, outcome: Outcome) -> bool:
        """Whether an input is tried again, after a pause.

        What is held by somebody else may be what a worker held that fell: it is free after a while in any case.
        """
        done = self._tries.get(outcome.source, 0)
        allowed = max(self._retries, 1 if outcome.skipped else 0)
        if not outcome.passing or done >= allowed:
            self._tries.pop(outcome.source, None)
            return False
        pause_s = LEFT_S if outcome.skipped else min(2.0 * 2**done, 60.0)
        self._tries[outcome.source] = done + 1
        self._again(outcome, done + 1, allowed, pause_s)
        self._count += 1
        heapq.heappush(self._heap, (monotonic() + pause_s, self._count, results))
        return True

    def due(self) -> Results | None:
        return heapq.heappop(self._heap)[2] if self._heap and self._heap[0][0] <= monotonic() else None


@contextmanager
def _client(cluster: str, jobs: int, note: Callable[[str], None]) -> Iterator[Any]:
    """A client of the cluster, which is started where it does not run; both are closed at the end."""
    check_cluster(cluster)
    import dask
    from distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    # What Dask has to say of workers that come and go, it says on its dashboard.
    quiet = {"logging": {"distributed": "critical"}, "distributed.admin.log-format": "%(message)s"}
    with dask.config.set(quiet), _started(cluster, jobs) as place:
        try:
            client = Client(place, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise ResultError(f"--cluster {cluster}: cannot be reached ({error}): does the scheduler run?") from None
        with client:
            note(f"cluster: {_dashboard(client)}")
            _greet(client, cluster)
            yield client


@contextmanager
def _started(cluster: str, jobs: int) -> Iterator[Any]:
    """What a client connects to."""
    queue, _, file = cluster.partition(":")
    if ADDRESS in cluster:
        yield cluster
        return
    if cluster == LOCAL:
        from distributed import LocalCluster

        started = LocalCluster(
            n_workers=jobs, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        )  # fmt: skip
    else:
        try:
            started = getattr(_job_queues(), QUEUES[queue])(**_options(file))
        except (ValueError, TypeError, OSError) as error:
            told = " ".join(str(error).split())
            cure = f"write what it needs, such as cores and memory, into a YAML file: --cluster {queue}:FILE"
            raise ResultError(f"--cluster {cluster}: {told}: {cure}") from None
        # Kept at this number: jobs whose time is over are asked for again.
        started.adapt(minimum_jobs=jobs, maximum_jobs=jobs)
    with started:
        yield started


def _options(file: str) -> dict[str, Any]:
    """Options of a queue, from a YAML file; none where none is named."""
    if not file:
        return {}
    import yaml

    try:
        options = yaml.safe_load(Path(file).read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ResultError(f"{file}: cannot be read as YAML ({' '.join(str(error).split())})") from None
    if not isinstance(options, dict):
        raise ResultError(f"{file}: holds no options: write lines such as `cores: 8` and `memory: 16 GB`")
    return options


def _dashboard(client: Any) -> str:
    workers, address = client.nthreads(), client.scheduler.address
    try:
        import bokeh  # noqa: F401 (Dask draws its dashboard with it)
    except ImportError:
        return f"{address}, {len(workers)} workers; with the package bokeh it has a dashboard"
    return f"{address}, {len(workers)} workers; dashboard: {client.dashboard_link}"


def _greet(client: Any, cluster: str) -> None:
    """Asks the workers that are there whether they have this program; local ones leave Ctrl-C to this process."""
    try:
        answers = client.run(hello, cluster == LOCAL, on_error="return")
    except Exception as error:
        raise ResultError(f"--cluster {cluster}: {_told(error)}") from None
    for address, answer in answers.items():
        if isinstance(answer, BaseException):
            raise ResultError(f"--cluster {cluster}: worker {address}: {_told(answer)}")
    if cluster == LOCAL:
        client.register_plugin(deaf_plugin())


def _told(error: BaseException) -> str:
    """What to say of a worker's error."""
    name = type(error).__name__
    if name == "KilledWorker":
        return "the workers that did it were ended, or fell: is there memory enough? --resume tries again"
    if isinstance(error, ImportError):
        return f"{error}: install EmoScope on the workers, the same version as here"
    return line_of(error) if isinstance(error, Exception) else name


def _job_queues() -> Any:
    """The package of queues; Ctrl-C, which it takes for itself when it is imported, is given back."""
    ours = signal.getsignal(signal.SIGINT)
    import dask_jobqueue

    signal.signal(signal.SIGINT, ours)
    return dask_jobqueue


def _library(name: str) -> None:
    from importlib.util import find_spec

    if find_spec(name) is None:
        cure = 'run `pip install "emoscope[cluster]"`, or leave --cluster out'
        raise SystemLibraryError(f"a cluster needs the package {name.replace('_', '-')}, which is missing: {cure}")


def _key(results: Results) -> str:
    """What the dashboard calls an input."""
    return f"{results.source.name}-{secrets.token_hex(6)}"
