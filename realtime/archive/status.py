"""How far the films of a data set are, from all of its manifests.

DATASET   41,203 done   3 failed   2 running   58,792 waiting   of 100,000   9:20:04 left
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import SourceError
from ..system.lease import holder_of
from .layout import MANIFESTS
from .manifest import DONE, FAILED, QUEUED, RUNNING, WAITING, reading

RECENT_S = 1800.0
"""What was done in this time tells how long the rest takes."""


@dataclass(frozen=True, slots=True)
class Running:
    """A film that is being worked on: its path, since when in seconds, and which run works on it."""

    film: str
    for_s: float
    run: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A film that failed: its path, why, how often it was tried."""

    film: str
    error: str
    attempts: int


@dataclass(slots=True)
class DatasetStatus:
    """What has become of the films of a data set.

    Attributes:
        states: how many films are in each state.
        frames: of the films that are done.
        seconds: that these took, all workers together.
        runs: that are at work, as `process N on HOST`.
        running: films that are worked on; without a run, those that were when it ended.
        failures: films that failed.
        all_listed: whether every run that is at work has read its list to the end.
        left_s: until the rest is done, in seconds; None where that cannot be told.
    """

    states: Counter[str] = field(default_factory=Counter)
    frames: int = 0
    seconds: float = 0.0
    runs: list[str] = field(default_factory=list)
    running: list[Running] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    all_listed: bool = True
    left_s: float | None = None

    def as_json(self) -> dict[str, Any]:
        """All of it, as JSON values."""
        told = asdict(self)
        told["states"] = {name: self.states.get(name, 0) for name in (DONE, FAILED, RUNNING, QUEUED, WAITING)}
        return told


def status_of(folder: Path) -> DatasetStatus:
    """What has become of the films of a data set.

    Raises:
        SourceError: the folder is no data set.
        ResultError: a manifest cannot be read.
    """
    manifests = sorted(folder.glob(MANIFESTS))
    if not manifests:
        told = "holds no manifest" if folder.is_dir() else "no such folder"
        raise SourceError(f"{folder}: {told}: name a folder that `emoscope process --dataset` wrote")
    status, rate, to_do = DatasetStatus(), 0.0, 0
    for manifest in manifests:
        more_rate, more_to_do = _add(status, manifest)
        rate, to_do = rate + more_rate, to_do + more_to_do
    if status.runs and status.all_listed and (rate > 0 or not to_do):
        status.left_s = to_do / rate if to_do else 0.0
    return status


def films_in(folder: Path, state: str) -> Iterator[str]:
    """The paths of all films in a state, one after another."""
    for manifest in sorted(folder.glob(MANIFESTS)):
        with reading(manifest) as sql:
            for (film,) in sql.execute("SELECT film FROM films WHERE state = ? ORDER BY id", (state,)):
                yield film


def _add(status: DatasetStatus, manifest: Path) -> tuple[float, int]:
    """Adds a manifest; returns films done a second by the run that is at work, and how many it has still to do."""
    holder = holder_of(manifest.with_suffix(".lock"))
    run = f"process {holder.get('process', '?')} on {holder.get('host', 'another machine')}" if holder else ""
    now = time.time()
    with reading(manifest) as sql:
        states = dict(sql.execute("SELECT state, COUNT(*) FROM films GROUP BY state"))
        frames, seconds = sql.execute("SELECT TOTAL(frames), TOTAL(seconds) FROM films").fetchone()
        failed = sql.execute("SELECT film, error, attempts FROM films WHERE state = ? ORDER BY id", (FAILED,))
        status.failures += [Failure(film, error or "", attempts) for film, error, attempts in failed]
        under_way = sql.execute("SELECT film, started_s FROM films WHERE state = ? ORDER BY started_s", (RUNNING,))
        status.running += [Running(film, max(0.0, now - (began or now)), run) for film, began in under_way]
        last = sql.execute("SELECT id, started_s, listed FROM runs ORDER BY id DESC LIMIT 1").fetchone()
        since = max(last[1], now - RECENT_S) if last else now
        query = "SELECT COUNT(*) FROM films WHERE state IN (?, ?) AND finished_s >= ?"
        (recent,) = sql.execute(query, (DONE, FAILED, since)).fetchone()
    status.states.update(states)
    status.frames += int(frames)
    status.seconds += seconds
    if not run:
        return 0.0, 0
    status.runs.append(run)
    status.all_listed &= bool(last and last[2])
    return recent / max(now - since, 1e-9), sum(states.get(state, 0) for state in (WAITING, QUEUED, RUNNING))


def name_of(film: str) -> str:
    """A film's name, without its folders."""
    return os.path.basename(film)  # noqa: PTH119
