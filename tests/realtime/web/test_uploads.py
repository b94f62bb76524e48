"""Dropped files: what is good comes back in a form of our own, the rest is refused with a reason."""

from __future__ import annotations

import io
from pathlib import Path

import av
import cv2
import numpy as np
import PIL.Image
import pytest

from emoscope.errors import SourceError
from emoscope.system.bundled import assets
from emoscope.web import uploads
from emoscope.web.uploads import accept, fitted


def png(width: int, height: int, **more: object) -> bytes:
    file = io.BytesIO()
    PIL.Image.new("RGB", (width, height), (10, 200, 30)).save(file, "png", **more)
    return file.getvalue()


def test_a_picture_comes_back_upright_and_bounded() -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    shown = accept(png(3000, 1500, exif=exif), "a.png")
    assert shown.media_type == "image/jpeg"
    assert cv2.imdecode(np.frombuffer(shown.data, np.uint8), cv2.IMREAD_COLOR).shape == (1280, 640, 3)


def test_a_video_comes_back_as_mp4_with_its_own_times() -> None:
    shown = accept((assets() / "demo.mp4").read_bytes(), "demo.mp4")
    assert shown.media_type == "video/mp4"
    with av.open(io.BytesIO(shown.data)) as film, av.open(str(assets() / "demo.mp4")) as source:
        frames = [frame.time for frame in film.decode(video=0)]
        times = [frame.time for frame in source.decode(video=0)]
        assert film.streams.video[0].codec_context.name == "h264"
        assert not film.streams.audio
    assert frames == pytest.approx([time - times[0] for time in times], abs=1e-3)


def test_an_animated_gif_is_a_video_and_a_still_one_a_picture() -> None:
    shades = [PIL.Image.new("RGB", (64, 48), (shade, 0, 0)) for shade in (10, 120, 250)]
    for frames, kind in ((shades, "video/mp4"), (shades[:1], "image/jpeg")):
        file = io.BytesIO()
        frames[0].save(file, "gif", save_all=True, append_images=frames[1:], duration=100)
        assert accept(file.getvalue(), "a.gif").media_type == kind


def demo(form: str) -> bytes:
    """The demo clip; a Matroska that is written as a stream tells neither how long it is nor how many frames it has."""
    data, film = (assets() / "demo.mp4").read_bytes(), io.BytesIO()
    if form == "mp4":
        return data
    with av.open(io.BytesIO(data)) as source, av.open(film, "w", form, options={"live": "1"}) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return film.getvalue()


@pytest.mark.parametrize("form", ["mp4", "matroska"])
def test_a_long_video_is_refused(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_VIDEO_S", 2.0)
    with pytest.raises(SourceError, match=r"demo\.mp4: longer than 2 s: cut it, or use `emoscope process`"):
        accept(demo(form), "demo.mp4")


def test_too_many_pixels_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match="8000×6000 takes more than 130 MB of memory to read as PNG"):
        accept(png(8000, 6000), "a.png")
    monkeypatch.setattr(uploads, "MOST_VIDEO_PIXELS", 1000)
    with pytest.raises(SourceError, match="more than 4K"):
        accept((assets() / "demo.mp4").read_bytes(), "demo.mp4")


@pytest.mark.parametrize("form", ["mp4", "matroska"])
@pytest.mark.parametrize("name", ["MOST_FRAMES", "MOST_DECODED"])
def test_a_video_that_takes_too_long_to_decode_is_refused(
    name: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, name, 2)
    if form == "mp4":  # its heading tells: nothing is decoded
        monkeypatch.delattr(uploads, "Recording")
    with pytest.raises(SourceError, match="too many or too large pictures for the page"):
        accept(demo(form), "demo.mp4")


def test_a_video_that_nobody_waits_for_is_left() -> None:
    asked: list[int] = []

    def abandoned() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(SourceError, match="nobody waits"):
        accept((assets() / "demo.mp4").read_bytes(), "demo.mp4", abandoned)
    assert len(asked) == 4


@pytest.mark.parametrize("data", [b"", b"<html>", b"\x00" * 5000, b"GIF89a"])
def test_what_is_neither_is_refused_by_the_name_that_people_know(data: bytes) -> None:
    with pytest.raises(SourceError) as refused:
        accept(data, "thing.mp4")
    assert "thing.mp4" in str(refused.value)
    assert "/proc" not in str(refused.value)


def test_half_a_picture_is_not_taken_for_a_video() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    with pytest.raises(SourceError, match="the picture is damaged"):
        accept(cv2.imencode(".jpg", noise)[1].tobytes()[:2000], "a.jpg")


def test_nothing_is_left_open_or_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = len(list(Path("/proc/self/fd").iterdir()))
    accept((assets() / "demo.mp4").read_bytes(), "demo.mp4")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert list(tmp_path.iterdir()) == []


def test_sizes_keep_their_proportions_and_are_even() -> None:
    assert fitted(1920, 1080, 960) == (960, 540)
    assert fitted(641, 361, 960) == (640, 360)
    assert fitted(3, 1, 960) == (4, 2)


def test_an_animated_webp_comes_back_as_a_film_of_all_its_pictures() -> None:
    frames = [PIL.Image.new("RGB", (64, 48), (level,) * 3) for level in (40, 120, 200)]
    file = io.BytesIO()
    frames[0].save(file, "webp", save_all=True, append_images=frames[1:], duration=200, lossless=True)
    shown = accept(file.getvalue(), "a.webp")
    assert shown.media_type == "video/mp4"
    with av.open(io.BytesIO(shown.data)) as container:
        levels = [frame.to_ndarray(format="gray").mean() for frame in container.decode(video=0)]
    assert levels == pytest.approx([40, 120, 200], abs=6)
