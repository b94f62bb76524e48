"""What goes wrong while the program runs: the disk fills up, the folder goes away, the program is killed."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emoscope.system.bundled import assets
from tests.command import EMOSCOPE, emoscope, environment, run
from tests.reliability import kills
from tests.waiting import is_under_way, until

CLIP = str(assets() / "demo.mp4")
TOO_SMALL = [30, 200]
"""Kilobytes of disk: no room for the film's beginning, no room for its end."""


@pytest.fixture
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A file system of so many kilobytes."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={request.param}k", "none", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """What a failed run said, which is one line and no traceback."""
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("emoscope: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize("disk", TOO_SMALL, indirect=True)
def test_a_full_disk_ends_the_run_with_one_line_and_leaves_nothing(disk: Path, tmp_path: Path):
    done = emoscope("process", CLIP, "-o", disk, cwd=tmp_path)
    assert "No space left on device" in one_line(done)
    assert list(disk.iterdir()) == []


@pytest.mark.parametrize("kilobytes", TOO_SMALL)
def test_a_file_that_may_not_grow_ends_the_run_likewise(kilobytes: int, tmp_path: Path):
    """The same without a file system of one's own: files have a largest size."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024,) * 2)

    command = [*EMOSCOPE, "process", CLIP, "-o", "out"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), preexec_fn=limit, capture_output=True, text=True, timeout=300
    )
    assert "File too large" in one_line(done)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_goes_away_ends_the_run_with_one_line(tmp_path: Path):
    out = tmp_path / "out"
    with subprocess.Popen(
        [*EMOSCOPE, "process", CLIP, "-o", str(out)], cwd=tmp_path, env=environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        until(lambda: list(out.glob("*.part")))
        out.rename(tmp_path / "away")  # as a whole: files that are made meanwhile would keep it
        shutil.rmtree(tmp_path / "away", ignore_errors=True)
        _, said = program.communicate(timeout=300)
    assert program.returncode == 1
    assert said.startswith("emoscope: ")
    assert said.count("\n") == 1, said
    assert not out.exists()


@pytest.mark.parametrize("asked", ["--count 2 --seed 7", "--count 3 --seed 8 --sections 1"])
def test_killed_runs_leave_nothing_half_done_and_resume(tmp_path: Path, asked: str):
    """In a process of its own: what is forked of this one may have lost another test's threads."""
    command = [sys.executable, "-m", "tests.reliability.kills", "process", *asked.split(), "--asked=--end 4"]
    done = run(command, tmp_path, 500, environment())
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_search_for_half_files_finds_them(tmp_path: Path):
    for name, data in {"a.csv": b"x,y\n1,2\n3", "b.json": b'{"a":', "c.mp4": b"\0" * 99, "d.png": b"\x89PNG"}.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "e.csv").write_text("x,y\n1,2\n")
    (tmp_path / "f.csv.part").write_bytes(b"x,")
    assert kills.unwhole(tmp_path) == ["a.csv", "b.json", "c.mp4", "d.png"]


def test_interrupting_keeps_what_is_done_under_another_name(tmp_path: Path):
    out = tmp_path / "out"
    with subprocess.Popen(
        [*EMOSCOPE, "process", CLIP, "-o", "out"], cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True
    ) as program:
        until(lambda: program.poll() is not None or is_under_way(out))
        program.send_signal(signal.SIGINT)
        _, said = program.communicate(timeout=300)
    assert program.returncode == 130, said
    finals = [path.name for path in out.iterdir()]
    assert finals and all(".partial." in name for name in finals), finals
