"""What goes along with the pictures: subtitles, chapters, timecode; and which of several films is read."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import pytest

from emoscope.errors import SourceError
from emoscope.media.reader import Recording
from emoscope.media.span import Span
from emoscope.media.subtitles import HEADER
from emoscope.media.timecode import later
from tests.realtime.media.films import make_film
from tests.realtime.media.test_writer import copy

LINES = [(0.2, 0.3, b"0,0,Default,,0,0,0,,One {\\i1}word{\\i0} more"), (0.8, 0.9, b"1,0,Default,,0,0,0,,Two\\Nlines")]
"""Start and end in seconds, and text as SubStation Alpha writes it."""


def subtitled(path: Path, codec: str, seconds: int = 2, spoken: Sequence[tuple[float, float, bytes]] = LINES) -> Path:
    """A film with a track of lines."""
    plain = make_film(path.with_suffix(".plain.mkv"), range(25 * seconds), tick=Fraction(1, 25))
    with av.open(str(plain)) as source, av.open(str(path), "w") as target:
        film = target.add_stream_from_template(source.streams.video[0])
        track = target.add_stream(codec)
        track.metadata["language"] = "deu"
        track.codec_context.subtitle_header = HEADER
        track.codec_context.time_base = track.time_base = Fraction(1, 1000)
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = film
                target.mux(packet)
        for start, end, text in spoken:
            begin, length = round(start * 1000), round((end - start) * 1000)
            made = av.subtitles.subtitle.SubtitleSet.create(text=text, start=0, end=length, pts=begin)
            coded = track.codec_context.encode_subtitle(made)
            coded.pts = coded.dts = begin
            coded.duration, coded.time_base, coded.stream = length, Fraction(1, 1000), track
            target.mux(coded)
    return path


def lines(path: Path) -> list[tuple[float, float, bytes]]:
    """Start, end and text of each line that says something."""
    with av.open(str(path)) as container:
        found = []
        for packet in container.demux(container.streams.subtitles[0]):
            for line in packet.decode() if packet.size > 2 else ():
                start = float(packet.pts * packet.time_base)
                end = start + float(packet.duration * packet.time_base)
                found.append((round(start, 3), round(end, 3), line.ass.split(b",", 8)[-1]))
        return found


@pytest.mark.parametrize(("kind", "codec"), [("mp4", "mov_text"), ("mkv", "subrip"), ("mkv", "ass"), ("mkv", "webvtt")])
def test_subtitles_go_along_with_their_times_and_italics(kind: str, codec: str, tmp_path: Path) -> None:
    source = subtitled(tmp_path / f"a.{kind}", codec)
    heard = copy(source, tmp_path / "new.mp4")
    plain = b"{\\r}"  # what MP4's text goes back to after a style
    wanted = [(start, end, text.split(b",", 8)[-1].replace(b"{\\i0}", plain)) for start, end, text in LINES]
    assert lines(tmp_path / "new.mp4") == wanted
    with av.open(str(tmp_path / "new.mp4")) as container:
        track = container.streams.subtitles[0]
        assert (track.codec_context.name, track.language) == ("mov_text", "deu")
    assert len(heard) == (codec != "mov_text")
    assert all("so it becomes mov_text" in one for one in heard)


@pytest.mark.parametrize("codec", ["subrip", "ass", "webvtt"])
def test_a_last_line_beyond_the_pictures_is_no_sign_of_a_cut_and_a_cut_is_still_told(
    codec: str, tmp_path: Path
) -> None:
    source = subtitled(tmp_path / "a.mkv", codec, seconds=4, spoken=[*LINES, (3.5, 9.0, LINES[0][2])])
    with Recording(source) as recording:
        assert len(list(recording.frames())) == 100 and recording.damage.describe() == ""
    data = source.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) // 2])
    with Recording(tmp_path / "cut.mkv") as recording:
        list(recording)
        assert "though its header promises 9.0 s" in recording.damage.describe()


def test_a_film_whose_clock_begins_before_zero_says_how_rows_and_film_differ(tmp_path: Path) -> None:
    """As a broadcast's does, whose 33 bits run over every 26.5 hours."""
    plain = make_film(tmp_path / "plain.mkv", range(100), tick=Fraction(1, 25), codec="mpeg2video")
    early = {"output_ts_offset": "95442"}
    with av.open(str(plain)) as source, av.open(str(tmp_path / "a.ts"), "w", options=early) as target:
        film = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = film
                target.mux(packet)
    with Recording(tmp_path / "a.ts") as recording:
        times = [frame.time_s for frame in recording.frames()]
        assert len(times) == 100 and times[0] < -1 < 1 < times[-1]
        told = f"its clock begins at {times[0]:.3f} s, as in its rows"
        assert f"{told}; MP4 has no time before 0, so the new film begins there" in recording.describe()
        assert told in recording.describe(film=False)


def test_subtitles_of_a_part_are_on_its_clock(tmp_path: Path) -> None:
    source = subtitled(tmp_path / "a.mkv", "subrip")
    copy(source, tmp_path / "new.mp4", Span(0.24, 0.84))
    found = [(start, end) for start, end, _ in lines(tmp_path / "new.mp4")]
    assert found == [(0.0, 0.06), (0.56, 0.66)]


def test_pictures_as_subtitles_are_left_out_and_told(tmp_path: Path) -> None:
    source = subtitled(tmp_path / "a.mkv", "subrip")
    data = source.read_bytes().replace(b"S_TEXT/UTF8", b"S_HDMV/PGS\0")
    source.write_bytes(data)
    heard = copy(source, tmp_path / "new.mp4")
    assert heard == ["subtitle track 1: pgssub does not fit into MP4, so it is left out"]
    with av.open(str(tmp_path / "new.mp4")) as container:
        assert not container.streams.subtitles


def test_pictures_of_a_dvd_go_along_with_their_colours(tmp_path: Path) -> None:
    plain, source = make_film(tmp_path / "plain.mkv", range(50), tick=Fraction(1, 25)), tmp_path / "a.mkv"
    palette = ", ".join(f"{number:06x}" for number in range(16))
    with av.open(str(plain)) as old, av.open(str(source), "w") as new:
        film, track = new.add_stream_from_template(old.streams.video[0]), new.add_stream("dvdsub")
        track.codec_context.extradata = f"palette: {palette}\n".encode()
        track.codec_context.subtitle_header, track.codec_context.time_base = HEADER, Fraction(1, 1000)
        for packet in old.demux(video=0):
            if packet.size:
                packet.stream = film
                new.mux(packet)
        picture = av.Packet(b"\0\6\0\4and so on")
        picture.pts = picture.dts = 400
        picture.duration, picture.time_base, picture.stream = 300, Fraction(1, 1000), track
        new.mux(picture)
    assert copy(source, tmp_path / "new.mp4") == []
    with av.open(str(source)) as old, av.open(str(tmp_path / "new.mp4")) as new:
        tracks = [one.streams.subtitles[0] for one in (old, new)]
        packets = [next(p for p in one.demux(one.streams.subtitles[0]) if p.size > 2) for one in (old, new)]
        assert tracks[0].codec_context.extradata == tracks[1].codec_context.extradata
        assert bytes(packets[0]) == bytes(packets[1])
        assert [float(p.pts * p.time_base) for p in packets] == [0.4, 0.4]


def test_a_line_behind_the_last_picture_is_no_damage_and_hides_none(tmp_path: Path) -> None:
    source = subtitled(tmp_path / "a.mkv", "subrip")
    with Recording(source) as recording:
        list(recording)
        assert not recording.damage


@pytest.mark.parametrize(
    ("start", "frames", "rate", "after"),
    [
        ("01:02:03:04", 25, Fraction(25), "01:02:04:04"),
        ("23:59:59:24", 1, Fraction(25), "00:00:00:00"),
        ("00:00:59;29", 1, Fraction(30_000, 1001), "00:01:00;02"),  # the numbers 0 and 1 are dropped
        ("00:09:59;29", 1, Fraction(30_000, 1001), "00:10:00;00"),  # but not at the tenth minute
        ("00:00:00;00", 17_982, Fraction(30_000, 1001), "00:10:00;00"),
        ("00:00:59;59", 1, Fraction(60_000, 1001), "00:01:00;04"),
        ("00:00:00:00", 30, Fraction(30_000, 1001), "00:00:01:00"),
        ("no timecode", 30, Fraction(25), "no timecode"),
    ],
)
def test_timecode_of_a_later_frame(start: str, frames: int, rate: Fraction, after: str) -> None:
    assert later(start, frames, rate) == after


def test_timecode_and_chapters_stay_and_those_of_a_part_are_the_part_s(tmp_path: Path) -> None:
    source = tmp_path / "a.mov"
    plain = make_film(tmp_path / "plain.mkv", range(50), tick=Fraction(1, 25))
    with av.open(str(plain)) as old, av.open(str(source), "w") as new:
        film = new.add_stream_from_template(old.streams.video[0])
        film.metadata["timecode"] = "10:00:00:00"
        new.set_chapters(
            [
                {"id": 1, "start": 0, "end": 800, "time_base": Fraction(1, 1000), "metadata": {"title": "One"}},
                {"id": 2, "start": 800, "end": 2000, "time_base": Fraction(1, 1000), "metadata": {"title": "Two"}},
            ]
        )
        for packet in old.demux(video=0):
            if packet.size:
                packet.stream = film
                new.mux(packet)
    for span, timecode, chapters in (
        (Span(), "10:00:00:00", [("One", 0, 0.8), ("Two", 0.8, 2)]),
        (Span(0.4, 1.6), "10:00:00:10", [("One", 0, 0.4), ("Two", 0.4, 1.2)]),
        (Span(1.0), "10:00:01:00", [("Two", 0, 1)]),
    ):
        copy(source, tmp_path / "new.mp4", span)
        with av.open(str(tmp_path / "new.mp4")) as container:
            assert container.streams.video[0].metadata["timecode"] == timecode
            found = [
                (
                    one["metadata"]["title"],
                    *(round(float(one[edge] * one["time_base"]), 2) for edge in ("start", "end")),
                )
                for one in container.chapters()
            ]
            assert found == chapters


def test_the_film_of_a_number_is_read_and_the_summary_says_which(tmp_path: Path) -> None:
    small, large = make_film(tmp_path / "s.mkv", size=(64, 48)), make_film(tmp_path / "l.mkv", size=(96, 64))
    with av.open(str(small)) as one, av.open(str(large)) as two, av.open(str(tmp_path / "both.mkv"), "w") as both:
        tracks = [both.add_stream_from_template(source.streams.video[0]) for source in (one, two)]
        for source, track in zip((one, two), tracks, strict=True):
            for packet in source.demux(video=0):
                if packet.size:
                    packet.stream = track
                    both.mux(packet)
    for number, width in ((None, 96), (0, 64), (1, 96)):
        with Recording(tmp_path / "both.mkv", film=number) as recording:
            assert recording.first.picture.width == width
            chosen = 1 if number is None else number
            assert recording.as_json()["video_stream"] == chosen
            assert recording.as_json()["video_streams"] == [0, 1]
            assert recording.describe() == [f"video stream {chosen} is read, of 0, 1: --video-stream chooses another"]
    with pytest.raises(SourceError, match=r"both\.mkv: has no video stream 2: it has 0, 1"):
        Recording(tmp_path / "both.mkv", film=2)
