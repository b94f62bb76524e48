"""The short form of the corruptions, and that the harness itself notices what it is there to notice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.command import environment, run
from tests.reliability.child import HANG, Ended
from tests.reliability.corruptions import FILMS, beginnings, case, fault
from tests.waiting import PATIENCE_S

COUNT = 20


def test_damaged_films_end_by_themselves_and_without_a_traceback(shared: Path, tmp_path: Path):
    command = [sys.executable, "-m", "tests.reliability.corruptions", "--count", str(COUNT), "--first", "10000"]
    done = run(command, Path(__file__).parents[2], 300, environment(TMPDIR=str(tmp_path)))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith(f"{COUNT} damaged films in ")


def test_a_seed_says_everything(shared: Path):
    films = beginnings()
    assert set(films) == set(FILMS)
    cases = [case(seed, films) for seed in range(60)]
    assert [one.data for one in cases] == [case(seed, films).data for seed in range(60)]
    assert {one.how for one in cases} == {"flips", "cut", "splice"}
    assert sum(one.data != films[one.film] for one in cases) >= 58


@pytest.mark.parametrize(
    ("status", "said", "verdict"),
    [
        (0, "", "done"),
        (0, "warning: a.mp4: 3 damaged pictures skipped\n", "warned"),
        (1, "emoscope: a.mp4: holds no picture\n", "refused"),
        (1, "", "wrong status"),
        (2, "emoscope: a\n", "wrong status"),
        (0, "[h264 @ 0x55] error while decoding MB\n", "noise"),
        (70, "Traceback (most recent call last):\n", "traceback"),
        (0, "Exception in thread decoding:\nTraceback (most recent call last):\n", "traceback"),
        (-11, "", "crash"),
        (HANG, "", "hang"),
    ],
)
def test_verdicts(status: int, said: str, verdict: str):
    assert Ended(status, said, 1.0).verdict == verdict


def test_what_is_left_behind_is_a_fault(shared: Path):
    one = case(1, beginnings())
    stem = Path(one.film).stem
    whole = [f"{stem}.faces.csv", f"{stem}.summary.json"]
    assert fault(one, Ended(0, "", 1.0), whole) == ""
    assert "left" in fault(one, Ended(0, "", 1.0), [*whole, f"{stem}.faces.csv.part"])
    assert "left" in fault(one, Ended(1, "emoscope: no\n", 1.0), whole)


@pytest.mark.parametrize(
    ("body", "verdict"), [("os._exit(0)", "done"), ("os.abort()", "crash"), ("1 / 0", "traceback")]
)
def test_the_harness_tells_how_a_run_ended(body: str, verdict: str, tmp_path: Path):
    assert _verdict(body, tmp_path) == verdict


def test_the_harness_limits_memory_and_ends_a_hang_that_tells_where_its_threads_are(tmp_path: Path):
    assert _verdict("bytearray(1 << 30)", tmp_path) == "traceback"
    assert _verdict("__import__('time').sleep(999)", tmp_path, 1.5) == "hang"
    said = (tmp_path / "log").read_text()
    assert said.startswith("Timeout")
    assert "in _be_command" in said


def _verdict(body: str, folder: Path, time_s: float = PATIENCE_S) -> str:
    """How a run ends whose command is `body`, in an interpreter that may fork."""
    code = f"""
import os, pathlib, emoscope.cli
from tests.reliability.child import Limits, forked
emoscope.cli.run = lambda arguments: {body}
print(forked([], pathlib.Path("log"), Limits(1 << 29, {time_s})).verdict)
"""
    done = run([sys.executable, "-c", code], folder, 3 * PATIENCE_S, environment())
    return done.stdout.strip() or done.stderr
