"""The cameras that each system tells of, and their names where those are certain."""

from __future__ import annotations

from pathlib import Path

import pytest
from av.device import DeviceInfo

from emoscope.live import devices
from emoscope.live.devices import cameras


def told(*names: str, kind: str = "video") -> list[DeviceInfo]:
    return [DeviceInfo(str(number), name, False, [kind]) for number, name in enumerate(names)]


def on(system: str, monkeypatch: pytest.MonkeyPatch, *found: DeviceInfo) -> None:
    """Has the tests run on another system, whose list holds these devices."""
    monkeypatch.setattr(devices.sys, "platform", system)
    monkeypatch.setattr("av.device.enumerate_input_devices", lambda kind: list(found))


def test_linux_numbers_its_nodes_and_the_kernel_names_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices.sys, "platform", "linux")
    monkeypatch.setattr(devices, "NODES", tmp_path)
    monkeypatch.setattr(devices, "NAMES", tmp_path)
    for node in ("video10", "video2", "audio0"):
        (tmp_path / node).touch()
    assert cameras() == {2: "", 10: ""}
    (tmp_path / "video2").unlink()
    (tmp_path / "video2").mkdir()
    (tmp_path / "video2" / "name").write_text("HD Webcam\n")
    assert cameras() == {2: "HD Webcam", 10: ""}


def test_windows_counts_as_its_list_does(monkeypatch: pytest.MonkeyPatch) -> None:
    on("win32", monkeypatch, *told("HD Webcam", "OBS Virtual Camera"), *told("Microphone", kind="audio"))
    assert cameras() == {0: "HD Webcam", 1: "OBS Virtual Camera"}


def test_macos_names_a_single_camera_and_takes_no_screen_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    on("darwin", monkeypatch, *told("FaceTime HD Camera", "Capture screen 0"))
    assert cameras() == {0: "FaceTime HD Camera"}
    on("darwin", monkeypatch, *told("FaceTime HD Camera", "iPhone Camera", "Capture screen 0"))
    assert cameras() == {0: "", 1: ""}


@pytest.mark.parametrize("error", [ValueError("no such format"), OSError("refused"), ImportError("older PyAV")])
def test_a_system_without_a_list_tells_nothing(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(kind: str) -> list[DeviceInfo]:
        raise error

    on("win32", monkeypatch)
    monkeypatch.setattr("av.device.enumerate_input_devices", fail)
    assert cameras() is None
