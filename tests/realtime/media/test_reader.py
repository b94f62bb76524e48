"""Reading: every frame once, its own time, upright; damage passed over and told."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from emoscope.errors import SourceError
from emoscope.media.reader import RecordedFrame, Recording
from emoscope.media.span import Span
from emoscope.processing.reading import share_of
from tests.realtime.media.films import TICK, damage, look, make_film, stripes

DURATION = b"\x44\x89\x88"
"""The head of the element of Matroska in which the duration stands, as a float of eight bytes."""
MILLI = Fraction(1, 1000)
UNEVEN = [0, 512, 1024, 4000, 4001, 9000, 9512, 20_000]


def read(path: Path, span: Span | None = None) -> list[RecordedFrame]:
    with Recording(path, span or Span()) as recording:
        return list(recording.frames())


def test_every_frame_comes_once_with_its_own_time(tmp_path: Path) -> None:
    frames = read(make_film(tmp_path / "uneven.mp4", UNEVEN))
    assert [frame.pts for frame in frames] == UNEVEN
    assert [frame.index for frame in frames] == list(range(len(UNEVEN)))
    assert [frame.time_s for frame in frames] == pytest.approx([float(pts * TICK) for pts in UNEVEN])


def test_the_picture_is_what_was_filmed(tmp_path: Path) -> None:
    frame = read(make_film(tmp_path / "clip.mp4"))[3]
    error = np.abs(frame.picture.bgr.astype(int) - stripes(3)).mean()
    assert error < 12
    gray = frame.picture.pixels((40, 0, frame.picture.width, frame.picture.height), gray=True)
    assert np.abs(gray.astype(int) - stripes(3).mean(axis=2)[:, 40:]).mean() < 8


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.gif", "gif", "bgr8"),
        ("a.avi", "mjpeg", "yuvj422p"),
        ("a.mkv", "ffv1", "yuv444p10le"),
        ("a.mov", "png", "rgb24"),
        ("a.mkv", "ffv1", "gray"),
    ],
)
def test_every_kind_of_pixels_becomes_planes_of_the_same_colours(
    name: str, codec: str, pixels: str, tmp_path: Path
) -> None:
    path = make_film(tmp_path / name, range(0, 60, 10), codec=codec, pixels=pixels, tick=Fraction(1, 100))
    frames = read(path)
    assert len(frames) == 6
    quarter = frames[0].picture.bgr[4:20, 4:28].mean(axis=(0, 1))
    expected = (103, 103, 103) if pixels == "gray" else (40, 60, 250)
    assert quarter == pytest.approx(expected, abs=30 if pixels == "bgr8" else 12)


def test_the_brightness_of_full_range_is_not_stretched(tmp_path: Path) -> None:
    path = make_film(tmp_path / "a.avi", range(6), codec="mjpeg", pixels="yuvj420p", tick=Fraction(1, 25))
    picture = read(path)[0].picture
    whole = (0, 0, picture.width, picture.height)
    np.testing.assert_array_equal(picture.pixels(whole, gray=True), picture.luma)


def test_a_part_knows_its_frames_numbers(tmp_path: Path) -> None:
    path = make_film(tmp_path / "long.mp4", range(0, 400 * 512, 512))
    whole = read(path)
    part = read(path, Span(10.0, 10.5))
    expected = [frame for frame in whole if 10.0 <= frame.time_s < 10.5]
    assert len(part) == 15
    assert [(frame.index, frame.pts) for frame in part] == [(frame.index, frame.pts) for frame in expected]


@pytest.mark.parametrize("start_s", [1.4, 2.5, 5.0, 7.3])
def test_a_part_of_a_transport_stream_begins_where_it_should(start_s: float, tmp_path: Path) -> None:
    path = make_film(tmp_path / "long.ts", range(0, 250 * 3000, 3000), tick=Fraction(1, 90_000), sound=("aac",))
    whole, part = read(path), read(path, Span(start_s, start_s + 1))
    expected = [frame for frame in whole if start_s <= frame.time_s < start_s + 1]
    assert len(expected) > 20
    assert [(frame.index, frame.pts) for frame in part] == [(frame.index, frame.pts) for frame in expected]


def test_the_last_frames_before_the_end_of_a_part_are_not_lost_in_the_decoder(tmp_path: Path) -> None:
    path = make_film(tmp_path / "slow.mp4", range(0, 20 * 15_360, 15_360))
    assert [frame.time_s for frame in read(path, Span(end_s=2.7))] == [0, 1, 2]
    assert [frame.time_s for frame in read(path, Span(3.5, 7.5))] == [4, 5, 6, 7]


def test_a_spliced_recording_goes_on_where_its_clock_starts_anew(tmp_path: Path) -> None:
    path = make_film(tmp_path / "one.ts", range(0, 75 * 3000, 3000), tick=Fraction(1, 90_000), sound=("aac",))
    (tmp_path / "two.ts").write_bytes(2 * path.read_bytes())
    with Recording(path) as recording:
        once = list(recording)
    with Recording(tmp_path / "two.ts") as recording:
        events = list(recording)
        assert recording.damage.describe() == ""
    frames = [event for event in events if isinstance(event, RecordedFrame)]
    steps = np.diff([frame.time_s for frame in frames])
    assert len(frames) == 150 and len(events) == 2 * len(once)
    assert np.delete(steps, 74) == pytest.approx([1 / 30] * 148, abs=0.001)
    assert 0.03 < steps[74] < 0.2  # sound goes on a little longer than pictures do
    sound = [float(event.pts * event.time_base) for event in events if not isinstance(event, RecordedFrame)]
    assert np.diff(sound) == pytest.approx([1024 / 48_000] * (len(sound) - 1), abs=0.06)


def test_a_raw_stream_runs_at_the_rate_it_tells_itself(tmp_path: Path) -> None:
    path = make_film(tmp_path / "raw.h264", range(30), tick=Fraction(1, 30))
    with Recording(path) as recording:
        times = [frame.time_s for frame in recording.frames()]
        assert times == pytest.approx([number / 30 for number in range(30)], abs=1e-5)
        told = "30 frames without a time of their own, or with one that is not later: put behind the frame before"
        assert recording.describe() == [told]
        assert recording.as_json()["mended_times"] == 30


def test_a_part_behind_the_end_is_an_error(tmp_path: Path) -> None:
    told = "no picture in the part asked for: its header says that they lie from 0 to 0.4 s"
    with pytest.raises(SourceError, match=told):
        Recording(make_film(tmp_path / "clip.mp4"), Span(start_s=100))
    late = make_film(tmp_path / "late.mkv", range(36_000_000, 36_002_400, 40), tick=MILLI)
    with pytest.raises(SourceError, match=r"they lie from 36000 to 36002\.39 s"):
        Recording(late, Span(0.5, 1))


@pytest.mark.parametrize(("name", "codec"), [("late.mkv", "libx264"), ("late.webm", "libvpx")])
def test_a_whole_matroska_file_whose_clock_begins_late_is_not_cut_off(name: str, codec: str, tmp_path: Path) -> None:
    path = make_film(tmp_path / name, range(1400, 2600, 40), tick=MILLI, codec=codec)
    with Recording(path) as recording:
        times = [frame.time_s for frame in recording.frames()]
        assert (times[0], times[-1]) == (1.4, 2.56)
        assert recording.end_s == pytest.approx(2.6, abs=0.01) and recording.damage.describe() == ""
        assert share_of(2.0, recording) == pytest.approx(0.5, abs=0.01)


def test_a_matroska_header_that_says_the_length_is_understood_and_a_cut_is_told(tmp_path: Path) -> None:
    data = make_film(tmp_path / "late.mkv", range(2000, 5000, 40), tick=MILLI).read_bytes()
    at = data.index(DURATION) + len(DURATION)
    (end_ms,) = struct.unpack(">d", data[at : at + 8])
    (tmp_path / "length.mkv").write_bytes(data[:at] + struct.pack(">d", end_ms - 4000) + data[at + 8 :])
    with Recording(tmp_path / "length.mkv") as recording:
        assert recording.end_s == pytest.approx(3.0, abs=0.05)
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) // 2])
    with Recording(tmp_path / "cut.mkv") as recording:
        assert recording.end_s == pytest.approx(5.0, abs=0.05) and len(list(recording.frames())) > 10
        assert "though its header promises 5.0 s" in recording.damage.describe()


def test_damage_is_counted_and_what_can_be_read_is_read(tmp_path: Path) -> None:
    path = damage(make_film(tmp_path / "hurt.mp4", range(0, 200 * 512, 512), size=(160, 120)), 0.02)
    with Recording(path) as recording:
        frames = list(recording.frames())
        found = recording.damage
    assert found.lost > 0 and found.flawed > 0
    assert len(frames) + found.lost == 200
    assert found.stretches[0][0] < found.stretches[-1][1] < 200 * 512 * TICK
    assert f"{found.lost} damaged picture" in found.describe()
    assert [frame.pts for frame in frames] == sorted({frame.pts for frame in frames})


def test_damage_is_told_the_same_every_time(tmp_path: Path) -> None:
    path = damage(make_film(tmp_path / "hurt.mp4", range(0, 90 * 512, 512), size=(160, 120)), 0.01)
    told = set()
    for _ in range(3):
        with Recording(path) as recording:
            told.add((len(list(recording.frames())), recording.damage.describe()))
    assert len(told) == 1


def test_a_file_that_was_cut_off_says_so(tmp_path: Path) -> None:
    path = make_film(tmp_path / "whole.mkv", range(0, 300_000, 512))
    data = path.read_bytes()
    (tmp_path / "half.mkv").write_bytes(data[: len(data) // 2])
    with Recording(tmp_path / "half.mkv") as recording:
        frames = list(recording.frames())
    assert 50 < len(frames) < 586
    assert "though its header promises" in recording.damage.describe()


def test_a_whole_file_says_nothing(tmp_path: Path) -> None:
    with Recording(make_film(tmp_path / "clip.mp4", sound=("aac",))) as recording:
        list(recording)
        assert recording.damage.describe() == ""


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"\0\0\0\x18ftypisom" + bytes(500), "cut off before its index"),
        (b"no film at all" * 50, "not a recording that PyAV can read"),
    ],
)
def test_what_is_no_film_is_told_in_one_line(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(content)
    with pytest.raises(SourceError, match=told) as caught:
        Recording(tmp_path / "x.mp4")
    assert "\n" not in str(caught.value)
    assert "x.mp4" in str(caught.value)


def test_missing_files_and_folders_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        Recording(tmp_path / "nothing.mp4")
    with pytest.raises(SourceError, match="a folder"):
        Recording(tmp_path)


def test_sound_alone_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "song.m4a"
    with av.open(str(path), "w") as container:
        track = container.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        container.mux(track.encode(frame))
        container.mux(track.encode(None))
    with pytest.raises(SourceError, match="holds no pictures, only sound"):
        Recording(path)


def test_the_file_is_closed_when_reading_fails(tmp_path: Path) -> None:
    path = make_film(tmp_path / "clip.mp4")
    with pytest.raises(ZeroDivisionError), Recording(path) as recording:
        _ = 1 / 0
    with pytest.raises(AssertionError):
        list(recording.container.demux())


def test_a_playlist_opens_no_connection(tmp_path: Path) -> None:
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(SourceError):
        Recording(tmp_path / "list.m3u8")


def test_real_recordings_come_whole(shared: Path) -> None:
    for name in ("vfr_d6_30_10_3_30fps.mp4", "pyfeat_face_noface.mov", "face.gif", "one_frame.mp4"):
        path = shared / "videos" / name
        with Recording(path) as recording:
            times = [frame.pts * recording.time_base for frame in recording.frames()]
            assert recording.damage.describe() == ""
        assert times == look(path).times, name


@pytest.mark.parametrize(
    ("name", "frames", "told"),
    [
        ("bitflips_400.mp4", 178, "2 damaged pictures skipped, 46 pictures kept"),
        ("decord_corrupted.mp4", 49, "1 damaged picture skipped at 3.00 s"),
        ("trunc_faststart_60pct.mp4", 91, "1 damaged picture skipped at 3.13 s; the file ends at 3.2 s"),
        ("trunc_half.mkv", 68, "the file ends at 2.4 s, though its header promises 6.0 s"),
        ("decord_unordered.mov", 4, ""),
    ],
)
def test_real_damage(name: str, frames: int, told: str, shared: Path) -> None:
    with Recording(shared / "damaged" / name) as recording:
        assert len(list(recording.frames())) == frames
    assert recording.damage.describe().startswith(told)
    assert bool(recording.damage.describe()) == bool(told)
