"""A log after kill -9: every row of it whole, read as anybody would read it."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
from pathlib import Path
from time import monotonic, sleep

import pytest

from emoscope.system.bundled import assets
from tests.command import EMOSCOPE, environment

CLIP = str(assets() / "demo.mp4")
PATIENCE_S = 90.0
ROWS = 12


def killed(log: Path, enough: str) -> None:
    """Runs `capture` with a log and kills it once there is enough in it, a pattern of files or rows of text."""
    arguments = ("capture", CLIP, "--pictures", "1", "--seconds", "1000", "-o", str(log.parent / "out"))
    command = [*EMOSCOPE, *arguments, "--log", str(log)]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        start = monotonic()
        while not _has(log, enough):
            assert process.poll() is None, process.stderr.read()
            assert monotonic() - start < PATIENCE_S, "the log does not grow"
            sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def _has(log: Path, enough: str) -> bool:
    if enough:
        return any(log.glob(enough))
    return log.exists() and len(log.read_bytes().splitlines()) > ROWS


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_log_that_is_cut_off_ends_with_a_whole_row(form: str, tmp_path: Path):
    log = tmp_path / f"a.{form}"
    killed(log, "")
    text = log.read_text("utf-8")
    assert text.endswith("\n")
    rows = list(csv.DictReader(text.splitlines())) if form == "csv" else list(map(json.loads, text.splitlines()))
    assert len(rows) >= ROWS and all(row["monotonic_s"] and None not in row for row in rows)
    frames = [int(row["frame"]) for row in rows]
    assert frames == sorted(frames)
    table = getattr(pytest.importorskip("pandas"), f"read_{'json' if form == 'jsonl' else form}")
    assert len(table(log, lines=True) if form == "jsonl" else table(log)) == len(rows)


def test_of_a_parquet_log_every_closed_part_is_there(tmp_path: Path):
    parquet = pytest.importorskip("pyarrow.parquet")
    log = tmp_path / "a.parquet"
    killed(log, "part-000001.parquet")
    table = parquet.read_table(log)
    assert table.num_rows > ROWS
    assert table.column("frame").to_pylist() == sorted(table.column("frame").to_pylist())
