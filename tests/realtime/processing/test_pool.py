"""Several inputs at once: a worker that falls costs its own input only; a model that cannot be opened is told."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from emoscope.errors import ModelError
from emoscope.network.bundle import open_bundle
from emoscope.network.network import Network
from emoscope.processing.batch import results_of
from emoscope.processing.pool import process_at_once
from emoscope.processing.settings import Settings
from emoscope.reading.session import Session
from emoscope.types import Face, Raster
from emoscope.view.state import first_state
from tests.command import EMOSCOPE, environment
from tests.realtime.media.films import make_film
from tests.realtime.processing.runs import ignore
from tests.realtime.tiny import FixedFinder, face, write_bundle
from tests.waiting import PATIENCE_S, until

FATAL_WIDTH = 80


class Fatal(FixedFinder):
    """Ends its process, as the system does where memory is short, when it sees a picture of one width."""

    def find(self, image: Raster, time_s: float) -> list[Face]:  # type: ignore[override]
        if image.width == FATAL_WIDTH:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().find(image, time_s)


@contextmanager
def fatal(model: Path) -> Iterator[Session]:
    yield Session(Fatal(face()), Network(open_bundle(str(model))))  # type: ignore[arg-type]


class Parting(FixedFinder):
    """Ends its process, and asks the one that started it to end, as Ctrl-C does that reaches both."""

    def find(self, image: Raster, time_s: float) -> list[Face]:  # type: ignore[override]
        os.kill(os.getppid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGKILL)
        return []


@contextmanager
def parting(model: Path) -> Iterator[Session]:
    yield Session(Parting(face()), Network(open_bundle(str(model))))  # type: ignore[arg-type]


@contextmanager
def refusing() -> Iterator[Session]:
    raise ModelError("no such model")
    yield


def test_a_worker_that_falls_costs_only_the_input_that_makes_it_fall(tmp_path: Path) -> None:
    names = {"a.mp4": (64, 48), "b.mp4": (FATAL_WIDTH, 48), "c.mp4": (64, 48), "d.mp4": (64, 48)}
    settings = Settings(partial(fatal, write_bundle(tmp_path)), first_state, video=False, chart=False)
    todo = [results_of(make_film(tmp_path / name, size=size), None, settings) for name, size in names.items()]
    outcomes = {outcome.source.name: outcome for outcome in process_at_once(todo, settings, ignore, 2)}
    assert {name for name, outcome in outcomes.items() if not outcome.error} == {"a.mp4", "c.mp4", "d.mp4"}
    assert "its process was ended from outside" in outcomes["b.mp4"].error
    assert not list(tmp_path.glob("*.part")) and not list(tmp_path.glob("b.*.*"))


def test_what_a_worker_cannot_open_is_told_as_one_error(tmp_path: Path) -> None:
    settings = Settings(refusing, first_state, video=False, chart=False)
    todo = [results_of(make_film(tmp_path / name), None, settings) for name in ("a.mp4", "b.mp4")]
    with pytest.raises(ModelError, match="no such model"):
        list(process_at_once(todo, settings, ignore, 2))


def test_workers_end_when_whoever_started_them_is_killed(tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    films = [make_film(tmp_path / name, range(0, 4000 * 512, 512)) for name in ("a.mp4", "b.mp4")]
    line = ["process", *films, "--model", write_bundle(tmp_path), "--no-video", "--no-chart", "--jobs", "2"]
    with subprocess.Popen([*EMOSCOPE, *map(str, line)], cwd=tmp_path, env=environment()) as run:

        def workers() -> list[Any]:
            found = [one for one in psutil.Process(run.pid).children() if "spawn_main" in " ".join(one.cmdline())]
            return found if len(found) == 2 else []

        both = until(workers)
        run.kill()
    _, left = psutil.wait_procs(both, timeout=PATIENCE_S)
    assert not left


def test_a_run_that_is_ended_before_anything_is_kept_is_not_a_run_that_is_done(tmp_path: Path) -> None:
    settings = Settings(partial(parting, write_bundle(tmp_path)), first_state, video=False, chart=False)
    todo = [results_of(make_film(tmp_path / name), None, settings) for name in ("a.mp4", "b.mp4", "c.mp4")]
    with pytest.raises(KeyboardInterrupt):
        list(process_at_once(todo, settings, ignore, 2))


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="a group of processes is a thing of POSIX")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_workers_that_still_load_their_modules_leave_ctrl_c_to_who_started_them(tmp_path: Path, name: str) -> None:
    psutil = pytest.importorskip("psutil")
    films = [make_film(tmp_path / film, range(0, 4000 * 512, 512)) for film in ("a.mp4", "b.mp4")]
    line = ["process", *films, "--model", write_bundle(tmp_path), "--no-video", "--no-chart", "--jobs", "2"]
    with subprocess.Popen(
        [*EMOSCOPE, *map(str, line)], cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, start_new_session=True
    ) as run:
        until(lambda: [one for one in psutil.Process(run.pid).children() if "spawn_main" in " ".join(one.cmdline())])
        try:
            os.killpg(run.pid, signal.Signals[name])
            _, said = run.communicate(timeout=PATIENCE_S)
        finally:
            run.kill()
    assert run.returncode == 128 + signal.Signals[name]
    assert said.decode().count("\n") <= 1
