"""`emoscope bench`: figures that belong together. How fast it is, is for the benchmark to say, not for a test."""

from __future__ import annotations

import json
from pathlib import Path

import av
import pytest

from emoscope.benchmark.plain import decode, transcode
from emoscope.benchmark.stages import Totals
from emoscope.cli import run
from emoscope.media.encoding import Encoding
from tests.realtime.media.films import look, make_film
from tests.realtime.tiny import write_bundle

STAGES = {"decode", "faces", "compose", "draw", "encode"}


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return make_film(tmp_path / "clip.mp4", size=(320, 240))


def test_the_figures_as_json(film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = str(write_bundle(tmp_path))
    assert run(["bench", str(film), "--model", model, "--runs", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["video"], told["width"], told["height"], told["frames"], told["runs"]) == ("clip.mp4", 320, 240, 12, 1)
    assert set(told["stages_ms"]) >= STAGES and all(ms > 0 for ms in told["stages_ms"].values())
    speeds = told["frames_per_s"]
    assert told["with_film"] == pytest.approx(speeds["with film"] / speeds["transcode"], rel=0.05)
    assert told["with_film_all_threads"] == pytest.approx(
        speeds["with film"] / speeds["transcode, all threads"], rel=0.05
    )
    assert told["rows_only"] == pytest.approx(speeds["rows only"] / speeds["decode"], rel=0.05)
    assert told["rows_only_bgr"] == pytest.approx(speeds["rows only"] / speeds["decode to BGR"], rel=0.05)
    assert told["rows_only_all_threads"] == pytest.approx(speeds["rows only"] / speeds["decode, all threads"], rel=0.05)
    works = told["processor_ms"]
    assert works.keys() == speeds.keys() and all(ms > 0 for ms in works.values())
    assert told["with_film_processor"] == pytest.approx(works["with film"] / works["transcode"], rel=0.05)
    assert told["rows_only_processor"] == pytest.approx(works["rows only"] / works["transcode"], rel=0.05)
    assert 50 < told["peak_mb"] < 2000
    assert [path.name for path in tmp_path.iterdir() if "clip" in path.name] == ["clip.mp4"]


def test_the_figures_for_people(film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", str(film), "--model", str(write_bundle(tmp_path)), "--runs", "1"]) == 0
    told = capsys.readouterr().out
    assert "clip.mp4: 320×240, 12 frames, 0 faces in a frame" in told
    assert (
        "of a plain transcode" in told
        and "times a plain transcode" in told
        and "of plain decoding" in told
        and "MB at most" in told
    )


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", str(tmp_path / "gone.mp4"), "--model", str(write_bundle(tmp_path))]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_the_yardsticks_do_the_whole_work(film: Path, tmp_path: Path) -> None:
    assert decode(film) == decode(film, all_threads=True) == 12
    assert transcode(film, tmp_path / "plain.mp4", Encoding()) == 12
    assert transcode(film, tmp_path / "plain.mp4", Encoding(), all_threads=True) == 12
    assert look(tmp_path / "plain.mp4").times == look(film).times


def test_the_plain_transcode_chooses_its_own_key_frames(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "keys.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "1"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(40):
            container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode(None))
    transcode(tmp_path / "keys.mp4", tmp_path / "plain.mp4", Encoding())
    with av.open(str(tmp_path / "plain.mp4")) as container:
        assert sum(packet.is_keyframe for packet in container.demux(video=0) if packet.size) < 5


def test_totals_add_up() -> None:
    totals = Totals()
    for seconds in (0.1, 0.2, 0.3):
        totals.add("draw", seconds)
    assert totals.seconds["draw"] == pytest.approx(0.6)
