"""Inputs over the workers of a Dask cluster: on this machine, of a scheduler that runs, or as jobs of a queue.

    --cluster local              so many processes here, on the loopback device alone
    --cluster tcp://HOST:8786    workers that somebody started, and may start and end at any time
    --cluster slurm[:FILE]       jobs of SLURM (or PBS, LSF, SGE, …), by dask-jobqueue; FILE is YAML with its options

    this process ──window──▶ scheduler ──▶ workers ──▶ results, rows
                 ◀────────── outcomes ──────────────

Only twice as many inputs as there are workers stand in the scheduler at once. A worker opens its models for its first
input and keeps them (`worker.py`). When the list is at its end and fewer inputs than workers are left, all do these, by
their sections. What a worker was at work on when it ended is done by another. Whoever can reach the scheduler can run
programs on its workers: that is what Dask is for, so it belongs on a network that is trusted.
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

from ..errors import ResultError, SystemLibraryError, printable
from ..system.interrupts import Interrupts, starting_deaf
from ..system.lease import STALE_S
from .batch import Progress
from .film import Outcome
from .results import Results
from .settings import Settings
from .worker import COUNT_S, deaf_plugin, hello, share_name, told_of, work_on

LOCAL, ADDRESS = "local", "://"
UNWATCHED = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.tick.interval": "5s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.worker.memory.monitor-interval": "1s",
    "distributed.client.scheduler-info-interval": "10s",
}
"""Dask looks a hundred times a second at what its workers are at, ten times at their memory, under the lock that the
stages of a film need themselves: for tasks of seconds or minutes that is too often."""
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
LOOKED_AT = {
    "slurm": "squeue --me",
    "pbs": "qstat -u $USER",
    "lsf": "bjobs",
    "sge": "qstat",
    "oar": "oarstat -u",
    "moab": "showq -u $USER",
    "htcondor": "condor_q",
}
"""What a user asks these about jobs with."""
SILENCE_S, AGAIN_S = 60.0, 600.0
"""After which a run that has no worker says so, and says so again."""
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
    work: Callable[[Results, Settings, str], Outcome] = work_on,
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
        work: what a worker does with an input, the settings and the run's name.

    Raises:
        ResultError: the cluster cannot be had.
    """
    with Interrupts() as interrupts, _client(cluster, jobs, note) as client:
        # What a worker that fell had done of a film, whoever takes over goes on with.
        window = _Window(client, replace(settings, resume=not settings.overwrite), progress, work)
        source, waiting, patience = iter(todo), _Later(retries, again), _Patience(cluster, note)
        try:
            while True:
                interrupts.check()
                beat()
                yield from _filled(window, source, waiting)
                if not (len(window) or waiting):
                    return
                window.share()
                patience.see(window.threads)
                for results, outcome in window.done(LOOK_S):
                    if not waiting.takes(results, outcome):
                        yield outcome
        except KeyboardInterrupt:
            yield from window.stopped()
            raise
        finally:
            window.forget()


def _filled(window: _Window, source: Iterator[Results | Outcome], waiting: _Later) -> Iterator[Outcome]:
    """Hands out inputs until the window is full; yields what needs no work.

    Each waits for the next one, so that whoever begins the last one knows that there is none.
    """
    held: Results | None = None
    while window.free > (held is not None):
        one = waiting.due() or next(source, None)
        if isinstance(one, Outcome):
            yield one
            continue
        window.ended = one is None
        if held is not None:
            window.submit(held)
        held = one
        if one is None:
            return
    if held is not None:
        window.submit(held)


class _Window:
    """Inputs that are in the scheduler."""

    def __init__(
        self, client: Any, settings: Settings, progress: Progress, work: Callable[[Results, Settings, str], Outcome]
    ) -> None:
        from distributed import Event, Variable

        self.ended = False
        self._client, self._settings, self._progress, self._work = client, settings, progress, work
        self._ended: SimpleQueue[Any] = SimpleQueue()
        self._futures: dict[Any, Results] = {}
        self._name = f"emoscope-{secrets.token_hex(8)}"
        self._stop = Event(self._name, client=client)
        self._share, self._told = Variable(share_name(self._name), client=client), 0
        self._share.set(0)
        self._counted, self._threads = float("-inf"), 0

    def __len__(self) -> int:
        return len(self._futures)

    @property
    def free(self) -> int:
        """How many more inputs may be handed out."""
        return max(LEAST_IN_FLIGHT, IN_FLIGHT * self.threads) - len(self._futures)

    @property
    def threads(self) -> int:
        """How many threads the workers have, all together, a moment ago."""
        if monotonic() - self._counted > COUNT_S:
            self._counted, self._threads = monotonic(), sum(self._client.nthreads().values())
        return self._threads

    def share(self, more: int = 0) -> None:
        """Tells the workers how many of them there are for each input, where but so many more inputs come."""
        share = self.threads // max(1, len(self._futures) + more) if self.ended else 0
        if share != self._told:
            self._told = share
            self._share.set(share)

    def submit(self, results: Results) -> None:
        """Hands an input out, under names that mean the same wherever a worker was started."""
        self.share(1)
        named = results.absolute()
        future = self._client.submit(self._work, named, self._settings, self._name, pure=False, key=_key(results))
        self._futures[future] = results
        future.add_done_callback(self._ended.put)
        self._progress(results.source, 0, 0.0)

    def done(self, timeout_s: float) -> Iterator[tuple[Results, Outcome]]:
        """What has ended; waits so long for the first."""
        with suppress(Empty):
            future = self._ended.get(timeout=timeout_s)
            while True:
                yield self._outcome(future)
                future = self._ended.get_nowait()

    def stopped(self) -> Iterator[Outcome]:
        """Lets those that are at work keep what is done; the others do not begin."""
        self._stop.set()
        until = monotonic() + STOP_S
        while self._futures and self.threads and monotonic() < until:
            yield from (outcome for _, outcome in self.done(LOOK_S))

    def forget(self) -> None:
        """Lets go of what is left while the client can still tell the scheduler so: later, Dask complains of it."""
        self._futures.clear()
        with suppress(Empty):
            while True:
                self._ended.get_nowait()

    def _outcome(self, future: Any) -> tuple[Results, Outcome]:
        results = self._futures.pop(future)
        try:
            outcome: Outcome = future.result()
            outcome.source = results.source
            return results, outcome
        except Exception as error:  # of the worker, not of the input: `process_one` tells of these itself
            return results, Outcome(results.source, error=f"{results.source}: {told_of(error)}")


class _Patience:
    """Says what is waited for where no worker comes.

    Args:
        cluster: as the user named it.
        note: hears it.
    """

    def __init__(self, cluster: str, note: Callable[[str], None]) -> None:
        self._cluster, self._note = cluster, note
        self._since = monotonic()
        self._next = self._since + SILENCE_S

    def see(self, threads: int) -> None:
        """Takes note of how many threads all workers have now."""
        now = monotonic()
        if threads:
            self._since, self._next = now, now + SILENCE_S
        elif now >= self._next:
            self._next = now + AGAIN_S
            self._note(
                f"no worker for {(now - self._since) / 60:.0f} min, and waiting on: {_where_to_look(self._cluster)}"
            )


def _where_to_look(cluster: str) -> str:
    """How a user finds out why no worker comes."""
    queue, _, file = cluster.partition(":")
    if ADDRESS in cluster:
        return f"start some with `dask worker {cluster}`"
    if cluster == LOCAL:
        return "does something end them, for want of memory?"
    import dask

    folder = _options(file).get("log_directory") or dask.config.get(f"jobqueue.{queue}.log-directory", None)
    logs = f"{folder} holds what they said" if folder else "`log_directory: FOLDER` in its file keeps what they say"
    return f"`{LOOKED_AT[queue]}` tells how its jobs stand, {logs}; Ctrl-C ends them"


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
    quiet = {"logging": {"distributed": "critical"}, "distributed.admin.log-format": "%(message)s", **UNWATCHED}
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

        with _deaf_loop() as loop, LocalCluster(
            n_workers=jobs, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL, loop=loop,
        ) as started:  # fmt: skip
            yield started
        return
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


@contextmanager
def _deaf_loop() -> Iterator[Any]:
    """Dask's own thread, whose workers leave Ctrl-C to this process from their birth on."""
    from distributed.utils import LoopRunner

    runner = LoopRunner()
    with starting_deaf():
        runner.start()
    try:
        yield runner.loop
    finally:
        runner.stop()


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
        raise ResultError(f"--cluster {cluster}: {told_of(error)}") from None
    for address, answer in answers.items():
        if isinstance(answer, BaseException):
            raise ResultError(f"--cluster {cluster}: worker {address}: {told_of(answer)}")
    if cluster == LOCAL:
        client.register_plugin(deaf_plugin())


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
    return f"{printable(results.source.name)}-{secrets.token_hex(6)}"
