"""The virtual camera on a device that keeps what it is given, and its absence in one line."""

from __future__ import annotations

import sys
from typing import Any, ClassVar

import numpy as np
import pytest

from emoscope.errors import SystemLibraryError
from emoscope.sinks.virtual_camera import MAKE, VirtualCamera
from tests.realtime.sinks.samples import marker, sample
from tests.realtime.tiny import gray

pyvirtualcam = pytest.importorskip("pyvirtualcam", reason="the extra `virtual-camera` is not installed")


class Device:
    """A device without a system behind it, as pyvirtualcam wants them."""

    made: ClassVar[list[Device]] = []

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None, **_: Any) -> None:
        self.size, self.sent, self.closed = (width, height), [], False
        Device.made.append(self)

    def send(self, frame: np.ndarray) -> None:
        self.sent.append(np.array(frame).reshape(self.size[1], self.size[0], 3))

    def device(self) -> str:
        return "/dev/video9"

    def native_fourcc(self) -> None:
        return None

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> type[Device]:
    monkeypatch.setattr(Device, "made", [])
    monkeypatch.setitem(pyvirtualcam.camera.BACKENDS, "fake", Device)
    return Device


def test_pictures_arrive_pixel_by_pixel_and_other_sizes_between_bars(device: type[Device]):
    camera = VirtualCamera((161, 120), "fake")
    picture = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    camera.show(picture)
    camera.show(gray(200, 80, 120))
    camera(sample())
    camera.mark(marker())
    camera.close()
    (made,) = device.made
    assert made.size == (160, 120) and made.closed and len(made.sent) == 2
    np.testing.assert_array_equal(made.sent[0], picture)
    assert (made.sent[1][:, 50:110] == 200).all() and (made.sent[1][:, :30] < 40).all()
    assert camera.news() == ["the virtual camera is /dev/video9"] and camera.news() == []


def test_without_a_device_one_line_says_how_to_make_one(monkeypatch: pytest.MonkeyPatch):
    class Nothing:
        def __init__(self, **_: Any) -> None:
            raise RuntimeError("No device found.\nDid you look?")

    monkeypatch.setitem(pyvirtualcam.camera.BACKENDS, "fake", Nothing)
    for system, cure in MAKE.items():
        monkeypatch.setattr(sys, "platform", system)
        with pytest.raises(SystemLibraryError) as caught:
            VirtualCamera((160, 120), "fake")
        assert str(caught.value).startswith(f"there is no virtual camera to give pictures to: {cure} (")
        assert "\n" not in str(caught.value)


def test_a_device_that_goes_away_ends_with_its_reason(device: type[Device], monkeypatch: pytest.MonkeyPatch):
    def gone(self: Device, frame: np.ndarray) -> None:
        raise RuntimeError("error writing frame:\nInvalid argument")

    camera = VirtualCamera((160, 120), "fake")
    monkeypatch.setattr(Device, "send", gone)
    with pytest.raises(SystemLibraryError, match=r"^/dev/video9 takes no more pictures \(error .*\): is it gone, or"):
        camera.show(gray())


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(SystemLibraryError, match=r'pip install "emoscope\[virtual-camera\]"'):
        VirtualCamera((160, 120))
