"""`process --resume` skips what is done as it is asked now, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.command import EMOSCOPE
from tests.realtime.commands.test_process import process
from tests.realtime.media.films import make_film
from tests.waiting import PATIENCE_S, is_under_way, until


@pytest.fixture
def done(tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder `out` that holds the results of `one/interview.mp4`; a film of another length stands in `two`."""
    for folder, frames in (("one", 12), ("two", 15)):
        (tmp_path / folder).mkdir()
        make_film(tmp_path / folder / "interview.mp4", range(0, frames * 512, 512))
    assert process(tmp_path / "one", "-o", tmp_path / "out", model=tiny) == 0
    capsys.readouterr()
    return tmp_path


def test_what_is_done_is_skipped_and_told(done: Path, tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = _times(done / "out")
    assert process(done / "one" / "interview.mp4", "-o", done / "out", "--resume", model=tiny) == 0
    assert "interview.mp4, done before: " in capsys.readouterr().out
    assert _times(done / "out") == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--every", "2"], "with --every 1, not 2"),
        (["--start", "0.1"], "with --start unset, not 0.1"),
        (["--blur"], "with --blur false, not true"),
        (["--crf", "30"], "with --crf 23.0, not 30.0"),
        (["--detector", "yunet"], "with --detector auto, not yunet"),
    ],
)
def test_another_setting_is_not_the_same(
    arguments: list[str], told: str, done: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _times(done / "out")
    wanted = [done / "one", "-o", done / "out", "--resume", *arguments]
    assert process(*wanted, model=tiny) == 1
    assert told in capsys.readouterr().err
    assert _times(done / "out") == before


def test_another_model_is_not_the_same(done: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert process(done / "one", "-o", done / "out", "--resume", model="gmp") == 1
    assert "interview.emoscope.mp4 was made by another model" in capsys.readouterr().err


def test_a_film_of_the_same_name_is_another_one(done: Path, tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert process(done / "two", "-o", done / "out", "--resume", model=tiny) == 1
    assert f"was made from {done / 'one' / 'interview.mp4'}" in capsys.readouterr().err
    assert process(done / "two", "-o", done / "out", "--overwrite", model=tiny) == 0
    assert json.loads((done / "out" / "interview.summary.json").read_text())["frames"] == 15


def test_a_newer_film_is_another_one(done: Path, tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(done / "two" / "interview.mp4", done / "one" / "interview.mp4")
    assert process(done / "one", "-o", done / "out", "--resume", model=tiny) == 1
    assert "was made from another state of the file" in capsys.readouterr().err


def test_a_film_that_was_moved_or_touched_is_the_same(done: Path, tiny: str) -> None:
    (done / "one").rename(done / "moved")
    os.utime(done / "moved" / "interview.mp4", (1, 1))
    before = _times(done / "out")
    assert process(done / "moved", "-o", done / "out", "--resume", model=tiny) == 0
    assert _times(done / "out") == before


def test_results_without_a_record_are_never_taken_for_done(
    done: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (done / "out" / "interview.summary.json").write_text('{"source": "interview.mp4"}')
    assert process(done / "one", "-o", done / "out", "--resume", model=tiny) == 1
    assert "has no record of what made it: nothing to resume: --overwrite does it again" in capsys.readouterr().err


def test_a_result_that_is_missing_is_made_again(done: Path, tiny: str) -> None:
    (done / "out" / "interview.faces.csv").unlink()
    assert process(done / "one", "-o", done / "out", "--resume", model=tiny) == 0
    assert (done / "out" / "interview.faces.csv").exists()


def test_an_option_that_the_record_does_not_know_had_its_default(done: Path, tiny: str) -> None:
    summary = done / "out" / "interview.summary.json"
    told = json.loads(summary.read_text())
    del told["made"]["asked"]["every"]
    summary.write_text(json.dumps(told))
    assert process(done / "one", "-o", done / "out", "--resume", model=tiny) == 0
    assert process(done / "one", "-o", done / "out", "--resume", "--every", "3", model=tiny) == 1


def test_a_tree_is_mirrored(done: Path, tiny: str) -> None:
    (done / "two" / "clip.jpg").write_bytes(b"not a picture")
    assert process(done, "-o", done.parent / "mirror", "--recursive", model=tiny) == 1, "the picture alone is refused"
    assert (done.parent / "mirror" / "one" / "interview.faces.csv").exists()
    assert (done.parent / "mirror" / "two" / "interview.faces.csv").exists()


def test_what_another_run_works_on_is_skipped_and_told(
    done: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = done / "out" / "interview.emoscope.lock"
    lock.write_text('{"host": "elsewhere", "place": "elsewhere", "process": 7}')
    assert process(done / "one", "-o", done / "out", "--overwrite", model=tiny) == 0
    assert "skipped: " in (told := capsys.readouterr().out) and "process 7 on elsewhere is working on it" in told


def test_sigterm_keeps_what_is_done_and_exits_with_143(tmp_path: Path, tiny: str) -> None:
    film = make_film(tmp_path / "long.mp4", range(0, 3000 * 512, 512), size=(320, 240))
    command = [*EMOSCOPE, "process", str(film), "--model", tiny, "--no-chart"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        until(lambda: run.poll() is not None or is_under_way(tmp_path))
        run.send_signal(signal.SIGTERM)
        out, err = run.communicate(timeout=PATIENCE_S)
    assert (run.returncode, err) == (143, b"")
    assert b"interrupted: long.mp4" in out
    assert {"long.emoscope.partial.mp4", "long.faces.partial.csv"} <= {path.name for path in tmp_path.iterdir()}
    assert not list(tmp_path.glob("*.lock"))


def test_three_runs_at_once_do_every_film_once(tmp_path: Path, tiny: str) -> None:
    for name in "abcdef":
        make_film(tmp_path / f"{name}.mp4", range(0, 40 * 512, 512))
    command = [*EMOSCOPE, "process", str(tmp_path), "-o", str(tmp_path / "out"), "--model", tiny, "--resume"]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    told = [run.communicate(timeout=300) for run in runs]
    assert [(run.returncode, err) for run, (_, err) in zip(runs, told, strict=True)] == [(0, b"")] * 3
    lines = b"".join(out for out, _ in told).splitlines()
    assert sorted(line[:5] for line in lines if b" frames/s \xe2\x86\x92 " in line) == [
        f"{name}.mp4".encode() for name in "abcdef"
    ]
    assert not list((tmp_path / "out").glob("*.lock")) and not list((tmp_path / "out").glob("*.part"))


def _times(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
