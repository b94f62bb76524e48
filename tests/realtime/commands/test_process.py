"""`emoscope process` from the outside: files, lines, exit status, and what happens to it from outside."""

from __future__ import annotations

import csv
import json
import os
import shlex
import signal
import subprocess
from pathlib import Path

import cv2
import pytest

from emoscope.cli import run
from emoscope.system.bundled import assets
from tests.command import EMOSCOPE, environment
from tests.realtime.media.films import look, make_film
from tests.realtime.tiny import gray
from tests.waiting import PATIENCE_S, is_under_way, until

FRAMES = 2000
FAST = ("--preset", "ultrafast", "--no-chart")


def process(*arguments: str | Path, model: str) -> int:
    return run(["process", *map(str, arguments), "--model", model, *FAST])


def test_the_demo_clip_with_the_shipped_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = assets() / "demo.mp4"
    assert run(["process", str(clip), "-o", str(tmp_path), "--end", "1", "--preset", "ultrafast"]) == 0
    names = ["demo.emoscope.mp4", "demo.faces.csv", "demo.summary.json", "demo.timeline.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    told = capsys.readouterr().out
    assert all(name in told for name in names)
    with (tmp_path / "demo.faces.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert len({row["frame"] for row in table}) == len(look(tmp_path / "demo.emoscope.mp4").times) > 20
    assert sum(bool(row["face"]) for row in table) > 0.9 * len(table)
    assert len(look(tmp_path / "demo.emoscope.mp4").sound[0]) > 20


def test_results_stand_beside_the_input(tmp_path: Path, tiny: str) -> None:
    assert process(make_film(tmp_path / "clip.mp4"), model=tiny) == 0
    assert (tmp_path / "clip.emoscope.mp4").exists() and (tmp_path / "clip.faces.csv").exists()


def test_a_picture_becomes_a_picture_and_rows(tmp_path: Path, tiny: str) -> None:
    cv2.imwrite(str(tmp_path / "face.jpg"), gray(width=321, height=241))
    assert process(tmp_path / "face.jpg", model=tiny) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "face.emoscope.png",
        "face.faces.csv",
        "face.jpg",
        "face.summary.json",
    ]
    assert cv2.imread(str(tmp_path / "face.emoscope.png")).shape == (241, 321, 3)


def test_a_bad_file_does_not_stop_the_rest(tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"<html>")
    make_film(tmp_path / "good.mp4")
    assert process(tmp_path, "-o", tmp_path / "out", model=tiny) == 1
    heard = capsys.readouterr()
    assert heard.err.count("\n") == 1 and "bad.mp4: a web page" in heard.err
    assert "total: 1 done, 1 failed; 12 frames" in heard.out
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "good.emoscope.mp4", "good.faces.csv", "good.summary.json",
    }  # fmt: skip


def test_damage_is_one_warning_and_no_failure(tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    whole = make_film(tmp_path / "whole.mkv", range(0, 300_000, 1024)).read_bytes()
    (tmp_path / "half.mkv").write_bytes(whole[: len(whole) // 2])
    assert process(tmp_path / "half.mkv", model=tiny) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: half.mkv: the file ends at")


def test_existing_results_resume_and_overwrite(tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.mp4", "b.mp4"):
        make_film(tmp_path / name)
    assert process(tmp_path / "a.mp4", model=tiny) == 0
    first = (tmp_path / "a.emoscope.mp4").stat().st_mtime_ns
    assert process(tmp_path, model=tiny) == 1
    assert "a.emoscope.mp4" in (told := capsys.readouterr().err) and "--resume" in told
    assert not (tmp_path / "b.emoscope.mp4").exists(), "an error before work starts"
    assert process(tmp_path, "--resume", model=tiny) == 0
    assert "1 done, 1 skipped" in capsys.readouterr().out
    assert (tmp_path / "a.emoscope.mp4").stat().st_mtime_ns == first
    assert (tmp_path / "b.emoscope.mp4").exists()
    assert process(tmp_path, "--overwrite", model=tiny) == 0
    assert (tmp_path / "a.emoscope.mp4").stat().st_mtime_ns > first


def test_two_inputs_of_one_name_are_an_error_before_work_starts(
    tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        make_film(tmp_path / folder / "clip.mp4")
    wanted = [tmp_path / "one" / "clip.mp4", tmp_path / "two" / "clip.mp4"]
    assert process(*wanted, "-o", tmp_path / "out", model=tiny) == 1
    assert "would both become" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-o", "clip.mp4"], "cannot be made a folder"),
        (["--layer", "nonsense"], "no layer 'nonsense'"),
    ],
)
def test_what_cannot_work_is_one_line(
    arguments: list[str], told: str, in_folder: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make_film(in_folder / "clip.mp4")
    assert process("clip.mp4", *arguments, model=tiny) == 1
    heard = capsys.readouterr().err
    assert told in heard and heard.count("\n") == 1
    assert [path.name for path in in_folder.iterdir()] == ["clip.mp4"]


def test_wrong_usage_is_two(in_folder: Path, tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["process"]) == 2
    make_film(in_folder / "clip.mp4")
    for arguments, told in (
        (["--codec", "nonsense"], "not an encoder"),
        (["--start", "5", "--end", "3"], "is empty"),
        (["--no-video", "--no-rows"], "nothing is left to write"),
        (["--blur", "--every", "2"], "drop one"),
    ):
        assert process("clip.mp4", *arguments, model=tiny) == 2
        assert told in capsys.readouterr().err
        assert [path.name for path in in_folder.iterdir()] == ["clip.mp4"]
    assert run(["process", "x.mp4", "--rows", "xlsx"]) == 2


def test_several_at_once(tmp_path: Path, tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b", "c"):
        make_film(tmp_path / f"{name}.mp4")
    (tmp_path / "bad.mp4").write_bytes(b"<html>")
    assert process(tmp_path, "--jobs", "2", model=tiny) == 1
    heard = capsys.readouterr()
    assert "total: 3 done, 1 failed; 36 frames" in heard.out and "bad.mp4: a web page" in heard.err
    assert all((tmp_path / f"{name}.emoscope.mp4").exists() for name in ("a", "b", "c"))


def started(folder: Path, tiny: str, *more: str) -> subprocess.Popen[str]:
    """The command at work on a film that takes it a while, some way into it."""
    for name in ("long.mp4", "other.mp4")[: 1 + bool(more)]:
        make_film(folder / name, range(0, FRAMES * 512, 512), size=(320, 240), codec="mpeg4")
    inputs = [str(path) for path in sorted(folder.glob("*.mp4"))]
    command = [*EMOSCOPE, "process", *inputs, "--model", tiny, "--preset", "slow", *more]
    child = subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until(lambda: child.poll() is not None or is_under_way(folder))
    return child


@pytest.mark.parametrize("jobs", [(), ("--jobs", "2")])
def test_ctrl_c_leaves_a_playable_partial_film(jobs: tuple[str, ...], tmp_path: Path, tiny: str) -> None:
    child = started(tmp_path, tiny, *jobs)
    os.kill(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 130 and "Traceback" not in err
    assert "interrupted: long.mp4" in out
    film = look(tmp_path / "long.emoscope.partial.mp4")
    assert 0 < len(film.times) < FRAMES and film.times == look(tmp_path / "long.mp4").times[: len(film.times)]
    assert not (tmp_path / "long.emoscope.mp4").exists()
    assert not list(tmp_path.glob("*.part"))
    assert json.loads((tmp_path / "long.summary.partial.json").read_text())["frames"] == len(film.times)


def test_killed_leaves_no_final_name(tmp_path: Path, tiny: str) -> None:
    child = started(tmp_path, tiny)
    child.kill()
    child.communicate(timeout=PATIENCE_S)
    left = {path.name for path in tmp_path.iterdir() if path.suffix not in (".part", ".lock")}
    assert left == {"long.mp4", ".long.emoscope.work"}, "and what is done of it, to go on with"


def test_a_name_that_is_no_text_is_processed_as_any_other(
    in_folder: Path, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (in_folder / "films").mkdir()
    for name in (b"a\xff.mp4", "表情.mp4".encode()):
        make_film(in_folder / "clip.mp4").rename(in_folder / "films" / os.fsdecode(name))
    assert run(["process", "films", "--model", tiny, "--preset", "ultrafast"]) == 0
    heard = capsys.readouterr()
    assert heard.err == "" and "total: 2 done" in heard.out
    summaries = [json.loads(path.read_text("utf-8"))["source"] for path in sorted(in_folder.rglob("*.summary.json"))]
    assert summaries == ["a\\xff.mp4", "表情.mp4"]


@pytest.mark.parametrize("closing", [">/dev/full", "2>&-", ">&-"])
def test_the_work_is_done_where_nobody_listens(closing: str, in_folder: Path, tiny: str) -> None:
    for name in ("a", "b"):
        make_film(in_folder / f"{name}.mp4")
    command = shlex.join([*EMOSCOPE, "process", "a.mp4", "b.mp4", "--no-chart", "--model", tiny])
    done = subprocess.run(["sh", "-c", f"{command} {closing}"], check=False, env=environment(), capture_output=True)
    assert b"Traceback" not in done.stderr
    assert (in_folder / "a.faces.csv").exists() and (in_folder / "b.faces.csv").exists()
