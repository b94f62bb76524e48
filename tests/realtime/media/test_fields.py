"""Interlaced films: whole lines for those who look, the fields for the new film, every frame at its own time."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from emoscope.media.planes import planes
from emoscope.media.reader import Recording
from emoscope.types import Image
from tests.realtime.media.films import look
from tests.realtime.media.test_writer import copy

WIDTH, HEIGHT, STEP = 192, 128, 6


def bar(at: int) -> Image:
    """A bright bar of 40 columns from here on."""
    picture = np.full((HEIGHT, WIDTH), 40, np.uint8)
    picture[:, at : at + 40] = 200
    return picture


def interlaced(path: Path, count: int = 8, codec: str = "libx264", flagged: bool = True) -> Path:
    """A bar that moves by `STEP` columns a field; the upper field comes first."""
    with av.open(str(path), "w") as container:
        options = {"crf": "4", "x264-params": "tff=1:interlaced=1"} if flagged else {"crf": "4"}
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        if flagged:
            stream.codec_context.flags |= 0x20040000  # AV_CODEC_FLAG_INTERLACED_DCT and _ME
        for number in range(count):
            woven = bar(2 * number * STEP)
            woven[1::2] = bar((2 * number + 1) * STEP)[1::2]
            frame = av.VideoFrame.from_ndarray(woven, "gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def comb(plane: Image) -> float:
    """How much neighbouring lines differ, mean."""
    return float(np.abs(np.diff(plane.astype(int), axis=0)).mean())


def test_who_looks_sees_whole_lines_and_the_film_keeps_its_fields(tmp_path: Path) -> None:
    with Recording(interlaced(tmp_path / "a.mkv")) as recording:
        frames = list(recording.frames())
        told, json = recording.describe(), recording.as_json()
    assert [round(frame.time_s * 25) for frame in frames] == list(range(8))
    assert [frame.index for frame in frames] == list(range(8))
    for frame in frames[1:-1]:
        stored, seen = planes(frame.picture.frame)[0], planes(frame.picture.seen)[0]
        assert comb(stored) > 5
        assert comb(seen) < comb(stored) / 4
        # In step with its own first field, whichever that is, not with that of a neighbour.
        away = [float(np.abs(seen[field::2].astype(int) - stored[field::2]).mean()) for field in (0, 1)]
        assert min(away) < 3
    assert told == ["interlaced (8 of 8 frames): deinterlaced to be looked at"]
    assert json["deinterlaced_frames"] == 8


def test_a_film_without_fields_is_looked_at_as_it_is(tmp_path: Path) -> None:
    with Recording(interlaced(tmp_path / "a.mkv", flagged=False)) as recording:
        assert all(frame.picture.seen is frame.picture.frame for frame in recording.frames())
        assert recording.describe() == []


@pytest.mark.parametrize("count", [1, 2])
def test_the_shortest_films_lose_no_frame(count: int, tmp_path: Path) -> None:
    with Recording(interlaced(tmp_path / "a.mkv", count)) as recording:
        assert len(list(recording.frames())) == count


def test_every_picture_keeps_its_own_time(tmp_path: Path) -> None:
    source = interlaced(tmp_path / "a.mkv")
    copy(source, tmp_path / "new.mp4")
    assert look(tmp_path / "new.mp4").times == look(source).times


def test_the_new_film_is_marked_as_interlaced_too(tmp_path: Path) -> None:
    copy(interlaced(tmp_path / "a.mkv"), tmp_path / "new.mp4")
    with av.open(str(tmp_path / "new.mp4")) as container:
        assert all(frame.interlaced_frame for frame in container.decode(video=0))
    copy(interlaced(tmp_path / "b.mkv", flagged=False), tmp_path / "plain.mp4")
    with av.open(str(tmp_path / "plain.mp4")) as container:
        assert not any(frame.interlaced_frame for frame in container.decode(video=0))
