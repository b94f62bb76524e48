"""Workers of a Dask cluster: they come, go and are killed, and the results are those of one process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from emoscope.cli import run
from emoscope.errors import ResultError, SystemLibraryError
from emoscope.processing.cluster import UNWATCHED, _Patience, check_cluster
from tests.command import EMOSCOPE, environment
from tests.realtime.media.films import make_film
from tests.realtime.tiny import write_bundle
from tests.waiting import until

distributed = pytest.importorskip("distributed")
psutil = pytest.importorskip("psutil")
if find_spec("dask_jobqueue") is None:  # imported it would take Ctrl-C from the tests
    pytest.skip("the extra `cluster` is not installed", allow_module_level=True)
pytest.importorskip("pyarrow")
CLIPS = 12


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_bundle(tmp_path_factory.mktemp("model")))


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips of different lengths, one of which is damaged beyond reading."""
    folder = tmp_path_factory.mktemp("clips")
    for number in range(CLIPS):
        make_film(folder / f"{number:02}.mp4", range(0, (30 + number) * 512, 512), size=(160, 120))
    (folder / "damaged.mp4").write_bytes(b"nothing")
    return folder


@pytest.fixture(scope="module")
def serial(clips: Path, tiny: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one process makes of them."""
    out = tmp_path_factory.mktemp("serial")
    assert run([*map(str, command(clips, tiny, out))]) == 1
    return results(out)


def command(clips: Path, tiny: str, out: Path, *more: str) -> list[str | Path]:
    how = ["--model", tiny, "--jobs", "1", "--no-chart", "--preset", "ultrafast", "-o", out, "--dataset", out / "set"]
    return ["process", clips, *how, *more]


def results(out: Path) -> dict[str, bytes]:
    """Films and rows, byte for byte."""
    found = sorted([*out.glob("*.mp4"), *(out / "set").rglob("*.parquet")])
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in found}


def started(arguments: list[str | Path], cwd: Path, **changes: str) -> subprocess.Popen[str]:
    line = [*EMOSCOPE, *map(str, arguments)]
    pipe = subprocess.PIPE
    how = {"cwd": cwd, "stdout": pipe, "stderr": pipe, "text": True, "env": environment(**changes)}
    return subprocess.Popen(line, start_new_session=True, **how)  # type: ignore[call-overload]


def reached(process: subprocess.Popen[str], true: Callable[[], object]) -> None:
    """Waits until a run has come to something."""
    until(lambda: process.poll() is not None or true())
    assert process.poll() is None, process.stderr and process.stderr.read()


def workers_of(process: int) -> list[int]:
    """Processes of Dask's workers that a process has started."""
    children = psutil.Process(process).children(recursive=True)
    return sorted(child.pid for child in children if "spawn_main" in " ".join(child.cmdline()))


def test_a_worker_that_is_killed_changes_nothing(
    clips: Path, tiny: str, serial: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = started([*command(clips, tiny, out), "--cluster", "local", "--jobs", "2"], tmp_path)
    reached(process, lambda: len(list(out.glob("*.summary.json"))) >= 3)
    os.kill(workers_of(process.pid)[0], signal.SIGKILL)
    told, wrong = process.communicate(timeout=300)
    assert process.returncode == 1 and f"total: {CLIPS} done, 1 failed" in told, wrong
    lines = [line for line in wrong.splitlines() if " done   " not in line]  # how far it is, where a machine is slow
    assert len(lines) == 2 and "2 workers" in lines[0] and "damaged.mp4: not a recording" in lines[1], wrong
    assert results(out) == serial
    assert not [path.name for path in out.iterdir() if path.name.endswith((".part", ".lock"))]


def test_jobs_of_a_queue_do_the_same(clips: Path, tiny: str, serial: dict[str, bytes], tmp_path: Path) -> None:
    """A stand-in for SLURM runs each job at once, as a node with nothing to do would.

    Like SLURM it keeps the script: dask-jobqueue deletes its own as soon as the job is accepted.
    """
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, line in {
        "sbatch": 'script=$(cat "$1"); bash -c "$script" >/dev/null 2>&1 & echo "Submitted batch job $!"',
        "scancel": 'kill "$1"',
    }.items():
        (tools / name).write_text(f"#!/bin/bash\n{line}\n")
        (tools / name).chmod(0o755)
    queue = tmp_path / "queue.yaml"
    queue.write_text(
        f"cores: 1\nmemory: 2 GB\nprocesses: 1\ninterface: lo\nlog_directory: {tmp_path}\npython: {sys.executable}\n"
    )
    out, path = tmp_path / "out", f"{tools}:{os.environ['PATH']}"
    process = started([*command(clips, tiny, out), "--cluster", f"slurm:{queue}", "--jobs", "2"], tmp_path, PATH=path)
    told, wrong = process.communicate(timeout=300)
    assert process.returncode == 1 and f"total: {CLIPS} done, 1 failed" in told, wrong
    assert results(out) == serial


def test_ctrl_c_keeps_what_is_done(tiny: str, tmp_path: Path) -> None:
    film = make_film(tmp_path / "long.mp4", range(0, 8000 * 512, 512), size=(320, 240))
    out = tmp_path / "out"
    line = ["process", film, "--model", tiny, "--no-chart", "-o", out, "--cluster", "local", "--jobs", "1"]
    process = started(line, tmp_path)
    reached(process, lambda: list(out.rglob("*.part")) or list(out.glob(".*")))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: its workers get it, too
    told, wrong = process.communicate(timeout=300)
    assert process.returncode == 130, wrong
    assert "interrupted: long.mp4" in told and not list(out.glob("*.lock"))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere", "choose local, tcp://HOST:8786, or slurm, pbs"),
        ("slurm:gone.yaml", "gone.yaml: cannot be read as YAML"),
    ],
)
def test_a_cluster_that_is_none_is_told(name: str, told: str) -> None:
    with pytest.raises(ResultError, match=told):
        check_cluster(name)


def test_dask_knows_what_it_is_to_leave_alone() -> None:
    import dask
    import distributed  # noqa: F401 (it brings its settings)

    for name in UNWATCHED:
        assert dask.config.get(name) is not None  # a name that it does not know would be taken in silence


def test_a_queue_that_lacks_options_is_told(
    clips: Path, tiny: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*map(str, command(clips, tiny, tmp_path / "out")), "--cluster", "slurm"]) == 1
    told = capsys.readouterr().err
    assert "write what it needs, such as cores and memory, into a YAML file: --cluster slurm:FILE" in told


def test_a_run_without_workers_says_what_it_waits_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emoscope.processing.cluster.SILENCE_S", 0.0)
    queue = tmp_path / "queue.yaml"
    queue.write_text("cores: 1\nlog_directory: /logs/here\n")
    told: list[str] = []
    for cluster in (f"slurm:{queue}", "tcp://host:8786"):
        patience = _Patience(cluster, told.append)
        patience.see(0)
        patience.see(0)
    assert len(told) == 2, "said once in a while"
    assert "`squeue --me` tells how its jobs stand, /logs/here holds what they said" in told[0]
    assert "no worker for 0 min, and waiting on: start some with `dask worker tcp://host:8786`" in told[1]


def test_ctrl_c_ends_a_run_without_workers(clips: Path, tiny: str, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    lines = {"sbatch": 'touch $0.called; echo "Submitted batch job 1"', "scancel": "touch $0.called"}
    for name, line in lines.items():
        (tools / name).write_text(f"#!/bin/bash\n{line}\n")
        (tools / name).chmod(0o755)
    queue = tmp_path / "queue.yaml"
    queue.write_text(f"cores: 1\nmemory: 2 GB\ninterface: lo\npython: {sys.executable}\n")
    line = [*command(clips, tiny, tmp_path / "out"), "--cluster", f"slurm:{queue}", "--jobs", "1"]
    process = started(line, tmp_path, PATH=f"{tools}:{os.environ['PATH']}")
    assert process.stderr is not None
    assert "0 workers" in process.stderr.readline()
    reached(process, (tools / "sbatch.called").exists)
    process.send_signal(signal.SIGTERM)
    _, wrong = process.communicate(timeout=300)
    assert process.returncode == 143 and "Traceback" not in wrong, wrong
    assert (tools / "scancel.called").exists()


def test_ctrl_c_stays_ours_beside_queues() -> None:
    code = """
import signal
from emoscope.processing.cluster import _job_queues
ours = signal.getsignal(signal.SIGINT)
assert _job_queues().SLURMCluster
assert signal.getsignal(signal.SIGINT) is ours
"""
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True)


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for name in ("local", "tcp://127.0.0.1:8786", "slurm"):
        with pytest.raises(SystemLibraryError, match=r'pip install "emoscope\[cluster\]"'):
            check_cluster(name)
