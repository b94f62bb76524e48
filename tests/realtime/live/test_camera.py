"""A camera that is not there, stops, comes back, or changes its picture: played by a stand-in for OpenCV's."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import cv2
import numpy as np
import pytest

from emoscope.errors import SourceError
from emoscope.live import camera as module
from emoscope.live import opening
from emoscope.live.camera import MISSES, Camera, try_camera
from emoscope.live.feed import Feed
from emoscope.live.opening import next_camera
from tests.realtime.live.doubles import ListSource
from tests.realtime.tiny import gray
from tests.waiting import PATIENCE_S, until


class Device:
    """What `cv2.VideoCapture` would be: frames from a script, in which None is a frame that does not come."""

    script: Iterator[np.ndarray | None] = iter(())
    opens: Iterator[bool] = iter(())
    numbers: tuple[int, ...] = (0,)
    asked: dict[int, float] = {}  # noqa: RUF012
    released = 0

    def __init__(self, number: int, back_end: int) -> None:
        self._open = number in Device.numbers and next(Device.opens, True)

    def isOpened(self) -> bool:  # noqa: N802
        return self._open

    def read(self) -> tuple[bool, np.ndarray | None]:
        image = next(Device.script, None)
        return image is not None, image

    def get(self, what: int) -> float:
        return {cv2.CAP_PROP_FRAME_WIDTH: 160.0, cv2.CAP_PROP_FRAME_HEIGHT: 120.0}[what]

    def set(self, what: int, value: float) -> bool:
        Device.asked[what] = value
        return True

    def release(self) -> None:
        Device.released += 1


@pytest.fixture(autouse=True)
def device(monkeypatch: pytest.MonkeyPatch) -> type[Device]:
    """OpenCV's cameras replaced, and no waiting between attempts."""
    Device.script, Device.opens, Device.numbers, Device.asked, Device.released = iter(()), iter(()), (0,), {}, 0
    monkeypatch.setattr(module.cv2, "VideoCapture", Device)
    monkeypatch.setattr(module, "PAUSES_S", (0.01, 0.02))
    for place in (module, opening):
        monkeypatch.setattr(place, "cameras", lambda: Device.numbers and dict.fromkeys(Device.numbers, "Webcam"))
    return Device


def test_gives_frames_with_a_clock_of_its_own(device: type[Device]):
    device.script = iter([gray(1), gray(2)])
    with Camera(0) as camera:
        first, second = camera.read(), camera.read()
    assert (first.index, second.index) == (0, 1)
    assert 0 <= first.time_s < second.time_s
    assert np.all(second.image == 2)
    assert camera.is_camera
    assert camera.size == (160, 120)
    assert device.released == 1


def test_asks_for_size_rate_and_a_short_queue(device: type[Device]):
    Camera(0, (1280, 720), 15.0).close()
    assert device.asked == {
        cv2.CAP_PROP_FRAME_WIDTH: 1280,
        cv2.CAP_PROP_FRAME_HEIGHT: 720,
        cv2.CAP_PROP_FPS: 15,
        cv2.CAP_PROP_BUFFERSIZE: 1,
    }


def test_a_few_missing_frames_are_waited_for(device: type[Device]):
    device.script = iter([*[None] * (MISSES - 1), gray(7)])
    with Camera(0) as camera:
        assert camera.read().image[0, 0, 0] == 7
    assert device.released == 1


def test_a_lost_camera_is_opened_again_and_says_so_meanwhile(device: type[Device], monkeypatch: pytest.MonkeyPatch):
    device.script = iter([gray(1), *[None] * MISSES, gray(2)])
    device.opens = iter([True, False, False, True])
    notices: list[str] = []
    with Camera(0) as camera:
        wait = camera._stirred.wait
        monkeypatch.setattr(camera._stirred, "wait", lambda pause_s: notices.append(camera.notice) or wait(pause_s))
        first, second = camera.read(), camera.read()
    assert notices == ["camera 0 lost • trying again"] * 3
    assert camera.notice == ""
    assert (second.index, second.image[0, 0, 0]) == (1, 2)
    assert second.time_s > first.time_s


def test_pauses_between_attempts_grow(device: type[Device], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PAUSES_S", (1, 2, 4))
    device.script = iter([*[None] * MISSES, gray(2)])
    device.opens = iter([True, *[False] * 5, True])
    pauses: list[float] = []
    with Camera(0) as camera:
        monkeypatch.setattr(camera._stirred, "wait", lambda pause_s: bool(pauses.append(pause_s)))
        camera.read()
    assert pauses == [1, 2, 4, 4, 4, 4]


def test_closing_ends_the_attempts(device: type[Device], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PAUSES_S", (10 * PATIENCE_S,))
    camera, came = Camera(0), []
    reader = Thread(target=lambda: came.append(camera.read()), daemon=True)
    reader.start()
    until(lambda: camera.notice)
    camera.close()
    reader.join(PATIENCE_S)
    assert came == [None]


def test_a_lost_camera_can_be_left_for_the_next_one(device: type[Device], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PAUSES_S", (10 * PATIENCE_S,))
    lost, after, refusals = Camera(0), ListSource([gray(9)]), []
    with Feed(lost) as feed:
        until(lambda: lost.notice)
        feed.change(lambda: next_camera(lost), refusals.append)
        until(lambda: refusals)
        feed.change(lambda: after, refusals.append)
        until(lambda: feed.source is after)
        assert feed.newest.take(PATIENCE_S).image[0, 0, 0] == 9
    assert refusals == ["no other camera opens"]


def test_a_camera_may_change_its_size(device: type[Device]):
    device.script = iter([gray(1, 160, 120), gray(1, 64, 48)])
    with Camera(0) as camera:
        assert [camera.read().image.shape[:2] for _ in range(2)] == [(120, 160), (48, 64)]


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ((), "this machine has no camera: plug one in"),
        ((1, 4), r"there are 1 \(Webcam\), 4 \(Webcam\): name one of these"),
    ],
)
def test_a_camera_that_is_not_there(device: type[Device], numbers: tuple[int, ...], reason: str):
    device.numbers = numbers
    with pytest.raises(SourceError, match=f"camera 0 does not open; {reason}"):
        Camera(0)


def test_a_camera_that_another_program_uses(device: type[Device]):
    device.opens = iter([False])
    with pytest.raises(SourceError, match="another program may be using it"):
        Camera(0)
    assert try_camera(0) == (160, 120)
    device.opens = iter([False])
    assert try_camera(0) is None


def test_where_the_system_has_no_list_numbers_are_tried(device: type[Device], monkeypatch: pytest.MonkeyPatch):
    for place in (module, opening):
        monkeypatch.setattr(place, "cameras", lambda: None)
    device.numbers = (0, 2)
    assert next_camera(Camera(0)).number == 2
    with pytest.raises(SourceError, match="camera 5 does not open; another program may be using it"):
        Camera(5)


def test_the_next_camera_is_the_next_that_opens(device: type[Device]):
    device.numbers = (0, 2, 5)
    camera = Camera(2)
    assert next_camera(camera).number == 5
    device.opens = iter([False, True])
    assert next_camera(camera).number == 0
    device.opens = iter([False, False])
    with pytest.raises(SourceError, match="no other camera opens"):
        next_camera(camera)
    with pytest.raises(SourceError, match="this is no camera"):
        next_camera(ListSource([gray()]))


def test_opencv_says_nothing_of_a_camera_that_is_not_there(capfd: pytest.CaptureFixture[str]):
    usual = cv2.utils.logging.getLogLevel()
    with pytest.raises(SourceError):
        Camera(97)
    assert capfd.readouterr().err == ""
    assert cv2.utils.logging.getLogLevel() == usual
