"""What a name stands for; pictures and folders of them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.errors import SourceError
from emoscope.live.film import Film
from emoscope.live.opening import open_source
from emoscope.live.pictures import PictureFiles
from tests.realtime.clips import make_clip
from tests.realtime.live.doubles import ListSource
from tests.realtime.tiny import gray


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Three pictures of different sizes, and a file that is none."""
    for number, name in enumerate(("c.png", "a.jpg", "b.bmp")):
        cv2.imwrite(str(tmp_path / name), gray(50 * number, 40 + number, 30))
    (tmp_path / "notes.txt").write_text("no picture")
    return tmp_path


def test_a_folder_is_its_pictures_by_name(album: Path):
    with open_source(str(album)) as source:
        assert isinstance(source, PictureFiles)
        assert source.size == (41, 30)
        seen = []
        for _ in range(4):
            frame = source.read()
            seen.append((source.name, source.position, frame.image.shape[1]))
            source.move(+1)
    assert seen == [("a.jpg", "1 / 3", 41), ("b.bmp", "2 / 3", 42), ("c.png", "3 / 3", 40), ("a.jpg", "1 / 3", 41)]


def test_the_position_is_that_of_the_last_picture_until_another_is_read(album: Path):
    with PictureFiles(album) as source:
        source.read()
        source.move(+1)
        assert (source.name, source.position) == ("a.jpg", "1 / 3")


def test_what_earlier_runs_left_in_a_folder_is_shown_by_name_only(album: Path):
    names = ("a.emoscope.png", "film.timeline.png", "a.explain-1.png")
    for name in names:
        (album / name).write_bytes((album / "c.png").read_bytes())
    with PictureFiles(album) as source:
        assert source.read() is not None and source.position == "1 / 3"
    for name in names:
        with PictureFiles(album / name) as source:
            assert source.read() is not None


def test_pictures_are_apart_in_time_and_numbered(album: Path):
    with PictureFiles(album) as source:
        first = source.read()
        source.move(-1)
        second = source.read()
    assert (first.index, second.index) == (0, 1)
    assert second.time_s - first.time_s > 2
    assert source.name == "c.png"


def test_one_picture_is_given_once_and_waiting_ends_with_closing(album: Path):
    from threading import Timer

    source = open_source(str(album / "a.jpg"))
    assert source.read().image.shape == (30, 41, 3)
    assert source.position == ""
    Timer(0.05, source.close).start()
    assert source.read() is None


def test_a_picture_that_cannot_be_read_is_passed_over_with_a_notice(album: Path):
    (album / "b.bmp").write_bytes(b"<html>")
    with PictureFiles(album) as source:
        source.read()
        assert source.notice == "not read, no picture by their names: 1 file (notes.txt)"
        for step, name in ((+1, "c.png"), (-1, "a.jpg")):
            source.move(step)
            source.read()
            assert source.name == name
            assert source.notice.startswith("b.bmp: not a picture")
        source.move(-1)
        source.read()
        assert (source.name, source.notice) == ("c.png", "")


def test_a_folder_may_begin_with_a_picture_that_cannot_be_read(album: Path):
    (album / "a.jpg").write_bytes(b"<html>")
    with PictureFiles(album) as source:
        assert source.size == (42, 30)
        assert source.read().image.shape == (30, 42, 3)
        assert source.position == "2 / 3"
        assert "a.jpg: not a picture" in source.notice


def test_a_folder_of_pictures_none_of_which_can_be_read(album: Path):
    for name in ("a.jpg", "b.bmp", "c.png"):
        (album / name).write_bytes(b"<html>")
    with pytest.raises(SourceError, match="not a picture"):
        PictureFiles(album)


def test_a_folder_without_pictures(tmp_path: Path):
    with pytest.raises(SourceError, match="holds no pictures"):
        open_source(str(tmp_path))


def test_a_picture_that_is_none(tmp_path: Path):
    (tmp_path / "a.jpg").write_bytes(b"<html>")
    with pytest.raises(SourceError, match="not a picture; EmoScope reads AVIF, BMP"):
        open_source(str(tmp_path / "a.jpg"))


def test_a_picture_with_an_exif_turn_stands_upright(tmp_path: Path):
    path = tmp_path / "turned.jpg"
    done, data = cv2.imencode(".jpg", gray(90, 60, 20))
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    path.write_bytes(data.tobytes()[:2] + segment + data.tobytes()[2:])
    assert done
    assert open_source(str(path)).read().image.shape == (60, 20, 3)


def test_a_film_by_its_path(tmp_path: Path):
    with open_source(str(make_clip(tmp_path / "clip.mp4"))) as source:
        assert isinstance(source, Film)
        assert source.size == (64, 48)


def test_nothing_of_that_name():
    with pytest.raises(SourceError, match=r"nowhere\.mp4: no such file; give a camera number"):
        open_source("nowhere.mp4")


def test_numbers_and_addresses_are_told_apart(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("emoscope.live.opening.Camera", lambda number, size, fps: ("camera", number, size, fps))
    monkeypatch.setattr("emoscope.live.opening.Stream", lambda address: ("stream", address))
    assert open_source("2", (640, 480), 15.0) == ("camera", 2, (640, 480), 15.0)
    assert open_source("rtsp://host/a") == ("stream", "rtsp://host/a")


def test_the_list_source_is_a_source():
    with ListSource([gray(1), gray(2)], fps=10) as source:
        frames = [source.read(), source.read()]
        assert [frame.time_s for frame in frames] == [0.0, 0.1]
        assert source.read() is None
        assert not source.is_camera
        assert source.size == (160, 120)
    assert source.closed
    assert np.all(frames[1].image == 2)
