"""The cameras that each system tells of, and their names where those are certain."""

from __future__ import annotations

from pathlib import Path

import pytest
from av.device import DeviceInfo

from emoscope.cli import run
from emoscope.errors import SourceError
from emoscope.live import devices, opening
from emoscope.live.devices import cameras, cameras_named, listed_cameras


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


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop with its own camera, which has two nodes, and one more."""
    named = {0: "Integrated Camera", 1: "Integrated Camera", 2: "HD Webcam C920", 4: "HD Webcam", 5: ""}
    for module in (devices, opening):
        monkeypatch.setattr(module, "cameras", lambda: named)


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize(
    ("part", "numbers"),
    [("integrated", [0, 1]), ("c920", [2]), ("HD Webcam", [4]), ("Webcam C", [2]), ("nothing", [])],
)
def test_a_camera_is_chosen_by_part_of_its_name(part: str, numbers: list[int]) -> None:
    assert cameras_named(part) == numbers


@pytest.mark.usefixtures("several")
def test_part_of_several_names_is_refused_with_all_of_them() -> None:
    with pytest.raises(SourceError, match=r"HD Webcam C920 \(2\), HD Webcam \(4\): give more of one, or its number"):
        cameras_named("webcam")


@pytest.mark.usefixtures("several")
def test_the_list_is_a_line_a_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    assert listed_cameras().splitlines()[2:] == ["2  HD Webcam C920", "4  HD Webcam", "5"]
    monkeypatch.setattr(devices, "cameras", dict)
    assert listed_cameras() == "there is no camera"
    monkeypatch.setattr(devices, "cameras", lambda: None)
    assert "emoscope doctor" in listed_cameras()


@pytest.mark.usefixtures("several")
def test_the_first_node_of_a_name_that_opens_is_taken(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def camera(number: int, size: object, fps: object) -> str:
        tried.append(number)
        if number == 0:
            raise SourceError("does not open")
        return "camera"

    monkeypatch.setattr(opening, "Camera", camera)
    assert opening.open_source("integrated") == "camera" and tried == [0, 1]
    with pytest.raises(
        SourceError,
        match=r"^none: no such file; give .*of a camera: Int.*C920 \(2\), HD Webcam \(4\)$",
    ):
        opening.open_source("none")
    (in_folder / "integrated").mkdir()
    with pytest.raises(SourceError, match="picture"):
        opening.open_source("integrated")


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize("command", ["live", "capture"])
def test_the_commands_print_the_list_and_end(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--list-cameras"]) == 0
    assert "4  HD Webcam\n" in capsys.readouterr().out
