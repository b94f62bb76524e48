"""Pixels that are not square, and films whose pictures change their size: what is looked at, drawn on and stored."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from emoscope.draw.overlay import draw_on
from emoscope.draw.patch import Patch
from emoscope.media.encoding import Encoding
from emoscope.media.planes import Picture, planes
from emoscope.media.reader import Recording
from emoscope.media.shape import SQUARE, Shape, usable
from emoscope.media.writer import VideoWriter
from emoscope.types import Image

RATE = 25


def disc(width: int, height: int, aspect: Fraction = SQUARE) -> Image:
    """A white disc in the middle that is round when the pixels are shown with their aspect."""
    y, x = np.mgrid[:height, :width] + 0.5
    across, down = (x - width / 2) * float(aspect), y - height / 2
    radius = min(width * float(aspect), height) / 4
    return np.where((across**2 + down**2 < radius**2)[..., None], 235, 16).astype(np.uint8).repeat(3, axis=2)


def breadth(gray: Image) -> tuple[int, int]:
    """Width and height of what is bright, in pixels."""
    rows, columns = np.nonzero(gray > 128)
    return int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


def film(path: Path, pictures: Sequence[Image], aspect: Fraction | None = None, codec: str = "mpeg4") -> Path:
    """A film of pictures of one size."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE, options={"qscale": "2", "crf": "10", "b:v": "4M"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "bgr24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def resizing(path: Path, sizes: Sequence[tuple[int, int]], each: int = 4, aspects: Sequence[Fraction] = ()) -> Path:
    """A film in Matroska whose pictures change their size, as WebRTC leaves it: each part is coded for itself."""
    aspects = aspects or [SQUARE] * len(sizes)
    with av.open(str(path), "w") as container:
        track, at = None, 0
        for (width, height), aspect in zip(sizes, aspects, strict=True):
            part = film(path.with_suffix(f".{at}.mkv"), [disc(width, height, aspect)] * each, aspect, "libvpx")
            with av.open(str(part)) as source:
                track = track or container.add_stream_from_template(source.streams.video[0])
                for packet in source.demux(video=0):
                    if packet.size:
                        packet.pts = packet.dts = at * 40
                        packet.time_base, packet.stream = Fraction(1, 1000), track
                        at += 1
                        container.mux(packet)
    return path


def copied(recording: Recording, path: Path) -> list[Picture]:
    """Writes a recording anew; returns its pictures."""
    pictures = []
    with VideoWriter(path, recording, Encoding(preset="ultrafast", crf=5), print) as writer:
        for frame in recording.frames():
            writer.picture(frame.picture.frame, frame.pts)
            pictures.append(frame.picture)
    return pictures


@pytest.mark.parametrize(
    ("stored", "aspect", "square"),
    [
        ((720, 576), Fraction(64, 45), (1024, 576)),
        ((720, 576), Fraction(16, 15), (768, 576)),
        ((720, 480), Fraction(8, 9), (720, 540)),
        ((1440, 1080), Fraction(4, 3), (1920, 1080)),
        ((704, 576), Fraction(12, 11), (768, 576)),
    ],
)
def test_the_shorter_side_of_a_pixel_grows(stored: tuple[int, int], aspect: Fraction, square: tuple[int, int]) -> None:
    assert Shape(*stored, aspect).square == square


@pytest.mark.parametrize("stated", [None, Fraction(0), Fraction(1, 100), Fraction(300), Fraction(-1)])
def test_nonsense_is_square(stated: Fraction | None) -> None:
    assert usable(stated) == SQUARE


@pytest.mark.parametrize("aspect", [Fraction(64, 45), Fraction(8, 11)])
def test_a_disc_is_seen_round_and_stored_as_it_was(aspect: Fraction, tmp_path: Path) -> None:
    source = film(tmp_path / "a.mkv", [disc(180, 144, aspect)] * 3, aspect)
    with Recording(source) as recording:
        pictures = copied(recording, tmp_path / "new.mp4")
        told, json = recording.describe(), recording.as_json()
    picture = pictures[0]
    width, height = Shape(180, 144, aspect).square
    assert (picture.width, picture.height) == (width, height) == (json["width"], json["height"])
    seen = breadth(picture.pixels((0, 0, width, height), gray=True))
    assert abs(seen[0] - seen[1]) <= 2
    across = picture.part((0, 0, width, height), (width // 2, height // 2))[..., 0]
    assert abs(breadth(across)[0] - breadth(across)[1]) <= 2
    assert picture.bgr.shape == (height, width, 3)
    assert told == [f"pixels of {aspect.numerator}:{aspect.denominator}: looked at, and drawn on, as {width}×{height}"]
    with av.open(str(tmp_path / "new.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.sample_aspect_ratio) == (180, 144, aspect)


def test_a_turned_film_has_its_pixels_turned_with_it(tmp_path: Path) -> None:
    aspect = Fraction(4, 3)
    source = film(tmp_path / "a.mp4", [disc(96, 64, aspect)] * 2, aspect)
    with av.open(str(source)) as old, av.open(str(tmp_path / "turned.mp4"), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        stream.set_display_rotation(90)
        for packet in old.demux(video=0):
            if packet.size:
                packet.stream = stream
                new.mux(packet)
    with Recording(tmp_path / "turned.mp4") as recording:
        picture = recording.first.picture
        assert recording.aspect == Fraction(3, 4)
    assert (picture.frame.width, picture.frame.height) == (64, 96)
    assert (picture.width, picture.height) == (64, 128)
    seen = breadth(picture.pixels((0, 0, 64, 128), gray=True))
    assert abs(seen[0] - seen[1]) <= 2


def test_what_is_drawn_keeps_its_proportions_when_the_film_is_shown() -> None:
    frame = av.VideoFrame(720, 576, "yuv420p")
    for plane in planes(frame):
        plane[...] = 16
    frame.color_range = 1
    sheet = np.zeros((100, 128, 4), np.uint8)
    sheet[..., :3] = 255
    draw_on(frame, [Patch(512, 200, sheet)], (720 / 1024, 1))
    rows, columns = np.nonzero(planes(frame)[0] > 128)
    assert (columns.min(), columns.max() + 1) == (360, 450)
    assert (rows.min(), rows.max() + 1) == (200, 300)


def test_a_smaller_picture_is_shown_as_large_as_it_fits_and_never_stretched() -> None:
    assert Shape(1280, 720).place(Shape(320, 180)) == (0, 0, 1280, 720)
    assert Shape(640, 360).place(Shape(360, 640)) == (218, 0, 202, 360)
    assert Shape(720, 576, Fraction(64, 45)).place(Shape(576, 576)) == (158, 0, 404, 576)


def test_a_film_that_grows_is_known_to_and_gets_the_largest_size(tmp_path: Path) -> None:
    source = resizing(tmp_path / "a.mkv", [(160, 96), (320, 192), (96, 160)])
    with Recording(source) as recording:
        list(recording.frames())
        assert recording.outgrown
        largest = recording.handling.largest
    assert largest == Shape(320, 192)
    with Recording(source, canvas=largest) as recording:
        pictures = copied(recording, tmp_path / "new.mp4")
        assert not recording.outgrown
        told = "changes its size: 160×96 (4 frames), 320×192 (4 frames), 96×160 (4 frames)"
        assert recording.describe() == [f"{told}; all are shown in 320×192, none stretched"]
    assert {(one.width, one.height, one.frame.width, one.frame.height) for one in pictures} == {(320, 192) * 2}
    with av.open(str(tmp_path / "new.mp4")) as container:
        shown = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert [one.shape for one in shown] == [(192, 320)] * 12
    for gray, size in ((shown[0], 96), (shown[5], 96), (shown[10], 57)):
        across, down = breadth(gray)
        assert abs(across - down) <= 2
        assert abs(down - size) <= 4
    assert shown[10][:, :100].max() < 40  # black beside the picture that stands upright
    assert shown[10][:, 220:].max() < 40


def test_the_shapes_ahead_are_learnt_without_the_pictures(tmp_path: Path) -> None:
    source = resizing(tmp_path / "a.mkv", [(160, 96), (320, 192), (640, 384)])
    with Recording(source) as recording:
        for _ in recording.shapes_ahead():
            pass
        assert recording.handling.largest == Shape(640, 384)


def test_each_picture_keeps_its_own_size_where_nothing_is_written(tmp_path: Path) -> None:
    source = resizing(tmp_path / "a.mkv", [(160, 96), (320, 192), (96, 160)])
    with Recording(source, fixed=False) as recording:
        sizes = [(frame.picture.width, frame.picture.height) for frame in recording.frames()]
    assert sizes == [(160, 96)] * 4 + [(320, 192)] * 4 + [(96, 160)] * 4


def test_the_border_of_a_smaller_picture_is_repeated_for_those_who_look(tmp_path: Path) -> None:
    source = resizing(tmp_path / "a.mkv", [(320, 192), (96, 160)])
    with Recording(source) as recording:
        last = [frame.picture for frame in recording.frames()][-1]
    grey = last.pixels((0, 0, 320, 192), gray=True)
    assert np.abs(grey[:, 40].astype(int) - grey[:, 120]).max() <= 8
