"""A stream that plays, breaks off and comes back; and what is no stream."""

from __future__ import annotations

from itertools import pairwise
from threading import Thread

import pytest

from emoscope.errors import SourceError
from emoscope.live import stream as module
from emoscope.live.stream import Stream, is_address, public
from emoscope.types import Frame
from tests.realtime.live.mjpeg import MjpegServer
from tests.realtime.tiny import gray
from tests.waiting import PATIENCE_S, until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch):
    """Short pauses between attempts."""
    monkeypatch.setattr(module, "PAUSES_S", (0.05, 0.1))


def test_addresses_are_told_from_paths():
    assert is_address("rtsp://host:554/a")
    assert not is_address("clips/a.mp4")
    assert not is_address("/dev/video0")


def test_gives_its_pictures_as_they_come():
    with MjpegServer() as server, Stream(server.address) as stream:
        assert stream.size == (160, 120)
        assert stream.name == "127.0.0.1"
        frames = [stream.read() for _ in range(3)]
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert all(before.time_s < after.time_s for before, after in pairwise(frames))
    assert abs(float(frames[0].image.mean()) - 200) < 3


def test_a_stream_that_is_cut_off_and_restored_goes_on():
    with MjpegServer() as server:
        stream, port = Stream(server.address), server.port
        stream.read()
    ended: list[Frame | None] = []
    reader = Thread(target=lambda: ended.append(_until_shade(stream, 60)), daemon=True)
    reader.start()
    until(lambda: stream.notice)
    assert stream.notice == "127.0.0.1 lost • trying again"
    with MjpegServer(port, gray(60, 64, 48)):
        reader.join(PATIENCE_S)
        stream.close()
    assert ended[0].image.shape == (48, 64, 3)
    assert stream.notice == ""


def test_closing_ends_the_attempts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PAUSES_S", (10 * PATIENCE_S,))
    with MjpegServer() as server:
        stream = Stream(server.address)
        stream.read()
    reader = Thread(target=_until_shade, args=(stream, 0), daemon=True)
    reader.start()
    until(lambda: stream.notice)
    stream.close()
    reader.join(PATIENCE_S)
    assert not reader.is_alive()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/none", "nonsense://a", "file:///nowhere.mp4", "rtsp://"])
def test_nothing_there(address: str):
    with pytest.raises(SourceError) as caught:
        Stream(address)
    assert str(caught.value).startswith(f"{address}: no stream there")
    assert "check address and network" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("rtsp://user:secr@t@cam.local:554/live?token=abc&x=1", "rtsp://…@cam.local:554/live?token=…&x=…"),
        ("http://host/film.mjpg", "http://host/film.mjpg"),
        ("rtsp://user:secret@[bad", "rtsp://…"),
    ],
)
def test_a_password_is_never_told(address: str, told: str):
    assert public(address) == told


def test_what_does_not_open_is_told_without_its_password():
    with pytest.raises(SourceError) as caught:
        Stream("http://user:secret@127.0.0.1:9/film?key=secret")
    assert "secret" not in str(caught.value)


def test_a_page_is_no_stream():
    with MjpegServer() as server:
        server.cut.set()
        with pytest.raises(SourceError):
            Stream(server.address)


def _until_shade(stream: Stream, shade: int) -> Frame | None:
    while (frame := stream.read()) is not None:
        if abs(float(frame.image.mean()) - shade) < 3:
            return frame
    return None
