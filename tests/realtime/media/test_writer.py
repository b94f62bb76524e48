"""Writing: the source's times to the tick, its sound packet by packet, its metadata, even edges, upright."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from emoscope.errors import ResultError
from emoscope.media.encoding import Encoding
from emoscope.media.reader import RecordedFrame, Recording
from emoscope.media.span import Span
from emoscope.media.writer import VideoWriter
from tests.realtime.media.films import SIZE, TICK, look, make_film, stripes

UNEVEN = [0, 512, 1024, 4000, 4001, 9000, 9512, 20_000]


def copy(source: Path, target: Path, span: Span | None = None, encoding: Encoding | None = None) -> list[str]:
    """Writes a recording anew with nothing drawn on it; returns what the log heard."""
    heard: list[str] = []
    with (
        Recording(source, span or Span()) as recording,
        VideoWriter(target, recording, encoding or Encoding(preset="ultrafast"), heard.append) as writer,
    ):
        for event in recording:
            if isinstance(event, RecordedFrame):
                writer.picture(event.picture.frame, event.pts)
            else:
                writer.sound(event)
    return heard


@pytest.mark.parametrize("tick", [TICK, Fraction(1, 90_000), Fraction(1, 1000), Fraction(1001, 30_000)])
def test_times_are_kept_to_the_tick(tick: Fraction, tmp_path: Path) -> None:
    source = make_film(
        tmp_path / "uneven.mkv" if tick == Fraction(1, 1000) else tmp_path / "uneven.mp4", UNEVEN, tick=tick
    )
    copy(source, tmp_path / "new.mp4")
    assert look(tmp_path / "new.mp4").times == look(source).times
    assert len(look(tmp_path / "new.mp4").times) == len(UNEVEN)


def test_the_last_picture_is_shown_as_long_as_in_the_source(tmp_path: Path) -> None:
    source = make_film(tmp_path / "slow.mp4", [0, *(512 * number for number in (30, 60, 90, 91, 92))])
    copy(source, tmp_path / "new.mp4")
    with Recording(source) as old, Recording(tmp_path / "new.mp4") as new:
        last = list(old.frames())[-1]
        assert new.end_s == float((last.pts + last.picture.frame.duration) * TICK)


def test_a_late_start_stays_late(tmp_path: Path) -> None:
    source = make_film(tmp_path / "late.mp4", [10_214, 10_614, 11_014], tick=Fraction(1, 11_988), sound=("aac",))
    copy(source, tmp_path / "new.mp4")
    old, new = look(source), look(tmp_path / "new.mp4")
    assert old.times[0] > Fraction(1, 2)
    assert (new.times, new.sound) == (old.times, old.sound)


def test_every_sound_track_is_copied_packet_by_packet(tmp_path: Path) -> None:
    source = make_film(tmp_path / "two.mp4", range(0, 30 * 512, 512), sound=("aac", "mp3"))
    assert copy(source, tmp_path / "new.mp4") == []
    old, new = look(source), look(tmp_path / "new.mp4")
    assert len(new.sound) == 2 and all(len(track) > 20 for track in new.sound)
    assert (new.sound, new.codecs) == (old.sound, old.codecs)


def test_sound_that_mp4_cannot_carry_becomes_aac_and_the_log_says_so(tmp_path: Path) -> None:
    source = make_film(tmp_path / "adpcm.avi", range(30), sound=("adpcm_ima_wav",), codec="mpeg4", tick=Fraction(1, 30))
    heard = copy(source, tmp_path / "new.mp4")
    assert heard == ["sound track 1: adpcm_ima_wav does not fit into MP4, so it becomes AAC"]
    new = look(tmp_path / "new.mp4")
    assert new.codecs == ["aac"]
    assert len(new.sound[0]) * 1024 / 48_000 == pytest.approx(1.0, abs=0.15)


def test_metadata_goes_over(tmp_path: Path) -> None:
    told = {"title": "Interview 7", "artist": "lab", "comment": "second take", "date": "2024-05-01"}
    source = make_film(tmp_path / "told.mp4", metadata=told)
    copy(source, tmp_path / "new.mp4")
    assert told.items() <= look(tmp_path / "new.mp4").metadata.items()


def test_metadata_that_mp4_has_no_place_for_goes_over_as_well(tmp_path: Path) -> None:
    told = {"title": "Interview 7", "SUBJECT_ID": "P017"}
    source = make_film(tmp_path / "told.mkv", metadata=told, tick=Fraction(1, 1000), pts=range(0, 400, 40))
    copy(source, tmp_path / "new.mp4")
    assert told.items() <= look(tmp_path / "new.mp4").metadata.items()


def test_a_codec_that_does_not_take_the_recordings_clock_is_told(tmp_path: Path) -> None:
    source = make_film(tmp_path / "fine.mp4", UNEVEN, tick=Fraction(1, 90_000))
    with pytest.raises(ResultError, match=r"fine.mp4: codec 'mpeg4' does not take this recording .* try libx264"):
        copy(source, tmp_path / "new.mp4", encoding=Encoding("mpeg4"))


def test_odd_edges_grow_by_one_pixel(tmp_path: Path) -> None:
    source = make_film(tmp_path / "odd.avi", range(5), size=(65, 49), codec="mpeg4", tick=Fraction(1, 25))
    assert look(source).size == (65, 49)
    copy(source, tmp_path / "new.mp4")
    assert look(tmp_path / "new.mp4").size == (66, 50)
    with Recording(tmp_path / "new.mp4") as recording:
        picture = recording.first.picture.bgr.astype(int)
    assert np.abs(picture[:, 65] - picture[:, 64]).mean() < 6
    assert np.abs(picture[:49, :65] - stripes(0, (65, 49))).mean() < 14


def test_a_part_starts_at_zero_with_its_sound(tmp_path: Path) -> None:
    source = make_film(tmp_path / "long.mp4", range(0, 300 * 512, 512), sound=("aac",))
    copy(source, tmp_path / "new.mp4", Span(4.0, 6.0))
    new = look(tmp_path / "new.mp4")
    assert new.times == [number * 512 * TICK for number in range(60)]
    assert 0 <= new.sound[0][0][0] < Fraction(1, 20)
    payload = [data for _, data in look(source).sound[0]]
    first = payload.index(new.sound[0][0][1])
    assert [data for _, data in new.sound[0]] == payload[first : first + len(new.sound[0])]
    assert len(new.sound[0]) == pytest.approx(2 * 48_000 / 1024, abs=2)


def test_the_encoder_chooses_its_own_key_frames(tmp_path: Path) -> None:
    source = tmp_path / "all_keys.mp4"
    with av.open(str(source), "w") as container:
        film = container.add_stream("libx264", rate=30, options={"g": "1"})
        film.width, film.height, film.pix_fmt = *SIZE, "yuv420p"
        for number in range(40):
            container.mux(film.encode(av.VideoFrame.from_ndarray(stripes(number), "bgr24")))
        container.mux(film.encode(None))
    copy(source, tmp_path / "new.mp4")
    with av.open(str(tmp_path / "new.mp4")) as container:
        keys = sum(packet.is_keyframe for packet in container.demux(video=0) if packet.size)
    assert keys < 5


def test_another_codec_and_quality(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = make_film(tmp_path / "clip.mp4")
    for crf in (18, 45):
        copy(source, tmp_path / f"{crf}.mp4", encoding=Encoding("libx265", crf, "ultrafast"))
    with av.open(str(tmp_path / "18.mp4")) as container:
        assert container.streams.video[0].codec_context.name == "hevc"
    assert (tmp_path / "45.mp4").stat().st_size < (tmp_path / "18.mp4").stat().st_size
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        (("nonsense", 23, "veryfast"), "not an encoder of this PyAV"),
        (("aac", 23, "veryfast"), "does not encode yuv420p"),
        (("msmpeg4", 23, "veryfast"), "does not work in MP4"),
        (("libx264", 23, "nonsense"), "preset 'nonsense' is none of"),
    ],
)
def test_an_encoding_that_cannot_work_is_told_before_work_starts(encoding: tuple[str, float, str], told: str) -> None:
    with pytest.raises(ResultError, match=told) as caught:
        Encoding(*encoding)
    assert "\n" not in str(caught.value) and "try libx264" in str(caught.value)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="cannot be written"):
        copy(make_film(tmp_path / "clip.mp4"), tmp_path / "nowhere" / "new.mp4")


@pytest.mark.parametrize(
    "name",
    [
        "pyfeat_face_noface.mov",
        "short_hamilton_clip.mp4",
        "vfr_d6_30_10_3_30fps.mp4",
        "imageio_cockatoo.mp4",
        "odd_641x361.avi",
        "rot180_tag_on_upright.mp4",
        "phone_portrait_stored1280x720_displaymatrix.mp4",
        "face.gif",
        "one_frame.mp4",
    ],
)
def test_real_recordings_lose_nothing(name: str, shared: Path, tmp_path: Path) -> None:
    source = shared / "videos" / name
    copy(source, tmp_path / "new.mp4")
    old, new = look(source), look(tmp_path / "new.mp4")
    upright = old.size[::-1] if old.rotation % 180 else old.size
    assert (new.times, new.sound) == (old.times, old.sound)
    assert new.rotation == 0
    assert new.size == tuple(edge + edge % 2 for edge in upright)
