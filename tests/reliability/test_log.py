"""A log after kill -9: every row of it whole, read as anybody would read it."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
from pathlib import Path

import av
import pytest

from emoscope.system.bundled import assets
from tests.command import EMOSCOPE, environment
from tests.waiting import until

CLIP = str(assets() / "demo.mp4")
ROWS, LAPS = 12, 30


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo clip again and again: it goes on while a slow machine reads a few of its frames."""
    path, end = tmp_path_factory.mktemp("long") / "long.mp4", 0
    with av.open(CLIP) as clip, av.open(str(path), "w") as film:
        stream = film.add_stream_from_template(clip.streams.video[0])
        for _ in range(LAPS):
            clip.seek(0)
            packets = [packet for packet in clip.demux(video=0) if packet.dts is not None]
            for packet in packets:
                packet.pts, packet.dts, packet.stream = packet.pts + end, packet.dts + end, stream
                film.mux(packet)
            end = max(packet.pts + packet.duration for packet in packets)
    return path


def killed(film: Path, log: Path, enough: str) -> None:
    """Runs `capture` with a log and kills it once there is enough in it, a pattern of files or rows of text."""
    arguments = ("capture", str(film), "--pictures", "1", "--seconds", "1000", "-o", str(log.parent / "out"))
    command = [*EMOSCOPE, *arguments, "--log", str(log)]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        until(lambda: process.poll() is not None or _has(log, enough), "the log does not grow")
        assert process.poll() is None, process.stderr.read()
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def _has(log: Path, enough: str) -> bool:
    if enough:
        return any(log.glob(enough))
    return log.exists() and len(log.read_bytes().splitlines()) > ROWS


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_log_that_is_cut_off_ends_with_a_whole_row(form: str, film: Path, tmp_path: Path):
    log = tmp_path / f"a.{form}"
    killed(film, log, "")
    text = log.read_text("utf-8")
    assert text.endswith("\n")
    rows = list(csv.DictReader(text.splitlines())) if form == "csv" else list(map(json.loads, text.splitlines()))
    assert len(rows) >= ROWS and all(row["monotonic_s"] and None not in row for row in rows)
    frames = [int(row["frame"]) for row in rows]
    assert frames == sorted(frames)
    table = getattr(pytest.importorskip("pandas"), f"read_{'json' if form == 'jsonl' else form}")
    assert len(table(log, lines=True) if form == "jsonl" else table(log)) == len(rows)


def test_of_a_parquet_log_every_closed_part_is_there(film: Path, tmp_path: Path):
    parquet = pytest.importorskip("pyarrow.parquet")
    log = tmp_path / "a.parquet"
    killed(film, log, "part-000001.parquet")
    table = parquet.read_table(log)
    assert table.num_rows > ROWS
    assert table.column("frame").to_pylist() == sorted(table.column("frame").to_pylist())
