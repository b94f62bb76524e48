"""`emoscope doctor`: it tells what is wrong, with the cure, and nothing that is not so."""

from __future__ import annotations

import ctypes
import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from emoscope import doctor as module
from emoscope.commands.doctor import doctor
from emoscope.doctor import BAD, GOOD, NOTE, Finding, examine
from emoscope.system import cards as system_cards
from emoscope.system.bundled import pretrained
from emoscope.system.libraries import LIBRARIES, MEDIAPIPE_LIBRARIES, OPENCV_LIBRARIES


def findings(check) -> list[Finding]:
    return list(check())


def test_this_machine_has_what_is_needed():
    assert [finding for finding in examine() if finding.verdict == BAD] == []


def test_a_missing_package_is_bad_and_an_optional_one_is_a_note(monkeypatch: pytest.MonkeyPatch):
    version = module._version
    monkeypatch.setattr(module, "_version", lambda name: "" if name in {"av", "tf2onnx"} else version(name))
    bad = [finding for finding in examine() if finding.verdict == BAD]
    assert bad == [Finding(BAD, "av", "not installed: run `pip install av`")]
    (train,) = [finding for finding in findings(module._extras) if finding.subject == "extra train"]
    assert train.verdict == NOTE
    assert train.detail.startswith("without tf2onnx")
    assert 'pip install "emoscope[train]"' in train.detail


def test_every_extra_that_a_command_needs_is_looked_at():
    """What `setup.cfg` offers, but what bundles others, and what made the shipped networks."""
    config = ConfigParser()
    config.read(Path(__file__).parents[2] / "setup.cfg", "utf-8")
    offered = config["options.extras_require"]
    assert module.EXTRAS.keys() == offered.keys() - {"full", "test", "distil"}
    for extra, names in module.EXTRAS.items():
        assert set(names) <= {re.split(r"[ <=>;]", line)[0] for line in offered[extra].splitlines()}, extra


def test_no_subject_touches_what_is_told_of_it():
    told = CliRunner().invoke(doctor).output.splitlines()
    for finding, line in zip(examine(), told, strict=True):
        assert f"{finding.subject} " in line


def test_unequal_twins_of_opencv(monkeypatch: pytest.MonkeyPatch):
    versions = {"opencv-python": "5.0.0", "opencv-contrib-python": "4.9.0"}
    monkeypatch.setattr(module, "_version", lambda name: versions.get(name, "1.0"))
    (twin,) = findings(module._opencv_twins)
    assert twin.verdict == BAD
    assert "pip install opencv-contrib-python==5.0.0" in twin.detail
    versions["opencv-contrib-python"] = "5.0.0"
    assert findings(module._opencv_twins) == []


def test_a_missing_library_names_its_package(monkeypatch: pytest.MonkeyPatch):
    def refuse(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    found = findings(module._libraries)
    assert {finding.verdict for finding in found} == {BAD}
    assert all(any(name in finding.detail for name in LIBRARIES[finding.subject]) for finding in found)


@pytest.mark.parametrize(
    ("installed", "used", "system", "told"),
    [
        ("", 0, "linux", [(NOTE, 'to train on it run `pip install "emoscope[train]"`')] * 2),
        ("2.21", 0, "linux", [(NOTE, 'does not find it: run `pip install "tensorflow[and-cuda]"`')] * 2),
        ("2.21", 0, "win32", [(NOTE, "train in WSL2")] * 2),
        ("2.21", 1, "linux", [(GOOD, "TensorFlow trains on it"), (NOTE, "does not find it")]),
    ],
)
def test_what_graphics_cards_are_good_for(
    monkeypatch: pytest.MonkeyPatch, installed: str, used: int, system: str, told: list[tuple[str, str]]
):
    """A driver that names two cards, and a TensorFlow that finds some of them."""
    driver = "NVIDIA T4, 7.5\nNVIDIA H200, [N/A]\n"
    monkeypatch.setattr(system_cards, "_answer", lambda command, limit_s: driver if command[0] == "nvidia-smi" else "")
    monkeypatch.setattr(module, "_version", lambda name: installed)
    monkeypatch.setattr(module, "used_by_tensorflow", lambda: used)
    monkeypatch.setattr(system_cards.sys, "platform", system)
    found = findings(module._cards)
    assert [finding.subject for finding in found] == ["card 0", "card 1"]
    assert found[0].detail.startswith("NVIDIA T4, compute capability 7.5: ")
    for finding, (verdict, words) in zip(found, told, strict=True):
        assert finding.verdict == verdict and words in finding.detail


def test_without_a_card_training_is_on_the_processor(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(system_cards, "ASKED", ["no-such-driver"])
    monkeypatch.setattr(module, "_version", lambda name: "2.21")
    assert findings(module._cards) == [Finding(GOOD, "training", "on the processor; no NVIDIA card is found")]
    monkeypatch.setattr(module, "_version", lambda name: "")
    assert findings(module._cards) == []


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_wheels_of_other_systems_bring_their_libraries(monkeypatch: pytest.MonkeyPatch, system: str):
    monkeypatch.setattr(module.sys, "platform", system)
    assert findings(module._libraries) == []


@pytest.mark.parametrize("version", ["", "0.10.33"])
def test_what_mediapipe_needs_is_asked_for_only_where_it_is_installed(monkeypatch: pytest.MonkeyPatch, version: str):
    monkeypatch.setattr(module, "_version", lambda name: version)
    subjects = {finding.subject for finding in findings(module._libraries)}
    assert subjects >= set(OPENCV_LIBRARIES)
    assert (subjects >= set(MEDIAPIPE_LIBRARIES)) == bool(version)


def test_the_screen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    (finding,) = findings(module._display)
    assert (finding.verdict, "DISPLAY is not set" in finding.detail) == (NOTE, True)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert findings(module._display)[0].verdict == GOOD


@pytest.mark.parametrize(
    ("system", "cure"), [("linux", "/dev/video0"), ("darwin", "System Settings"), ("win32", "may desktop apps use it")]
)
def test_cameras_that_open_and_one_that_does_not(monkeypatch: pytest.MonkeyPatch, system: str, cure: str):
    from emoscope.live import camera, devices

    monkeypatch.setattr(module.sys, "platform", system)
    monkeypatch.setattr(devices, "cameras", lambda: {0: "", 3: "HD Webcam"})
    monkeypatch.setattr(camera, "try_camera", lambda number: (640, 480) if number == 3 else None)
    closed, opened = findings(module._cameras)
    assert closed.verdict == NOTE
    assert cure in closed.detail
    assert opened == Finding(GOOD, "camera 3", "HD Webcam: gives 640×480")


def test_where_the_system_has_no_list_only_cameras_that_open_are_told(monkeypatch: pytest.MonkeyPatch):
    from emoscope.live import camera, devices

    monkeypatch.setattr(devices, "cameras", lambda: None)
    monkeypatch.setattr(camera, "try_camera", lambda number: (640, 480) if number == 1 else None)
    assert findings(module._cameras) == [Finding(GOOD, "camera 1", "gives 640×480")]
    monkeypatch.setattr(camera, "try_camera", lambda number: None)
    (none,) = findings(module._cameras)
    assert (none.verdict, none.subject) == (NOTE, "cameras")


def test_every_shipped_file_is_looked_at_and_a_changed_one_is_bad(monkeypatch: pytest.MonkeyPatch):
    names = {finding.subject for finding in findings(module._files)}
    assert {"gmp.onnx", "gmp.activations.onnx", "yunet.onnx", "demo.mp4"} <= names
    monkeypatch.setattr(
        "emoscope.system.bundled.sha256", lambda path: "0" * 64 if path.name == "gmp.onnx" else _sums(path)
    )
    (bad,) = [finding for finding in findings(module._files) if finding.verdict == BAD]
    assert (bad.subject, "SHA-256 differs" in bad.detail) == ("gmp.onnx", True)


def _sums(path: Path) -> str:
    return module.checksums(path.parent)[path.name]


def test_a_package_that_does_not_load_is_a_finding():
    with module._reported("thing") as found:
        raise ImportError("libthing.so is missing")
    assert found == [Finding(BAD, "thing", "does not load (libthing.so is missing)")]


@pytest.mark.parametrize(("verdict", "status"), [(GOOD, 0), (NOTE, 0), (BAD, 1)])
@pytest.mark.parametrize("subject", ["subject", "a.subject.of.more.characters.than.the.column"])
def test_the_command_tells_every_finding_and_fails_only_for_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, verdict: str, status: int, subject: str
):
    monkeypatch.setattr("emoscope.commands.doctor.examine", lambda: [Finding(verdict, subject, "detail")])
    said = CliRunner().invoke(doctor, standalone_mode=False)
    assert said.return_value == status
    assert said.output.split() == [verdict, subject, "detail"]


def test_the_shelf_is_where_the_installation_is():
    assert (pretrained() / "SHA256SUMS").is_file()
